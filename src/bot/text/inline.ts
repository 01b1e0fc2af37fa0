// Inline Markdown: emphasis by CommonMark's delimiter runs, code, links, and Telegram's strike and spoiler. Models
// write `**`, `__`, `*`, `_`, `~~` and `||`; what does not pair up stays as it was written.
import { type Format, type FormattedText, TextBuilder } from './formatted-text.ts';
import { linkable } from './links.ts';

interface Options {
  /** The text is still being written: what is open at its end is closed there instead of shown as marks. */
  unfinished: boolean;
  depth?: number;
}

interface Run {
  kind: 'run';
  mark: string;
  /** Marks left, to be shown when nobody takes them. */
  count: number;
  length: number;
  opens: boolean;
  closes: boolean;
}

type Piece = Run | { kind: 'text'; content: FormattedText };

interface Span {
  from: number;
  to: number;
  format: Format;
}

const punctuation = /[\p{P}\p{S}]/u;
const blank = /\s/u;
const maxDepth = 8;
/** Marks in one paragraph that are looked at; pairing is quadratic in the worst case, and brackets look far ahead. */
const maxRuns = 1000;

export function renderInline(source: string, options: Options): FormattedText {
  const pieces = readPieces(source, options);
  return write(pieces, pair(pieces, options.unfinished));
}

function readPieces(source: string, options: Options): Piece[] {
  const pieces: Piece[] = [];
  let literal = '';
  let runs = 0;
  let brackets = 0;
  const add = (content: FormattedText) => {
    if (literal !== '') pieces.push({ kind: 'text', content: { text: literal, entities: [] } });
    literal = '';
    if (content.text !== '') pieces.push({ kind: 'text', content });
  };
  const nothing: FormattedText = { text: '', entities: [] };
  for (let at = 0; at < source.length; ) {
    const char = source.charAt(at);
    if (char === '[') brackets += 1;
    const special = char === '[' && brackets > maxRuns ? undefined : readSpecial(source, at, options);
    if (special) {
      add(special.content);
      at = special.end;
    } else if (/[*_~|]/.test(char) && runs < maxRuns) {
      let end = at + 1;
      while (source.charAt(end) === char) end += 1;
      const run = delimiterRun(source, at, end);
      if (run) {
        add(nothing);
        pieces.push(run);
        runs += 1;
      } else {
        literal += source.slice(at, end);
      }
      at = end;
    } else {
      literal += char;
      at += 1;
    }
  }
  add(nothing);
  return pieces;
}

