// Draws a text with its entities. Offsets are UTF-16 units, which are JavaScript's own.
import { h } from './dom.js';
import { followLink, sendCommand } from './links.js';

/** Nested entities become nested elements; overlapping ones are cut at their borders. */
export function formatted(text, entities = []) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const fragment = document.createDocumentFragment();
  fill(fragment, text, 0, text.length, sorted);
  return fragment;
}

function fill(parent, text, from, to, entities) {
  let at = from;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    index += 1;
    if (end <= start) continue;
    if (start > at) parent.append(text.slice(at, start));
    const inner = [];
    const rest = [];
    for (const other of entities.slice(index)) (other.offset < end ? inner : rest).push(other);
    const node = elementFor(entity, text.slice(start, end));
    fill(node.querySelector?.('[data-inside]') ?? node, text, start, end, inner);
    parent.append(node);
    at = end;
    // Quotes and code begin and end a line by themselves.
    if (BLOCKS.has(entity.type) && text[at] === '\n' && at < to) at += 1;
    index = entities.length - rest.length;
  }
  if (to > at) parent.append(text.slice(at, to));
}

const BLOCKS = new Set(['pre', 'blockquote', 'expandable_blockquote']);
const TAGS = { bold: 'strong', italic: 'em', underline: 'u', strikethrough: 's', code: 'code' };

function elementFor(entity, part) {
  if (TAGS[entity.type]) return h(TAGS[entity.type], entity.type === 'code' ? { class: 'inline-code' } : {});
  switch (entity.type) {
    case 'pre':
      return codeBlock(entity, part);
    case 'blockquote':
      return h('blockquote', { class: 'quote' });
    case 'expandable_blockquote':
      return expandable();
    case 'spoiler':
      return spoiler();
    case 'text_link':
      return link(entity.url);
    case 'url':
      return link(/^[a-z]+:/iu.test(part) ? part : `https://${part}`);
    case 'email':
      return link(`mailto:${part}`);
    case 'bot_command':
      return h('button', { type: 'button', class: 'link-like', onclick: () => sendCommand(part) });
    case 'date_time':
      return dateTime(entity);
    default:
      return h('span', { class: `entity entity-${entity.type}` });
  }
}

function link(url) {
  const safe =
    URL.canParse(url) && ['http:', 'https:', 'mailto:', 'tel:', 'tg:'].includes(new URL(url).protocol);
  if (!safe) return h('span', {});
  return h('a', {
    href: url,
    target: '_blank',
    rel: 'noopener noreferrer',
    onclick: (event) => followLink(url) && event.preventDefault(),
  });
}

function codeBlock(entity, part) {
  const copy = (event) => {
    void navigator.clipboard?.writeText(part);
    event.currentTarget.textContent = 'Copied';
  };
  const head = h(
    'span',
    { class: 'code-head' },
    h('span', {}, entity.language ?? 'code'),
    h('button', { type: 'button', class: 'code-copy', onclick: copy }, 'Copy'),
  );
  return h('pre', { class: 'code-block' }, head, h('code', { 'data-inside': '' }));
}

function expandable() {
  const node = h('blockquote', { class: 'quote expandable' });
  node.append(h('span', { 'data-inside': '', class: 'quote-text' }));
  const toggle = h(
    'button',
    { type: 'button', class: 'quote-toggle', 'aria-expanded': 'false', 'aria-label': 'Show the whole quote' },
    '⌄',
  );
  toggle.addEventListener('click', () => {
    const open = node.classList.toggle('open');
    toggle.setAttribute('aria-expanded', String(open));
  });
  node.append(toggle);
  return node;
}

function spoiler() {
  const node = h('span', {
    class: 'spoiler',
    role: 'button',
    tabindex: '0',
    'aria-label': 'Hidden text, press to show',
  });
  const show = () => {
    node.classList.add('shown');
    node.removeAttribute('aria-label');
  };
  node.addEventListener('click', show);
  node.addEventListener('keydown', (event) => event.key === 'Enter' && show());
  return node;
}

/** Bot API, date_time: r relative, w weekday, d/D date, t/T time; all in the reader's zone. */
function dateTime({ unix_time, date_time_format: format }) {
  const date = new Date(unix_time * 1000);
  const node = h('time', { class: 'date-time', datetime: date.toISOString(), title: date.toLocaleString() });
  if (!format) return node;
  const written = h(
    'span',
    { class: 'date-time-text' },
    format === 'r' ? relative(unix_time) : absolute(date, format),
  );
  // The text that the bot wrote is what clients without this entity show.
  node.append(written, h('span', { 'data-inside': '', class: 'date-time-fallback' }));
  return node;
}

function absolute(date, format) {
  const options = {};
  if (format.includes('w')) options.weekday = format.includes('D') ? 'long' : 'short';
  if (format.includes('d')) Object.assign(options, { day: 'numeric', month: 'numeric', year: '2-digit' });
  if (format.includes('D')) Object.assign(options, { day: 'numeric', month: 'long', year: 'numeric' });
  if (format.includes('t') || format.includes('T'))
    Object.assign(options, { hour: '2-digit', minute: '2-digit' });
  if (format.includes('T')) options.second = '2-digit';
  return date.toLocaleString([], options);
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

function relative(unix) {
  const seconds = unix - Date.now() / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return new Intl.RelativeTimeFormat([], { numeric: 'auto' }).format(Math.round(seconds / size), unit);
}
