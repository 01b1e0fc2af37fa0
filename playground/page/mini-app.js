// Right: the Mini App in a phone frame, with the header and the bottom buttons that Telegram draws around it.
import { act } from './api.js';
import { Bridge } from './bridge.js';
import { ask, h, icon, openMenu } from './dom.js';
import { changed, store } from './store.js';
import { onTheme, themeParams } from './theme.js';

const frameSlot = h('div', { class: 'phone-screen' });
const leave = h('button', {
  type: 'button',
  class: 'phone-leave',
  onclick: () => (bridge?.ui.back ? bridge.send('back_button_pressed') : void askToClose()),
});
const name = h('div', { class: 'phone-title' });
const more = h(
  'button',
  {
    type: 'button',
    class: 'icon-button',
    'aria-label': 'Mini App menu',
    onclick: () => openMenu(more, menuItems()),
  },
  icon('more'),
);
const loader = h('div', { class: 'phone-loader' }, h('span', { class: 'spinner' }));
const bottom = h('div', { class: 'phone-bottom', hidden: true });
const head = h('div', { class: 'phone-head' }, leave, name, more);
const phone = h(
  'div',
  { class: 'phone', 'data-testid': 'phone' },
  head,
  h('div', { class: 'phone-body' }, frameSlot, loader),
  bottom,
);
let bridge = null;
let opened = null;

export function mountMiniApp(root) {
  root.append(phone);
  onTheme(() => bridge?.send('theme_changed', { theme_params: themeParams() }));
}

/** @param options {startParam, url, chat, keyboardButton}: where it is opened from decides its launch data. */
export async function openMiniApp(options = {}) {
  const { startParam, url, chat } = options;
  const answer = await act('open', { startParam, url, chat, theme: themeParams() });
  if (!answer) return;
  bridge?.close();
  opened = { options, by: store.as };
  const frame = h('iframe', {
    class: 'phone-frame',
    title: 'Mini App',
    'data-testid': 'mini-app-frame',
    allow: 'clipboard-read; clipboard-write; microphone; fullscreen',
    sandbox:
      'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-modals allow-downloads',
  });
  loader.hidden = false;
  frame.addEventListener('load', () => {
    loader.hidden = true;
  });
  bridge = new Bridge(frame, {
    changed: showFrame,
    close: () => closeMiniApp(),
    reload: () => void openMiniApp(options),
    ready: () => {
      loader.hidden = true;
    },
    sendData: (data) => {
      if (options.keyboardButton) void act('webAppData', { data, button: options.keyboardButton });
      closeMiniApp();
    },
    phone,
  });
  frame.src = answer.url;
  frameSlot.replaceChildren(frame);
  store.panel = 'app';
  showFrame();
  changed();
}

function closeMiniApp() {
  bridge?.close();
  bridge = null;
  opened = null;
  frameSlot.replaceChildren();
  if (store.panel === 'app') store.panel = null;
  changed();
}

async function askToClose() {
  const buttons = [
    { id: '', text: 'Stay' },
    { id: 'close', text: 'Close', danger: true },
  ];
  if (
    !bridge?.ui.confirmClosing ||
    (await ask({ message: 'Changes that you made may not be saved.', buttons })) === 'close'
  )
    closeMiniApp();
}

function menuItems() {
  return [
    ...(bridge?.ui.settings
      ? [{ text: 'Settings', icon: 'tools', run: () => bridge.send('settings_button_pressed') }]
      : []),
    { text: 'Reload', icon: 'reload', run: () => void openMiniApp(opened.options) },
    { text: 'Close', icon: 'close', danger: true, run: () => void askToClose() },
  ];
}

/** Another person gets another session: the frame of the one before is closed. */
export function showMiniApp(root) {
  if (opened && opened.by !== store.as) closeMiniApp();
  root.hidden = store.panel !== 'app';
}

function showFrame() {
  if (!bridge) return;
  const { ui } = bridge;
  const back = ui.back;
  leave.replaceChildren(icon(back ? 'back' : 'close'), back ? 'Back' : 'Close');
  leave.setAttribute('aria-label', back ? 'Back' : 'Close the Mini App');
  name.textContent = store.data.bot.first_name;
  head.style.background = ui.headerColor;
  head.style.color = ui.headerColor ? readable(ui.headerColor) : '';
  frameSlot.style.background = ui.backgroundColor;
  bottom.style.background = ui.bottomColor;
  const buttons = [ui.secondary, ui.main].filter((one) => one.visible);
  bottom.hidden = buttons.length === 0;
  bottom.classList.toggle(
    'side-by-side',
    ui.secondary.position === 'left' || ui.secondary.position === 'right',
  );
  bottom.classList.toggle(
    'reversed',
    ui.secondary.position === 'right' || ui.secondary.position === 'bottom',
  );
  bottom.replaceChildren(...buttons.map(bottomButton));
}

function bottomButton(button) {
  const node = h(
    'button',
    {
      type: 'button',
      class: `phone-button ${button.shine ? 'shine' : ''}`,
      disabled: !button.active,
      'data-testid': button.event,
      onclick: () => bridge.send(button.event),
    },
    button.progress ? h('span', { class: 'spinner small' }) : button.text,
  );
  if (button.color) node.style.background = button.color;
  if (button.textColor) node.style.color = button.textColor;
  return node;
}

function readable(color) {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  return r * 0.299 + g * 0.587 + b * 0.114 > 150 ? '#000000' : '#ffffff';
}
