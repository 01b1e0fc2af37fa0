// One message: bubble, quote, media; how messages of one author join to a block.
import { avatar, clock, fullName, h, icon, nameColor, openMenu } from './dom.js';
import { formatted } from './entities.js';
import { inlineKeyboard } from './inline-keyboard.js';
import { messageActions, reactionChips } from './message-actions.js';
import { plainText, serviceText } from './message-text.js';
import { currentChat, store } from './store.js';

const GROUPED_SECONDS = 300;

/** Neighbours by the same author within five minutes look like one block. */
export function layout(records) {
  return records.map((record, index) => {
    const joins = (a, b) =>
      a &&
      b &&
      a.message.from?.id === b.message.from?.id &&
      !serviceText(a.message) &&
      !serviceText(b.message) &&
      Math.abs(a.message.date - b.message.date) < GROUPED_SECONDS &&
      day(a) === day(b);
    const before = records[index - 1];
    return {
      record,
      first: !joins(before, record),
      last: !joins(record, records[index + 1]),
      newDay: !before || day(before) !== day(record),
    };
  });
}

const day = ({ message }) => new Date(message.date * 1000).toDateString();

export function messageNode({ record, first, last, newDay }) {
  const { message } = record;
  const notice = serviceText(message);
  const row = h('div', { class: 'row-group' });
  if (newDay) row.append(h('div', { class: 'day' }, h('span', {}, dayName(message.date))));
  row.append(notice ? serviceNode(message, notice) : bubbleRow(record, first, last));
  return row;
}

function dayName(seconds) {
  const date = new Date(seconds * 1000);
  return date.toDateString() === new Date().toDateString()
    ? 'Today'
    : date.toLocaleDateString([], { day: 'numeric', month: 'long' });
}

function serviceNode(message, notice) {
  return h('div', { class: 'service', 'data-message-id': message.message_id }, h('span', {}, notice));
}

function bubbleRow(record, first, last) {
  const { message } = record;
  const chat = currentChat();
  const own = message.from?.id === store.data.me.id;
  const classes = [
    'message',
    own ? 'own' : 'theirs',
    first && 'first',
    last && 'last',
    message.photo && !message.caption && 'bare',
  ].filter(Boolean);
  const bubble = h('div', { class: 'bubble' });
  if (chat.kind === 'group' && !own && first) {
    bubble.append(
      h('div', { class: `author name-${nameColor(message.from?.id ?? 0)}` }, fullName(message.from)),
    );
  }
  if (message.forward_origin)
    bubble.append(
      h('div', { class: 'forwarded' }, `Forwarded from ${fullName(message.forward_origin.sender_user)}`),
    );
  const quote = replyQuote(message);
  if (quote) bubble.append(quote);
  bubble.append(...media(message));
  const text = message.text ?? message.caption;
  const meta = h(
    'span',
    { class: 'meta' },
    message.edit_date && h('span', {}, 'edited '),
    h('time', {}, clock(message.date)),
    own && icon('check'),
  );
  bubble.append(
    h(
      'div',
      { class: 'text', dir: 'auto' },
      text ? formatted(text, message.entities ?? message.caption_entities) : '',
      meta,
    ),
  );
  if (record.reactions.length > 0) bubble.append(reactionChips(record));
  const column = h('div', { class: 'bubble-column' }, bubble, inlineKeyboard(message));
  const menu = h(
    'button',
    {
      type: 'button',
      class: 'message-more',
      'aria-label': 'Message actions',
      'data-focus': 'more',
      onclick: () => openMenu(menu, messageActions(record)),
    },
    icon('more'),
  );
  return h(
    'article',
    {
      class: classes.join(' '),
      'data-message-id': message.message_id,
      'data-from': message.from?.username ?? message.from?.id,
      'data-testid': 'message',
      'aria-label': `${fullName(message.from)}, ${clock(message.date)}`,
      oncontextmenu: (event) => {
        if (event.target.closest('a') || getSelection().toString()) return;
        event.preventDefault();
        openMenu({ x: event.clientX, y: event.clientY }, messageActions(record));
      },
    },
    chat.kind === 'group' &&
      !own &&
      h('div', { class: 'avatar-slot' }, last && avatar(message.from ?? { id: 0 }, 's')),
    column,
    menu,
  );
}

function replyQuote(message) {
  const replied = message.reply_to_message;
  if (!replied || replied.forum_topic_created) return null;
  const jump = () => {
    const node = document.querySelector(`[data-message-id="${replied.message_id}"]`);
    node?.scrollIntoView({ block: 'center', behavior: 'smooth' });
    node?.classList.add('flash');
    setTimeout(() => node?.classList.remove('flash'), 1200);
  };
  return h(
    'button',
    {
      type: 'button',
      class: `reply-quote name-${nameColor(replied.from?.id ?? 0)}`,
      onclick: jump,
      'data-focus': 'quote',
    },
    h('span', { class: 'reply-author' }, fullName(replied.from)),
    h('span', { class: 'reply-text' }, message.quote?.text ?? plainText(replied)),
  );
}

function media(message) {
  const file = (id) => `/playground/file/${id}`;
  if (message.photo) {
    const photo = message.photo.at(-1);
    return [
      h(
        'a',
        { href: file(photo.file_id), target: '_blank', rel: 'noopener', class: 'photo' },
        h('img', {
          src: file(photo.file_id),
          alt: message.caption ?? 'Photo',
          width: photo.width,
          height: photo.height,
        }),
      ),
    ];
  }
  if (message.voice)
    return [h('audio', { controls: true, src: file(message.voice.file_id), 'aria-label': 'Voice message' })];
  if (message.document) {
    const { file_id, file_name, file_size } = message.document;
    return [
      h(
        'a',
        { class: 'document', href: file(file_id), download: file_name ?? 'file' },
        h('span', { class: 'document-icon' }, icon('file')),
        h(
          'span',
          { class: 'document-lines' },
          h('span', { class: 'document-name' }, file_name ?? 'file'),
          h('span', { class: 'document-size' }, bytes(file_size)),
        ),
      ),
    ];
  }
  return [];
}

function bytes(size = 0) {
  if (size < 1024) return `${size} B`;
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}
