// What the bot is doing just now: a draft that streams, or the dots of typing.
import { act } from './api.js';
import { h, icon } from './dom.js';
import { formatted } from './entities.js';

/** A draft with Telegram's Stop button. Revisions go through showDraft. */
export function draftNode(chat) {
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
  return h(
    'article',
    {
      class: 'message theirs draft first last',
      'data-testid': 'draft',
      'data-draft-id': chat.draft.draft_id,
      'aria-label': 'The bot is writing',
      'aria-live': 'off',
    },
    h(
      'div',
      { class: 'bubble-column' },
      h('div', { class: 'bubble' }, h('div', { class: 'text', dir: 'auto' })),
      stop,
    ),
  );
}

/** Only the text is replaced: a press on Stop must not fall between two revisions. */
export function showDraft(node, draft) {
  const content = draft.text
    ? [formatted(draft.text, draft.entities), h('span', { class: 'caret', 'aria-hidden': 'true' })]
    : [h('span', { class: 'thinking' }, 'Thinking…')];
  node.querySelector('.text').replaceChildren(...content);
  node.querySelector('.stop-button').hidden = !draft.can_stop || draft.stopped;
}

export function typingNode() {
  return h(
    'div',
    { class: 'message theirs first last typing', 'data-testid': 'typing', 'aria-label': 'typing' },
    h('div', { class: 'bubble dots' }, h('i'), h('i'), h('i')),
  );
}
