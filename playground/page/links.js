// Follows t.me links to this bot inside the page: chats, /start payloads, the Mini App.
import { act } from './api.js';
import { openMiniApp } from './mini-app.js';
import { currentChat, openChat, openTopic, store } from './store.js';

/** True when the link was followed here; false when the browser should open it. */
export function followLink(url) {
  const target = URL.parse(url);
  if (!target) return false;
  const { bot, miniApp, me, chats } = store.data;
  const internal = target.protocol === 'tg:' ? fromTgLink(target) : fromWebLink(target);
  if (!internal) return false;
  const { name, app, query } = internal;
  if (name.toLowerCase() === bot.username.toLowerCase()) {
    if (app === miniApp.name || query.has('startapp')) {
      void openMiniApp({ startParam: query.get('startapp') ?? '', chat: currentChat()?.id });
      return true;
    }
    openChat(me.id);
    if (query.has('start')) void act('send', { chat: me.id, text: `/start ${query.get('start')}`.trim() });
    return true;
  }
  const group = chats.find((chat) => chat.username?.toLowerCase() === name.toLowerCase());
  if (group) openChat(group.id);
  return Boolean(group);
}

function fromWebLink(target) {
  if (!['t.me', 'telegram.me'].includes(target.hostname)) return null;
  const [, name = '', app = ''] = target.pathname.split('/');
  return { name, app, query: target.searchParams };
}

function fromTgLink(target) {
  if (target.hostname !== 'resolve') return null;
  const query = target.searchParams;
  return { name: query.get('domain') ?? '', app: query.get('appname') ?? '', query };
}

export function sendCommand(text) {
  const chat = currentChat();
  if (!chat) return;
  const full = chat.kind === 'group' && !text.includes('@') ? `${text}@${store.data.bot.username}` : text;
  void act('send', { chat: chat.id, text: full, topic: openTopic(chat) });
}
