// Left: who sits at the keyboard, and their chats.
import { act, listen, refresh } from './api.js';
import { ask, avatar, clock, fullName, h, icon, openMenu, showKeyed } from './dom.js';
import { plainText, serviceText } from './message-text.js';
import { changed, openChat, store, unreadOf, writeUrl } from './store.js';
import { currentTheme, toggleTheme } from './theme.js';

const LANGUAGES = [
  'en',
  'de',
  'es',
  'fr',
  'it',
  'nl',
  'pl',
  'pt',
  'ru',
  'tr',
  'uk',
  'ar',
  'fa',
  'he',
  'hi',
  'ja',
  'ko',
  'zh',
];

const people = h('div', { class: 'people', role: 'radiogroup', 'aria-label': 'Person' });
const language = h('select', {
  class: 'language',
  'aria-label': 'Language',
  onchange: () => void act('language', { language: language.value }),
});
const themeButton = h('button', { type: 'button', class: 'icon-button', onclick: toggleTheme });
const list = h('ul', { class: 'chat-list', 'data-testid': 'chat-list' });
const names = new Intl.DisplayNames(['en'], { type: 'language' });
language.append(...LANGUAGES.map((code) => h('option', { value: code }, names.of(code))));

export function mountSidebar(root) {
  const add = h(
    'button',
    {
      type: 'button',
      class: 'icon-button',
      'aria-label': 'New person or group',
      title: 'New person or group',
      onclick: () => openMenu(add, additions()),
    },
    icon('plus'),
  );
  root.append(
    h(
      'header',
      { class: 'sidebar-head' },
      h(
        'div',
        { class: 'brand' },
        h('strong', {}, 'Playground'),
        h('span', { class: 'online', id: 'online' }),
      ),
      h('div', { class: 'sidebar-actions' }, language, themeButton, add),
    ),
    people,
    list,
    h('p', { class: 'sidebar-note' }, 'A local Telegram. Nothing leaves this machine.'),
  );
}

function additions() {
  return [
    { text: 'New person', icon: 'smile', run: () => void newPerson() },
    { text: 'New group with the bot', icon: 'group', run: () => void newGroup(true) },
    { text: 'New group without the bot', icon: 'group', run: () => void newGroup(false) },
  ];
}

async function newPerson() {
  const name = await ask({
    title: 'New person',
    input: 'Name',
    buttons: [
      { id: '', text: 'Cancel' },
      { id: 'ok', text: 'Add' },
    ],
  });
  const added = name && (await act('person', { name }));
  if (added) switchTo(added.username);
}

async function newGroup(withBot) {
  const buttons = [
    { id: '', text: 'Cancel' },
    { id: 'ok', text: 'Create' },
  ];
  const title = await ask({
    title: 'New group',
    message: 'Everybody here becomes a member; you own it.',
    input: 'Title',
    buttons,
  });
  if (!title) return;
  const made = await act('group', { title, topics: '', withBot });
  if (made) {
    await refresh();
    openChat(made.id);
  }
}

function switchTo(username) {
  if (username === store.as) return;
  const before = store.data;
  const kept = before?.chats.find((chat) => chat.id === store.chat);
  store.as = username;
  store.unread.clear();
  store.replyTo = null;
  store.editing = null;
  // A private chat is the other person's own private chat after the switch.
  if (kept?.kind === 'private')
    store.chat = before.people.find((one) => one.username === username)?.id ?? null;
  writeUrl();
  listen();
}

export function showSidebar() {
  const { data } = store;
  document.querySelector('#online').textContent = store.online ? '' : 'connecting…';
  themeButton.replaceChildren(icon(currentTheme() === 'dark' ? 'sun' : 'moon'));
  const label = currentTheme() === 'dark' ? 'Light theme' : 'Dark theme';
  themeButton.setAttribute('aria-label', label);
  themeButton.title = label;
  if (!data) return;
  const code = data.me.language_code ?? 'en';
  if (![...language.options].some((option) => option.value === code))
    language.append(h('option', { value: code }, code));
  language.value = code;
  showKeyed(people, data.people, {
    key: (one) => one.id,
    signature: (one) => `${fullName(one)}|${one.username}`,
    render: personChip,
  });
  for (const input of people.querySelectorAll('input')) input.checked = input.value === store.as;
  const sorted = [...data.chats].sort(
    (a, b) => Number(b.kind === 'private') - Number(a.kind === 'private') || lastDate(b) - lastDate(a),
  );
  showKeyed(list, sorted, { key: (chat) => chat.id, signature: chatSignature, render: chatItem });
}

function personChip(one) {
  const name = one.username ?? String(one.id);
  return h(
    'label',
    { class: 'person', title: fullName(one) },
    h('input', {
      type: 'radio',
      name: 'person',
      value: name,
      'aria-label': fullName(one),
      onchange: () => switchTo(name),
    }),
    avatar(one, 's'),
    h('span', { class: 'person-name' }, one.first_name),
  );
}

const lastRecord = (chat) => chat.messages.at(-1);
const lastDate = (chat) => lastRecord(chat)?.message.date ?? 0;

function chatSignature(chat) {
  const last = lastRecord(chat)?.message;
  const live = chat.draft ? 'draft' : chat.typing && chat.typing.until > Date.now() ? 'typing' : '';
  return JSON.stringify([
    chat.title,
    chat.joined,
    last?.message_id,
    last?.edit_date,
    last?.text,
    unreadOf(chat),
    chat.id === store.chat,
    live,
    store.as,
  ]);
}

function chatItem(chat) {
  const { data } = store;
  const last = lastRecord(chat)?.message;
  const unread = unreadOf(chat);
  const live = chat.draft ? 'writing…' : chat.typing && chat.typing.until > Date.now() ? 'typing…' : null;
  const author =
    last && chat.kind === 'group' && last.from && !serviceText(last)
      ? `${last.from.id === data.me.id ? 'You' : last.from.first_name}: `
      : '';
  const preview = live
    ? h('span', { class: 'chat-preview live' }, live)
    : h(
        'span',
        { class: 'chat-preview' },
        author && h('span', { class: 'chat-author' }, author),
        last ? plainText(last) : chat.joined ? 'No messages yet' : 'Not a member',
      );
  const picture = chat.kind === 'private' ? avatar(data.bot) : avatar(chat);
  const open = h(
    'button',
    {
      type: 'button',
      class: 'chat-item',
      'data-chat': chat.id,
      'data-testid': 'chat-item',
      'data-focus': `chat-${chat.id}`,
      'aria-current': chat.id === store.chat ? 'true' : undefined,
      onclick: () => openChat(chat.id),
    },
    picture,
    h(
      'span',
      { class: 'chat-lines' },
      h(
        'span',
        { class: 'chat-line' },
        h('span', { class: 'chat-title' }, chat.title),
        last && h('time', { class: 'chat-time' }, clock(last.date)),
      ),
      h(
        'span',
        { class: 'chat-line' },
        preview,
        unread > 0 && h('span', { class: 'badge', 'aria-label': `${unread} unread` }, unread),
      ),
    ),
  );
  return h('li', {}, open);
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  store.unread.delete(`${store.chat}:${store.topic}`);
  changed();
});
