// One message: bubble, quote, media, reactions, buttons and what can be done with it.
import { act } from './api.js';
import { ask, avatar, clock, fullName, h, icon, nameColor, openMenu, toast } from './dom.js';
import { formatted } from './entities.js';
import { followLink } from './links.js';
import { plainText, serviceText } from './message-text.js';
import { openMiniApp } from './mini-app.js';
import { changed, currentChat, person, store } from './store.js';

const QUICK_REACTIONS = ['👍', '❤', '🔥', '👏', '🤔', '👀', '🎉', '👎'];
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
  const column = h('div', { class: 'bubble-column' }, bubble, keyboard(message));
  const menu = h(
    'button',
    {
      type: 'button',
      class: 'message-more',
      'aria-label': 'Message actions',
      'data-focus': 'more',
      onclick: () => openMenu(menu, actions(record)),
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
        openMenu({ x: event.clientX, y: event.clientY }, actions(record));
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

function reactionChips(record) {
  const groups = new Map();
  for (const { user, reaction } of record.reactions)
    groups.set(reaction.emoji, [...(groups.get(reaction.emoji) ?? []), user]);
  const chips = [...groups].map(([emoji, users]) => {
    const mine = users.includes(store.data.me.id);
    const names = users.map((id) => fullName(person(id))).join(', ');
    return h(
      'button',
      {
        type: 'button',
        class: mine ? 'reaction mine' : 'reaction',
        title: names,
        'aria-label': `${emoji} by ${names}`,
        'aria-pressed': String(mine),
        'data-focus': emoji,
        onclick: () => react(record, mine ? null : emoji),
      },
      h('span', { class: 'emoji' }, emoji),
      users.length > 1 ? users.length : users.map((id) => avatar(person(id) ?? { id: 0 }, 'xs')),
    );
  });
  return h('div', { class: 'reactions' }, chips);
}

function react(record, emoji) {
  void act('react', { chat: store.chat, message: record.message.message_id, emoji });
}

function actions(record) {
  const { message } = record;
  const own = message.from?.id === store.data.me.id;
  const mine = record.reactions.find((set) => set.user === store.data.me.id)?.reaction.emoji;
  const bar = h(
    'div',
    { class: 'menu-reactions', role: 'group', 'aria-label': 'React' },
    QUICK_REACTIONS.map((emoji) =>
      h(
        'button',
        {
          type: 'button',
          class: emoji === mine ? 'emoji mine' : 'emoji',
          'aria-label': emoji,
          onclick: (event) => {
            event.target.closest('.menu').hidePopover();
            react(record, emoji === mine ? null : emoji);
          },
        },
        emoji,
      ),
    ),
  );
  const targets = store.data.chats.filter((chat) => chat.joined);
  return [
    bar,
    {
      text: 'Reply',
      icon: 'reply',
      run: () => {
        store.replyTo = message;
        store.editing = null;
        changed();
        document.querySelector('#message-box')?.focus();
      },
    },
    ...(own && message.text !== undefined
      ? [
          {
            text: 'Edit',
            icon: 'edit',
            run: () => {
              store.editing = message;
              store.replyTo = null;
              changed();
              document.querySelector('#message-box')?.focus();
            },
          },
        ]
      : []),
    ...targets.map((chat) => ({
      text: `Forward to ${chat.title}`,
      icon: 'forward',
      run: () => void act('forward', { chat: store.chat, message: message.message_id, to: chat.id }),
    })),
    {
      text: 'Delete',
      icon: 'trash',
      danger: true,
      run: () => void act('delete', { chat: store.chat, message: message.message_id }),
    },
  ];
}

function keyboard(message) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return h(
    'div',
    { class: 'inline-keyboard', role: 'group', 'aria-label': 'Buttons' },
    rows.map((row, r) =>
      h(
        'div',
        { class: 'inline-row' },
        row.map((button, c) => inlineButton(message, button, `${r}-${c}`)),
      ),
    ),
  );
}

function inlineButton(message, button, place) {
  const outside = button.url ? 'link' : button.web_app ? 'phone' : null;
  const node = h(
    'button',
    {
      type: 'button',
      class: `inline-button ${button.style ?? ''}`,
      'data-focus': place,
      onclick: () => void pressButton(node, message, button),
    },
    h('span', { class: 'inline-label' }, button.text),
    outside && icon(outside),
  );
  return node;
}

async function pressButton(node, message, button) {
  if (button.web_app) return openMiniApp({ url: button.web_app.url, chat: store.chat });
  if (button.copy_text) {
    await navigator.clipboard?.writeText(button.copy_text.text).catch(() => {});
    return toast('Copied');
  }
  if (button.url) return followLink(button.url) || window.open(button.url, '_blank', 'noopener');
  if (button.callback_data === undefined)
    return toast('The playground does not know this kind of button', 'bad');
  node.classList.add('waiting');
  const done = (answer) => {
    node.classList.remove('waiting');
    if (answer.url) followLink(answer.url);
    else if (answer.text && answer.alert)
      void ask({ message: answer.text, buttons: [{ id: 'ok', text: 'OK' }] });
    else if (answer.text) toast(answer.text);
  };
  setTimeout(() => node.classList.remove('waiting'), 15_000);
  const pressed = await act('press', {
    chat: store.chat,
    message: message.message_id,
    button: button.callback_data,
  });
  if (!pressed) return node.classList.remove('waiting');
  const early = store.earlyAnswers.get(pressed.query);
  if (early) {
    store.earlyAnswers.delete(pressed.query);
    return done(early);
  }
  return store.presses.set(pressed.query, done);
}

/** What the bot is writing just now, with Telegram's Stop button. */
export function draftNode(chat) {
  const { draft } = chat;
  const stop = h(
    'button',
    {
      type: 'button',
      class: 'stop-button',
      'data-testid': 'stop',
      onclick: () => void act('stop', { chat: chat.id }),
    },
    icon('stop'),
    'Stop',
  );
  const content = draft.text
    ? formatted(draft.text, draft.entities)
    : h('span', { class: 'thinking' }, 'Thinking…');
  return h(
    'article',
    {
      class: 'message theirs draft first last',
      'data-testid': 'draft',
      'data-draft-id': draft.draft_id,
      'aria-label': 'The bot is writing',
      'aria-live': 'off',
    },
    h(
      'div',
      { class: 'bubble-column' },
      h(
        'div',
        { class: 'bubble' },
        h(
          'div',
          { class: 'text', dir: 'auto' },
          content,
          draft.text && h('span', { class: 'caret', 'aria-hidden': 'true' }),
        ),
      ),
      draft.can_stop && !draft.stopped && stop,
    ),
  );
}

export function typingNode() {
  return h(
    'div',
    { class: 'message theirs first last typing', 'data-testid': 'typing', 'aria-label': 'typing' },
    h('div', { class: 'bubble dots' }, h('i'), h('i'), h('i')),
  );
}
