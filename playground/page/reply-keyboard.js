// The keyboard that a bot puts in place of letters, and replies that it forces.
import { h, icon } from './dom.js';
import { openMiniApp } from './mini-app.js';
import { changed, currentChat, shownRecords, store } from './store.js';

export const keyboardToggle = h(
  'button',
  { type: 'button', class: 'icon-button', 'aria-label': 'Reply keyboard', onclick: () => toggleKeyboard() },
  icon('keyboard'),
);
export const keys = h('div', {
  class: 'reply-keyboard',
  role: 'group',
  'aria-label': 'Reply keyboard',
  hidden: true,
});
/** "chat:message" of the keyboards that were put away, and of the forced replies that were taken up. */
const putAway = new Set();
const takenUp = new Set();

const placeOf = (chat, record) => `${chat.id}:${record?.message.message_id}`;

export function lastMarkup(chat) {
  return shownRecords(chat).findLast((record) => record.markup);
}

/** Turns a forced reply into a reply once, unless it was answered already. */
export function takeUpForcedReply(chat) {
  const record = lastMarkup(chat);
  const place = placeOf(chat, record);
  if (!record?.markup.force_reply || takenUp.has(place)) return;
  takenUp.add(place);
  const id = record.message.message_id;
  const answers = ({ message }) => message.message_id > id && message.from?.id === store.data.me.id;
  if (!shownRecords(chat).some(answers)) store.replyTo = record.message;
}

export function showKeyboard(chat, writable, send) {
  const record = lastMarkup(chat);
  const place = placeOf(chat, record);
  const visible = Boolean(record?.markup.keyboard) && writable;
  keyboardToggle.hidden = !visible;
  keys.hidden = !visible || putAway.has(place);
  if (!visible || keys.dataset.place === place) return;
  keys.dataset.place = place;
  const button = (key) => keyButton(key, record.markup, place, send);
  keys.replaceChildren(
    ...record.markup.keyboard.map((row) => h('div', { class: 'reply-row' }, row.map(button))),
  );
}

function keyButton(key, markup, place, send) {
  const label = typeof key === 'string' ? key : key.text;
  const press = () => {
    if (key.web_app) return openMiniApp({ url: key.web_app.url, chat: store.chat, keyboardButton: label });
    if (markup.one_time_keyboard) putAway.add(place);
    return send(label);
  };
  return h('button', { type: 'button', class: 'reply-key', onclick: () => void press() }, label);
}

function toggleKeyboard() {
  const chat = currentChat();
  const place = placeOf(chat, lastMarkup(chat));
  if (!putAway.delete(place)) putAway.add(place);
  changed();
}
