// What can be done with a message: react, reply, edit, forward, delete.
import { act } from './api.js';
import { avatar, fullName, h } from './dom.js';
import { changed, person, store } from './store.js';

const QUICK_REACTIONS = ['👍', '❤', '🔥', '👏', '🤔', '👀', '🎉', '👎'];

export function reactionChips(record) {
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

export function messageActions(record) {
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
