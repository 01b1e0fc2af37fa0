// Bottom: the text box with commands, reply and edit bars, attachments, reply keyboards.
import { act, upload } from './api.js';
import { fullName, h, icon } from './dom.js';
import { plainText } from './message-text.js';
import { openMiniApp } from './mini-app.js';
import { keyboardToggle, keys, lastMarkup, showKeyboard, takeUpForcedReply } from './reply-keyboard.js';
import { changed, currentChat, openTopic, shownRecords, store } from './store.js';

const box = h('textarea', {
  id: 'message-box',
  rows: '1',
  'aria-label': 'Message',
  placeholder: 'Message',
  autocomplete: 'off',
  enterkeyhint: 'send',
  'aria-controls': 'commands',
});
const send = h(
  'button',
  { type: 'submit', class: 'send-button', name: 'Send', 'aria-label': 'Send' },
  icon('send'),
);
const picker = h('input', {
  type: 'file',
  class: 'visually-hidden',
  multiple: true,
  'aria-label': 'Attach a file',
  tabindex: '-1',
});
const attach = h(
  'button',
  {
    type: 'button',
    class: 'icon-button',
    'aria-label': 'Attach',
    title: 'Attach a file or photo',
    onclick: () => picker.click(),
  },
  icon('clip'),
);
const menuButton = h('button', {
  type: 'button',
  class: 'menu-button',
  onclick: () => pressMenuButton(currentChat()),
});
const bar = h('div', { class: 'context-bar', hidden: true });
const commands = h('div', {
  class: 'commands',
  id: 'commands',
  role: 'listbox',
  'aria-label': 'Commands',
  hidden: true,
});
const form = h('form', { class: 'composer-row' }, menuButton, attach, picker, box, keyboardToggle, send);
const single = h('button', {
  type: 'button',
  class: 'single-button',
  onclick: () => singleAction(currentChat())?.run(),
});
const texts = new Map();
let shownFor = '';
let selected = 0;
let allCommands = false;
export function mountComposer() {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  box.addEventListener('input', () => {
    allCommands = false;
    grow();
    showCommands(currentChat());
  });
  box.addEventListener('keydown', onKey);
  box.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    void sendFiles(files);
  });
  box.addEventListener('blur', () =>
    setTimeout(() => commands.contains(document.activeElement) || hideCommands(), 150),
  );
  picker.addEventListener('change', () => {
    void sendFiles([...picker.files]);
    picker.value = '';
  });
  const root = h('footer', { class: 'composer' }, commands, bar, form, single, keys);
  const chat = document.querySelector('#chat');
  chat.addEventListener('dragover', (event) => event.preventDefault());
  chat.addEventListener('drop', (event) => {
    event.preventDefault();
    void sendFiles([...event.dataTransfer.files]);
  });
  return root;
}

function grow() {
  box.style.height = 'auto';
  box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
  send.classList.toggle('ready', box.value.trim() !== '');
}

function onKey(event) {
  const options = [...commands.children];
  if (!commands.hidden && options.length > 0) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      selected = (selected + step + options.length) % options.length;
      markSelected();
      return;
    }
    if (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey && !event.isComposing)) {
      event.preventDefault();
      options[selected]?.click();
      return;
    }
  }
  if (event.key === 'Escape') {
    hideCommands();
    store.replyTo = null;
    if (store.editing) cancelEdit();
    changed();
  }
  if (event.key === 'ArrowUp' && box.value === '') editLast(event);
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
}

function editLast(event) {
  const last = shownRecords(currentChat()).findLast(
    ({ message }) => message.from?.id === store.data.me.id && message.text !== undefined,
  );
  if (!last) return;
  event.preventDefault();
  store.editing = last.message;
  changed();
}

async function submit() {
  const text = box.value.trim();
  const chat = currentChat();
  if (!text || !chat) return;
  if (store.editing) {
    const { message_id } = store.editing;
    cancelEdit();
    await act('edit', { chat: chat.id, message: message_id, text });
    return;
  }
  await sendText(text);
}

async function sendText(text) {
  const chat = currentChat();
  const replyTo = store.replyTo?.message_id;
  box.value = '';
  texts.delete(placeOf(chat));
  store.replyTo = null;
  hideCommands();
  grow();
  changed();
  const sent = await act('send', { chat: chat.id, text, topic: openTopic(chat), replyTo });
  // What could not be sent is given back.
  if (!sent && box.value === '') {
    box.value = text;
    grow();
  }
}

async function sendFiles(files) {
  const chat = currentChat();
  if (!chat || files.length === 0) return;
  const caption = box.value.trim();
  box.value = '';
  grow();
  for (const [index, file] of files.slice(0, 10).entries()) {
    const kind = /^image\/(?:png|jpeg|webp|gif)$/u.test(file.type)
      ? 'photo'
      : /^audio\/(?:ogg|webm)/u.test(file.type)
        ? 'voice'
        : 'document';
    await upload(file, {
      chat: chat.id,
      kind,
      ...(openTopic(chat) ? { topic: openTopic(chat) } : {}),
      ...(index === 0 && caption ? { caption } : {}),
      ...(index === 0 && store.replyTo ? { replyTo: store.replyTo.message_id } : {}),
    });
  }
  store.replyTo = null;
  changed();
}

