// Speaks Telegram's Mini App protocol with the frame: its posted messages become what the page draws,
// presses on what the page draws become events. Same shapes as Telegram Web: JSON of {eventType, eventData}.
import { ask, toast } from './dom.js';
import { followLink } from './links.js';
import { store } from './store.js';
import { themeParams } from './theme.js';

const WEB_ORIGIN = 'https://web.telegram.org';
const STORAGE_LIMIT = 4096;
let receiver = null;

// SDKs address their messages to Telegram Web's origin, and the browser would drop them here.
// A frame of the same origin calls this very function, so it can be passed on.
const nativePostMessage = window.postMessage.bind(window);
window.postMessage = (message, target, ...rest) => {
  if (target === WEB_ORIGIN && typeof message === 'string') receiver?.receive(message);
  else nativePostMessage(message, target, ...rest);
};

export class Bridge {
  constructor(frame, host) {
    this.frame = frame;
    this.host = host;
    this.ui = {
      back: false,
      settings: false,
      confirmClosing: false,
      headerColor: '',
      backgroundColor: '',
      bottomColor: '',
      main: bottomButton('main_button_pressed'),
      secondary: { ...bottomButton('secondary_button_pressed'), position: 'left' },
    };
    this.listener = (event) => {
      if (event.source === frame.contentWindow && typeof event.data === 'string') this.receive(event.data);
    };
    window.addEventListener('message', this.listener);
    receiver = this;
    this.sizes = new ResizeObserver(() => this.sendViewport());
    this.sizes.observe(frame);
  }

  close() {
    window.removeEventListener('message', this.listener);
    this.sizes.disconnect();
    if (receiver === this) receiver = null;
  }

  send(eventType, eventData) {
    this.frame.contentWindow?.postMessage(JSON.stringify({ eventType, eventData }), '*');
  }

  receive(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    const { eventType, eventData } = message ?? {};
    const data = typeof eventData === 'string' ? tryParse(eventData) : (eventData ?? {});
    const handler = HANDLERS[eventType];
    if (!handler) return;
    handler(this, data);
    if (/setup|set_/u.test(eventType)) this.host.changed();
  }

  sendViewport() {
    const { clientWidth: width, clientHeight: height } = this.frame;
    this.send('viewport_changed', { width, height, is_state_stable: true, is_expanded: true });
  }
}

function bottomButton(event) {
  return {
    event,
    visible: false,
    active: true,
    text: '',
    color: '',
    textColor: '',
    progress: false,
    shine: false,
  };
}

function tryParse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function setupButton(button, data) {
  const given = {
    visible: data.is_visible,
    active: data.is_active,
    text: data.text,
    color: data.color,
    textColor: data.text_color,
    progress: data.is_progress_visible,
    shine: data.has_shine_effect,
    position: data.position,
  };
  for (const [name, value] of Object.entries(given)) if (value !== undefined) button[name] = value;
  if (button.text.trim() === '') button.visible = false;
}

const color = ({ color: value, color_key }) => {
  const chosen = value ?? (color_key && themeParams()[color_key]) ?? '';
  return /^#[0-9a-f]{6}$/iu.test(chosen) ? chosen : '';
};

const INSETS = { top: 0, bottom: 0, left: 0, right: 0 };

