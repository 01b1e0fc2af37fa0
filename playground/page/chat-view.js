// Centre: header, topics, the log of messages. The composer is below it.
import { act } from './api.js';
import { mountComposer, showComposer } from './composer.js';
import { ask, avatar, h, icon, openMenu, showKeyed } from './dom.js';
import { draftNode, showDraft, typingNode } from './draft-view.js';
import { layout, messageNode } from './message-view.js';
import { openMiniApp } from './mini-app.js';
import { changed, currentChat, openChat, shownRecords, store, writeUrl } from './store.js';
import { togglePanel } from './tools.js';

const title = h('div', { class: 'chat-name' });
const subtitle = h('div', { class: 'chat-subtitle', 'data-testid': 'chat-subtitle' });
const picture = h('div', { class: 'chat-picture' });
const tabs = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Topics' });
const messages = h('div', { class: 'messages' });
const live = h('div', { class: 'live' });
const log = h(
  'div',
  { class: 'log', role: 'log', 'aria-label': 'Messages', tabindex: '0', 'data-testid': 'log' },
  h('div', { class: 'log-space' }),
  messages,
  live,
);
const down = h(
  'button',
  {
    type: 'button',
    class: 'scroll-down',
    'aria-label': 'To the newest message',
    hidden: true,
    onclick: () => scrollDown(true),
  },
  icon('down'),
);
const empty = h('div', { class: 'empty' });
let shown = '';
let sticky = true;

export function mountChat(root) {
  const menu = button('Chat actions', 'more', () => openMenu(menu, chatActions()));
  root.append(
    h(
      'header',
      { class: 'chat-head' },
      button('Back to chats', 'back', () => openChat(null), 'only-narrow'),
      picture,
      h('div', { class: 'chat-titles' }, title, subtitle),
      button('Open Mini App', 'phone', () => void openMiniApp({ chat: store.chat })),
      button('Tools', 'tools', () => togglePanel('tools')),
      menu,
    ),
    tabs,
    h('div', { class: 'log-frame' }, log, empty, down),
    mountComposer(),
  );
  log.addEventListener('scroll', () => {
    sticky = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    down.hidden = sticky;
  });
  tabs.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const buttons = [...tabs.children];
    if (step) buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length)?.focus();
  });
  new ResizeObserver(() => sticky && scrollDown()).observe(log);
  new ResizeObserver(() => sticky && scrollDown()).observe(messages);
}

function button(label, shape, onclick, extra = '') {
  return h(
    'button',
    { type: 'button', class: `icon-button ${extra}`, 'aria-label': label, title: label, onclick },
    icon(shape),
  );
}

function scrollDown(smooth = false) {
  log.scrollTo({ top: log.scrollHeight, behavior: smooth ? 'smooth' : 'instant' });
}

export function showChat() {
  const chat = currentChat();
  document.querySelector('#page').classList.toggle('has-chat', Boolean(chat));
  const root = document.querySelector('#chat');
  root.classList.toggle('nothing', !chat);
  if (!chat) return;
  root.dataset.chat = chat.id;
  const typing = chat.typing && chat.typing.until > Date.now();
  title.replaceChildren(chat.title);
  picture.replaceChildren(chat.kind === 'private' ? avatar(store.data.bot) : avatar(chat));
  const state = chat.draft ? 'writing…' : 'typing…';
  if (!store.online) subtitle.replaceChildren(h('span', { class: 'live-text' }, 'connecting…'));
  else
    subtitle.replaceChildren(typing || chat.draft ? h('span', { class: 'live-text' }, state) : about(chat));
  showTabs(chat);
  const records = shownRecords(chat);
  const place = `${store.as}:${chat.id}:${store.topic}`;
  const moved = place !== shown;
  if (moved) {
    messages.replaceChildren();
    sticky = true;
    shown = place;
  }
  const newest = records.at(-1);
  const ownNew =
    newest?.message.from?.id === store.data.me.id &&
    messages.lastElementChild?.dataset.key !== String(newest.message.message_id);
  showKeyed(messages, layout(records), {
    key: ({ record }) => record.message.message_id,
    signature: (item) => JSON.stringify(item),
    render: messageNode,
  });
  showLive(chat, typing);
  showEmpty(chat, records);
  showComposer(chat);
  if (sticky || ownNew) scrollDown();
}

