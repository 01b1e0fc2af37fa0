// Markdown within a paragraph. What is not well formed stays as it was written.
import { delimiterRun, type Piece, pair, writePieces } from './emphasis.ts';
import { type FormattedText, TextBuilder } from './formatted-text.ts';
import { linkable } from './links.ts';

interface Options {
  /** The text is still being written: what is open at its end is closed there instead of shown as marks. */
  unfinished: boolean;
  depth?: number;
}

const maxDepth = 8;
/** Marks in one paragraph that are looked at; pairing is quadratic in the worst case, and brackets look far ahead. */
const maxRuns = 1000;

export function renderInline(source: string, options: Options): FormattedText {
  const pieces = readPieces(source, options);
  return writePieces(pieces, pair(pieces, options.unfinished));
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
      return /[!-/:-@[-`{-~\n]/.test(next) ? { content: plain(next), end: at + 2 } : undefined;
    }
    case '`':
      return readCode(source, at, options);
    case '!':
      return source.charAt(at + 1) === '[' ? readLink(source, at + 1, options) : undefined;
    case '[':
      return readLink(source, at, options);
    case '<':
      return readAngle(source, at);
    case 'h':
      return readAddress(source, at);
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

/** Addresses are found by Telegram itself; here only their marks are kept from being taken for emphasis. */
function readAddress(source: string, at: number) {
  const found = /^https?:\/\/[^\s<>]+/.exec(source.slice(at, at + 2048))?.[0];
  if (!found) return undefined;
  const address = found.replace(/[*_~|`)\]}.,;:!?'"»”]+$/, '');
  return { content: plain(address), end: at + address.length };
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