const HANDLERS = {
  iframe_ready: () => {},
  iframe_will_reload: () => {},
  web_app_ready: (bridge) => bridge.host.ready(),
  web_app_close: (bridge) => bridge.host.close(),
  web_app_expand: (bridge) => bridge.sendViewport(),
  web_app_request_theme: (bridge) => bridge.send('theme_changed', { theme_params: themeParams() }),
  web_app_request_viewport: (bridge) => bridge.sendViewport(),
  web_app_request_safe_area: (bridge) => bridge.send('safe_area_changed', INSETS),
  web_app_request_content_safe_area: (bridge) => bridge.send('content_safe_area_changed', INSETS),
  web_app_request_fullscreen: (bridge) => setFullscreen(bridge, true),
  web_app_exit_fullscreen: (bridge) => setFullscreen(bridge, false),
  web_app_setup_main_button: ({ ui }, data) => setupButton(ui.main, data),
  web_app_setup_secondary_button: ({ ui }, data) => setupButton(ui.secondary, data),
  web_app_setup_back_button: ({ ui }, { is_visible }) => {
    ui.back = is_visible === true;
  },
  web_app_setup_settings_button: ({ ui }, { is_visible }) => {
    ui.settings = is_visible === true;
  },
  web_app_setup_closing_behavior: ({ ui }, { need_confirmation }) => {
    ui.confirmClosing = need_confirmation === true;
  },
  web_app_set_header_color: ({ ui }, data) => {
    ui.headerColor = color(data);
  },
  web_app_set_background_color: ({ ui }, data) => {
    ui.backgroundColor = color(data);
  },
  web_app_set_bottom_bar_color: ({ ui }, data) => {
    ui.bottomColor = color(data);
  },
  web_app_open_link: (_, { url }) => {
    if (/^https?:/u.test(url ?? '')) window.open(url, '_blank', 'noopener');
  },
  web_app_open_tg_link: (bridge, { path_full }) => {
    if (followLink(`https://t.me${path_full}`)) return;
    toast(`Telegram would open t.me${path_full}`);
  },
  web_app_open_popup: (bridge, data) => void openPopup(bridge, data),
  web_app_trigger_haptic_feedback: ({ host }, { type, notification_type }) => {
    host.phone.animate(
      [
        { translate: '0' },
        { translate: notification_type === 'error' ? '-4px' : '-1.5px' },
        { translate: '1.5px' },
        { translate: '0' },
      ],
      { duration: type === 'selection_change' ? 80 : 140 },
    );
    navigator.vibrate?.(10);
  },
  web_app_data_send: ({ host }, { data }) => host.sendData(String(data ?? '')),
  web_app_request_write_access: (bridge) => bridge.send('write_access_requested', { status: 'allowed' }),
  web_app_request_phone: (bridge) => bridge.send('phone_requested', { status: 'cancelled' }),
  web_app_read_text_from_clipboard: (bridge, { req_id }) =>
    bridge.send('clipboard_text_received', { req_id, data: null }),
  web_app_invoke_custom_method: (bridge, data) =>
    bridge.send('custom_method_invoked', { req_id: data.req_id, ...cloudStorage(data) }),
  web_app_device_storage_save_key: (bridge, data) => {
    writeValue('device', data.key, data.value);
    bridge.send('device_storage_key_saved', { req_id: data.req_id });
  },
  web_app_device_storage_get_key: (bridge, { req_id, key }) =>
    bridge.send('device_storage_key_received', { req_id, value: readValues('device')[key] ?? null }),
  web_app_device_storage_clear: (bridge, { req_id }) => {
    localStorage.removeItem(storageKey('device'));
    bridge.send('device_storage_cleared', { req_id });
  },
  web_app_secure_storage_save_key: (bridge, { req_id }) =>
    bridge.send('secure_storage_failed', { req_id, error: 'UNSUPPORTED' }),
  web_app_secure_storage_get_key: (bridge, { req_id }) =>
    bridge.send('secure_storage_failed', { req_id, error: 'UNSUPPORTED' }),
  web_app_biometry_get_info: (bridge) => bridge.send('biometry_info_received', { available: false }),
  web_app_check_home_screen: (bridge) => bridge.send('home_screen_checked', { status: 'unsupported' }),
  web_app_check_location: (bridge) => bridge.send('location_checked', { available: false }),
  web_app_request_file_download: (bridge, { url, file_name }) => {
    bridge.send('file_download_requested', { status: 'downloading' });
    if (/^https?:/u.test(url ?? '')) window.open(url, '_blank', 'noopener');
    toast(`Download: ${file_name}`);
  },
  web_app_share_to_story: () => toast('Stories cannot be shared here'),
};

function setFullscreen(bridge, on) {
  bridge.host.phone.classList.toggle('fullscreen', on);
  bridge.send('fullscreen_changed', { is_fullscreen: on });
}

const POPUP_TEXTS = { ok: 'OK', close: 'Close', cancel: 'Cancel' };

async function openPopup(bridge, { title, message, buttons = [] }) {
  const shown = buttons.map(({ id, type, text }) => ({
    id: `id:${id ?? ''}`,
    text: text || POPUP_TEXTS[type] || 'OK',
    danger: type === 'destructive',
  }));
  const chosen = await ask({
    title,
    message,
    buttons: shown.length > 0 ? shown : [{ id: 'id:', text: 'OK' }],
  });
  bridge.send('popup_closed', chosen ? { button_id: chosen.slice(3) } : {});
}

const storageKey = (kind) => `playground-${kind}-${store.data.me.id}`;
const readValues = (kind) => tryParse(localStorage.getItem(storageKey(kind)) ?? '{}');

function writeValue(kind, key, value) {
  const values = readValues(kind);
  if (value === null || value === undefined) delete values[key];
  else values[key] = String(value).slice(0, STORAGE_LIMIT);
  localStorage.setItem(storageKey(kind), JSON.stringify(values));
}

/** Cloud storage lives in the browser, apart for each person. */
function cloudStorage({ method, params = {} }) {
  const values = readValues('cloud');
  switch (method) {
    case 'saveStorageValue':
      writeValue('cloud', params.key, params.value);
      return { result: true };
    case 'getStorageValues':
      return { result: Object.fromEntries([params.keys].flat().map((key) => [key, values[key] ?? ''])) };
    case 'deleteStorageValues':
      for (const key of [params.keys].flat()) writeValue('cloud', key, null);
      return { result: true };
    case 'getStorageKeys':
      return { result: Object.keys(values) };
    default:
      return { error: 'METHOD_NOT_FOUND' };
  }
}