function readSpecial(
  source: string,
  at: number,
  options: Options,
): { content: FormattedText; end: number } | undefined {
  switch (source.charAt(at)) {
    case '\\': {
      const next = source.charAt(at + 1);
      return /[!-/:-@[-`{-~]/.test(next) ? { content: plain(next), end: at + 2 } : undefined;
    }
    case '`':
      return readCode(source, at, options);
    case '!':
      return source.charAt(at + 1) === '[' ? readLink(source, at + 1, options) : undefined;
    case '[':
      return readLink(source, at, options);
    case '<':
      return readAngle(source, at);
    case '&':
      return readCharacterReference(source, at);
    default:
      return undefined;
  }
}

const plain = (text: string): FormattedText => ({ text, entities: [] });

function readCode(source: string, at: number, { unfinished }: Options) {
  const ticks = /^`+/.exec(source.slice(at, at + 64))?.[0] ?? '`';
  let close = source.indexOf(ticks, at + ticks.length);
  while (close >= 0 && (source.charAt(close + ticks.length) === '`' || source.charAt(close - 1) === '`')) {
    let next = close + 1;
    while (source.charAt(next) === '`') next += 1;
    close = source.indexOf(ticks, next);
  }
  if (close < 0 && !unfinished) return { content: plain(ticks), end: at + ticks.length };
  const end = close < 0 ? source.length : close;
  const code = source.slice(at + ticks.length, end).replaceAll('\n', ' ');
  const inner = /^ .*[^ ].* $/.test(code) ? code.slice(1, -1) : code;
  const content = new TextBuilder().append(inner, { type: 'code' });
  return { content: { text: content.text, entities: content.entities }, end: end + ticks.length };
}

/** `[text](address "title")`, from its bracket on. */
function readLink(source: string, at: number, options: Options) {
  const depth = options.depth ?? 0;
  const close = closingBracket(source, at);
  if (close === undefined || depth >= maxDepth) return undefined;
  const target = /^\(\s*(?:<([^<>\n]*)>|((?:[^\s()]|\([^\s()]*\))*))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/.exec(
    source.slice(close + 1, close + 4096),
  );
  if (!target) {
    // While it is being written, `[text](https://exa` shows its text only.
    const open = options.unfinished && /^\((?:[^\s()]|\([^\s()]*\))*$/.test(source.slice(close + 1));
    if (!open) return undefined;
    return {
      content: renderInline(source.slice(at + 1, close), { unfinished: false, depth: depth + 1 }),
      end: source.length,
    };
  }
  const address = (target[1] ?? target[2] ?? '').trim();
  const label = renderInline(source.slice(at + 1, close), { unfinished: false, depth: depth + 1 });
  return { content: link(label, address), end: close + 1 + target[0].length };
}

function link(label: FormattedText, address: string): FormattedText {
  const url = linkable(address);
  const builder = new TextBuilder();
  const shown = label.text.trim() === '' ? plain(address) : label;
  // Links cannot hold links or code.
  builder.appendFormatted({
    text: shown.text,
    entities: shown.entities.filter(({ type }) => !url || (type !== 'text_link' && type !== 'code')),
  });
  if (url) builder.mark({ type: 'text_link', url }, 0);
  else if (shown === label && address !== '') builder.append(` (${address})`);
  return { text: builder.text, entities: builder.entities };
}

function closingBracket(source: string, at: number): number | undefined {
  let depth = 0;
  const limit = Math.min(source.length, at + 2048);
  for (let i = at; i < limit; i++) {
    const char = source.charAt(i);
    if (char === '\\') i += 1;
    else if (char === '[') depth += 1;
    else if (char === ']' && --depth === 0) return i;
  }
  return undefined;
}

/** `<https://…>` and the line break that models put into table cells. */
function readAngle(source: string, at: number) {
  const rest = source.slice(at, at + 2048);
  const broken = /^<br\s*\/?>/i.exec(rest);
  if (broken) return { content: plain('\n'), end: at + broken[0].length };
  const auto = /^<((?:https?|tg):[^\s<>]+)>/.exec(rest);
  if (!auto?.[1]) return undefined;
  return { content: link(plain(auto[1]), auto[1]), end: at + auto[0].length };
}

const references = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
  ['&apos;', "'"],
  ['&nbsp;', ' '],
]);

function readCharacterReference(source: string, at: number) {
  const name = /^&#?\w{1,6};/.exec(source.slice(at, at + 9))?.[0] ?? '';
  const character = references.get(name);
  return character === undefined ? undefined : { content: plain(character), end: at + name.length };
}

/** Undefined for marks that mean nothing here: a single `~` or `|`, or one that can neither open nor close. */
function delimiterRun(source: string, at: number, end: number): Run | undefined {
  const mark = source.charAt(at);
  const length = end - at;
  if ((mark === '~' || mark === '|') && length !== 2) return undefined;
  const before = at === 0 ? ' ' : codePointBefore(source, at);
  const after = end >= source.length ? ' ' : String.fromCodePoint(source.codePointAt(end) ?? 32);
  // CommonMark 0.31, 6.2: left- and right-flanking delimiter runs.
  const left =
    !blank.test(after) && (!punctuation.test(after) || blank.test(before) || punctuation.test(before));
  const right =
    !blank.test(before) && (!punctuation.test(before) || blank.test(after) || punctuation.test(after));
  const opens = mark === '_' ? left && (!right || punctuation.test(before)) : left;
  const closes = mark === '_' ? right && (!left || punctuation.test(after)) : right;
  const atEnd = end >= source.length;
  if (!opens && !closes && !atEnd) return undefined;
  return { kind: 'run', mark, count: length, length, opens, closes };
}

function codePointBefore(source: string, at: number): string {
  const low = source.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff && at > 1 ? source.slice(at - 2, at) : source.charAt(at - 1);
}

/** Pairs closers with the nearest opener that fits; inner pairs come first. */
function pair(pieces: Piece[], unfinished: boolean): Span[] {
  const spans: Span[] = [];
  const openers: number[] = [];
  pieces.forEach((piece, index) => {
    if (piece.kind !== 'run') return;
    while (piece.closes && piece.count > 0) {
      const found = openers.findLastIndex((at) => fits(runAt(pieces, at), piece));
      const from = openers[found];
      if (from === undefined) break;
      const opener = runAt(pieces, from);
      const used = usedMarks(opener, piece);
      openers.length = found + 1;
      spans.push({ from, to: index, format: formatOf(piece.mark, used) });
      opener.count -= used;
      piece.count -= used;
      if (opener.count === 0) openers.pop();
    }
    if (piece.opens && piece.count > 0) openers.push(index);
  });
  if (unfinished) closeAtEnd(pieces, openers, spans);
  return spans;
}

function runAt(pieces: Piece[], index: number): Run {
  const piece = pieces[index];
  if (piece?.kind !== 'run') throw new Error('Only delimiter runs are on the stack of openers');
  return piece;
}

function fits(opener: Run, closer: Run): boolean {
  if (opener.mark !== closer.mark) return false;
  if (opener.mark === '~' || opener.mark === '|') return true;
  // CommonMark's "multiple of 3" rule keeps `*a**b*` from closing too early.
  const both = opener.closes || closer.opens;
  return !(
    both &&
    (opener.length + closer.length) % 3 === 0 &&
    !(opener.length % 3 === 0 && closer.length % 3 === 0)
  );
}

function usedMarks(opener: Run, closer: Run): number {
  return opener.count >= 2 && closer.count >= 2 ? 2 : 1;
}

function formatOf(mark: string, used: number): Format {
  if (mark === '~') return { type: 'strikethrough' };
  if (mark === '|') return { type: 'spoiler' };
  return { type: used === 2 ? 'bold' : 'italic' };
}

/** What is open when the text stops is taken as meant, and marks at the very end wait for what follows them. */
function closeAtEnd(pieces: Piece[], openers: number[], spans: Span[]): void {
  for (const index of openers.toReversed()) {
    const opener = runAt(pieces, index);
    while (opener.count > 0) {
      const used = opener.count >= 2 ? 2 : 1;
      spans.push({ from: index, to: pieces.length, format: formatOf(opener.mark, used) });
      opener.count -= used;
    }
  }
  const last = pieces.at(-1);
  if (last?.kind === 'run') last.count = 0;
}

function write(pieces: Piece[], spans: Span[]): FormattedText {
  const builder = new TextBuilder();
  const starts: number[] = [];
  const ends: number[] = [];
  pieces.forEach((piece, index) => {
    ends[index] = builder.text.length;
    if (piece.kind === 'run') builder.append(piece.mark.repeat(piece.count));
    starts[index] = builder.text.length;
    if (piece.kind === 'text') builder.appendFormatted(piece.content);
  });
  ends[pieces.length] = builder.text.length;
  for (const { from, to, format } of spans) {
    const offset = starts[from] ?? 0;
    const length = (ends[to] ?? builder.text.length) - offset;
    if (length > 0) builder.entities.push({ ...format, offset, length });
  }
  return { text: builder.text, entities: withoutFormatsInCode(builder) };
}

/** Bot API: code cannot be part of any other entity, so the others are cut around it. */
function withoutFormatsInCode({ entities }: TextBuilder): FormattedText['entities'] {
  const codes = entities.filter((entity) => entity.type === 'code');
  if (codes.length === 0) return entities;
  return entities.flatMap((entity) => {
    if (!['bold', 'italic', 'strikethrough', 'spoiler'].includes(entity.type)) return [entity];
    return outside(entity.offset, entity.offset + entity.length, codes).map(([from, to]) => ({
      ...entity,
      offset: from,
      length: to - from,
    }));
  });
}

function outside(
  start: number,
  end: number,
  holes: readonly { offset: number; length: number }[],
): [number, number][] {
  const parts: [number, number][] = [];
  let from = start;
  for (const hole of holes.toSorted((a, b) => a.offset - b.offset)) {
    if (hole.offset + hole.length <= from || hole.offset >= end) continue;
    if (hole.offset > from) parts.push([from, hole.offset]);
    from = Math.max(from, hole.offset + hole.length);
  }
  if (from < end) parts.push([from, end]);
  return parts;
}
