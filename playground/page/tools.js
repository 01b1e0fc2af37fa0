// Right: the workshop. Trouble for the bot's next calls, Telegram's counters, what the bot called.
import { act } from './api.js';
import { h, icon, showKeyed } from './dom.js';
import { changed, currentChat, store } from './store.js';

const FAULTS = [
  { kind: 'too_many_requests', text: '429 too many requests', hint: 'retry after 3 s' },
  { kind: 'lost_answer', text: 'Lose the answer', hint: 'the call takes effect' },
  { kind: 'server_error', text: '500 server error', hint: 'nothing happens' },
  { kind: 'disconnect', text: 'Break the connection', hint: 'before the call' },
  { kind: 'bad_request', text: '400 bad request', hint: 'the call is refused' },
  { kind: 'blocked', text: '403 blocked by the user', hint: 'the call is refused' },
];
const NAMES = Object.fromEntries(
  [...FAULTS, { kind: 'migrate', text: 'Upgrade the group' }].map(({ kind, text }) => [kind, text]),
);

const target = h('select', { class: 'field', 'aria-label': 'Which call' });
target.append(
  ...[
    ['', 'next call'],
    ['sendMessage', 'next sendMessage'],
    ['sendMessageDraft', 'next draft'],
    ['editMessageText', 'next edit'],
    ['answerCallbackQuery', 'next callback answer'],
  ].map(([value, text]) => h('option', { value }, text)),
);
const waiting = h('ul', { class: 'fault-list' });
const counters = h('div', { class: 'counters' });
const calls = h('ol', { class: 'calls', 'data-testid': 'calls' });
const pending = h('span', { class: 'pending' });

export function mountTools(root) {
  const close = h(
    'button',
    {
      type: 'button',
      class: 'icon-button',
      'aria-label': 'Close tools',
      onclick: () => togglePanel('tools'),
    },
    icon('close'),
  );
  const clear = h(
    'button',
    { type: 'button', class: 'text-button', onclick: () => void act('clearFaults') },
    'Clear',
  );
  root.append(
    h('header', { class: 'tools-head' }, h('h2', {}, 'Tools'), pending, close),
    h(
      'section',
      {},
      h('div', { class: 'section-head' }, h('h3', {}, 'Trouble'), target, clear),
      h('div', { class: 'fault-buttons' }, FAULTS.map(faultButton), migrateButton()),
      waiting,
    ),
    h('section', {}, h('div', { class: 'section-head' }, h('h3', {}, 'Counters, last minute')), counters),
    h(
      'section',
      { class: 'calls-section' },
      h('div', { class: 'section-head' }, h('h3', {}, 'Calls of the bot')),
      calls,
    ),
  );
}

function faultButton({ kind, text, hint }) {
  const add = () => void act('fault', { kind, ...(target.value ? { method: target.value } : {}) });
  return h(
    'button',
    { type: 'button', class: 'fault', 'data-fault': kind, onclick: add },
    h('span', {}, text),
    h('small', {}, hint),
  );
}

function migrateButton() {
  const add = () => {
    const chat = currentChat();
    if (chat?.kind === 'group') void act('fault', { kind: 'migrate', chat: chat.id });
    else document.querySelector('[data-fault="migrate"] small').textContent = 'open a group first';
  };
  return h(
    'button',
    { type: 'button', class: 'fault', 'data-fault': 'migrate', onclick: add },
    h('span', {}, 'Upgrade this group'),
    h('small', {}, 'at the next call'),
  );
}

export function togglePanel(panel) {
  store.panel = store.panel === panel ? null : panel;
  changed();
}

export function showTools(root) {
  root.hidden = store.panel !== 'tools';
  if (root.hidden || !store.data) return;
  const { workshop, chats } = store.data;
  pending.textContent = workshop.pending > 0 ? `${workshop.pending} updates waiting for the bot` : '';
  waiting.replaceChildren(
    ...workshop.faults.map((fault) =>
      h(
        'li',
        {},
        `${NAMES[fault.kind]} — ${fault.method ?? (fault.chat ? 'next call in that group' : 'next call')}`,
      ),
    ),
  );
  const rows = workshop.counters.map((counter) => {
    const chat = chats.find((one) => one.id === counter.chat);
    const name = chat
      ? chat.title
      : (store.data.people.find((one) => one.id === counter.chat)?.first_name ?? counter.chat);
    return h(
      'div',
      { class: 'counter' },
      h('span', { class: 'counter-name' }, name),
      bar('sent', counter.messagesLastMinute),
      bar('edits', counter.editsLastMinute),
      bar('drafts', counter.draftsLastMinute, 171),
    );
  });
  counters.replaceChildren(
    ...(rows.length > 0 ? rows : [h('p', { class: 'nothing-yet' }, 'The bot sent nothing yet.')]),
  );
  // The newest line grows while the bot streams; counted from the oldest, lines keep their keys.
  const lines = workshop.calls.map((call, index) => ({
    ...call,
    key: `${workshop.calls.length - index}:${call.method}`,
  }));
  showKeyed(calls, lines, {
    key: (call) => call.key,
    signature: (call) => `${call.count}:${call.at}`,
    render: callItem,
  });
}

function bar(label, count, most = 20) {
  const node = h(
    'span',
    { class: count >= most ? 'bar full' : 'bar', title: `${count} of ${most} ${label}` },
    h('i'),
    h('b', {}, `${count} ${label}`),
  );
  node.style.setProperty('--part', String(Math.min(1, count / most)));
  return node;
}

function callItem(call) {
  const time = new Date(call.at).toLocaleTimeString([], {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return h(
    'li',
    { class: call.description ? 'call refused' : 'call' },
    h(
      'details',
      {},
      h(
        'summary',
        {},
        h(
          'span',
          { class: 'call-method' },
          call.method,
          call.count > 1 && h('span', { class: 'call-count' }, ` × ${call.count}`),
        ),
        h('time', {}, time),
        call.description && h('span', { class: 'call-error' }, call.description),
      ),
      h('pre', {}, JSON.stringify(call.payload, null, 2)),
    ),
  );
}