function showLive(chat, typing) {
  const topicFits = (thing) => !chat.forum || (thing.topic ?? 1) === store.topic;
  if (chat.draft && topicFits(chat.draft)) {
    const drawn = live.firstElementChild?.dataset;
    if (drawn?.draftId !== String(chat.draft.draft_id) || drawn.chat !== String(chat.id)) {
      live.replaceChildren(draftNode(chat));
      live.firstElementChild.dataset.chat = chat.id;
    }
    showDraft(live.firstElementChild, chat.draft);
  } else if (typing && topicFits(chat.typing)) {
    if (!live.querySelector('.typing')) live.replaceChildren(typingNode());
  } else live.replaceChildren();
}

function showEmpty(chat, records) {
  empty.hidden = records.length > 0 || Boolean(chat.draft) || Boolean(chat.typing);
  if (empty.hidden) return;
  const text =
    chat.kind === 'private'
      ? store.data.bot.about || 'Say hello to the bot: press Start, or write something.'
      : chat.joined
        ? 'Nobody has written here yet.'
        : 'You are not a member of this group.';
  empty.replaceChildren(
    h(
      'div',
      { class: 'empty-card' },
      chat.kind === 'private' ? avatar(store.data.bot, 'l') : avatar(chat, 'l'),
      h('strong', {}, chat.title),
      h('p', {}, text),
    ),
  );
}

function about(chat) {
  if (chat.kind === 'private') return chat.blocked ? 'blocked' : 'bot';
  const bot = { member: 'bot is a member', administrator: 'bot is an admin' }[chat.bot] ?? 'without the bot';
  return `${chat.members.length} members, ${bot}`;
}

function showTabs(chat) {
  tabs.hidden = !chat.forum;
  if (!chat.forum) return;
  const topics = [{ id: 1, name: 'General' }, ...chat.topics];
  if (!topics.some((topic) => topic.id === store.topic)) store.topic = 1;
  const items = [...topics, { id: 'new' }];
  showKeyed(tabs, items, {
    key: (topic) => topic.id,
    signature: (topic) =>
      JSON.stringify([
        topic.name,
        topic.id === store.topic,
        store.unread.get(`${chat.id}:${topic.id}`),
        chat.id,
      ]),
    render: (topic) => (topic.id === 'new' ? newTopicButton(chat) : tab(chat, topic)),
  });
}

function tab(chat, topic) {
  const selected = topic.id === store.topic;
  const unread = store.unread.get(`${chat.id}:${topic.id}`);
  return h(
    'button',
    {
      type: 'button',
      role: 'tab',
      class: 'tab',
      'aria-selected': String(selected),
      'data-topic': topic.id,
      'data-focus': 'tab',
      onclick: () => openChat(chat.id, topic.id),
    },
    topic.name,
    unread && h('span', { class: 'badge' }, unread),
  );
}

function newTopicButton(chat) {
  return h(
    'button',
    {
      type: 'button',
      class: 'tab',
      'aria-label': 'New topic',
      title: 'New topic',
      onclick: () => void newTopic(chat),
    },
    icon('plus'),
  );
}

async function newTopic(chat) {
  const name = await ask({
    title: 'New topic',
    input: 'Name',
    buttons: [
      { id: '', text: 'Cancel' },
      { id: 'ok', text: 'Create' },
    ],
  });
  const made = name && (await act('topic', { chat: chat.id, name }));
  if (!made) return;
  store.topic = made.id;
  writeUrl();
  changed();
}

function chatActions() {
  const chat = currentChat();
  const body = { chat: chat.id };
  if (chat.kind === 'private') {
    const toggle = chat.blocked
      ? { text: 'Unblock the bot', icon: 'check', run: () => void act('unblock') }
      : { text: 'Block the bot', icon: 'close', danger: true, run: () => void act('block') };
    return [toggle];
  }
  const inside = chat.bot === 'member' || chat.bot === 'administrator';
  const admin = chat.bot === 'administrator';
  return [
    ...(inside
      ? [
          {
            text: admin ? 'Take the bot’s admin rights' : 'Make the bot an admin',
            icon: 'check',
            run: () => void act('promoteBot', { ...body, admin: !admin }),
          },
          { text: 'Remove the bot', icon: 'close', danger: true, run: () => void act('removeBot', body) },
        ]
      : [{ text: 'Add the bot', icon: 'plus', run: () => void act('addBot', body) }]),
    { text: 'New topic', icon: 'plus', run: () => void newTopic(chat) },
    { text: 'Upgrade the group (new id)', icon: 'reload', run: () => void act('migrate', body) },
    chat.joined
      ? { text: 'Leave the group', icon: 'back', danger: true, run: () => void act('leave', body) }
      : { text: 'Join the group', icon: 'plus', run: () => void act('join', body) },
  ];
}