function cancelEdit() {
  store.editing = null;
  box.value = '';
  box.dataset.editing = '';
  grow();
  changed();
}

const placeOf = (chat) => `${store.as}:${chat.id}:${store.topic}`;

export function showComposer(chat) {
  const place = placeOf(chat);
  if (place !== shownFor) {
    // A text that was being edited stays with its message.
    if (shownFor && !box.dataset.editing) texts.set(shownFor, box.value);
    box.dataset.editing = '';
    shownFor = place;
    box.value = texts.get(place) ?? '';
    allCommands = false;
    grow();
    if (matchMedia('(min-width: 761px)').matches) box.focus({ preventScroll: true });
  }
  const blocker = singleAction(chat);
  form.hidden = Boolean(blocker);
  single.hidden = !blocker;
  if (blocker) {
    single.textContent = blocker.text;
  }
  showMenuButton(chat);
  takeUpForcedReply(chat);
  box.placeholder = lastMarkup(chat)?.markup.input_field_placeholder ?? 'Message';
  showBar();
  showKeyboard(chat, !blocker, sendText);
  showCommands(chat);
}

/** Where nothing can be written there is one thing to do. */
function singleAction(chat) {
  const body = { chat: chat.id };
  if (!chat.joined) return { text: 'Join the group', run: () => void act('join', body) };
  if (chat.blocked) return { text: 'Unblock', run: () => void act('unblock') };
  if (chat.kind === 'private' && !chat.started)
    return { text: 'Start', run: () => void act('send', { ...body, text: '/start' }) };
  return null;
}

function showMenuButton(chat) {
  const button = chat.menuButton;
  const opensApp = button?.type === 'web_app';
  menuButton.hidden = !opensApp && chat.commands.length === 0;
  menuButton.classList.toggle('wide', opensApp || chat.kind === 'private');
  const label = opensApp ? button.text : 'Menu';
  const sign = `${label}|${chat.kind}`;
  if (menuButton.dataset.sign !== sign) {
    menuButton.dataset.sign = sign;
    menuButton.setAttribute('aria-label', opensApp ? label : 'Commands');
    menuButton.replaceChildren(
      icon(opensApp ? 'phone' : 'slash'),
      ...(opensApp || chat.kind === 'private' ? [h('span', {}, label)] : []),
    );
  }
}

function pressMenuButton(chat) {
  const button = chat.menuButton;
  if (button?.type === 'web_app') {
    void openMiniApp({ url: button.web_app.url, chat: chat.id });
    return;
  }
  allCommands = !allCommands;
  showCommands(chat);
  box.focus();
}

function showBar() {
  const message = store.editing ?? store.replyTo;
  bar.hidden = !message;
  if (store.editing && box.dataset.editing !== String(store.editing.message_id)) {
    box.dataset.editing = String(store.editing.message_id);
    box.value = store.editing.text;
    grow();
    box.focus();
  }
  if (!message) return;
  const label = store.editing ? 'Edit message' : `Reply to ${fullName(message.from)}`;
  const cancel = () => {
    if (store.editing) cancelEdit();
    store.replyTo = null;
    changed();
    box.focus();
  };
  bar.replaceChildren(
    icon(store.editing ? 'edit' : 'reply'),
    h(
      'div',
      { class: 'context-lines' },
      h('span', { class: 'context-title' }, label),
      h('span', { class: 'context-text' }, plainText(message)),
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'icon-button',
        'aria-label': store.editing ? 'Cancel editing' : 'Cancel reply',
        onclick: cancel,
      },
      icon('close'),
    ),
  );
}

function showCommands(chat) {
  if (!chat) return;
  const typed = /^\/([a-z0-9_]*)$/iu.exec(box.value)?.[1];
  const found =
    typed !== undefined
      ? chat.commands.filter(({ command }) => command.startsWith(typed.toLowerCase()))
      : allCommands
        ? chat.commands
        : [];
  commands.hidden = found.length === 0;
  const sign = JSON.stringify(found);
  if (commands.dataset.sign === sign) return;
  commands.dataset.sign = sign;
  selected = 0;
  commands.replaceChildren(
    ...found.map(({ command, description }) =>
      h(
        'button',
        {
          type: 'button',
          class: 'command',
          role: 'option',
          tabindex: '-1',
          onclick: () => void pickCommand(chat, command),
        },
        h('span', { class: 'command-name' }, `/${command}`),
        h('span', { class: 'command-text' }, description),
      ),
    ),
  );
  markSelected();
}

function markSelected() {
  for (const [index, option] of [...commands.children].entries()) {
    option.setAttribute('aria-selected', String(index === selected));
    if (index === selected) option.scrollIntoView({ block: 'nearest' });
  }
}

async function pickCommand(chat, command) {
  allCommands = false;
  await sendText(chat.kind === 'group' ? `/${command}@${store.data.bot.username}` : `/${command}`);
  box.focus();
}

function hideCommands() {
  allCommands = false;
  commands.hidden = true;
  commands.dataset.sign = '';
}
