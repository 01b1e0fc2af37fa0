// Emphasis by CommonMark's delimiter runs, and Telegram's strike and spoiler by the same rules. Models write `**`,
// `__`, `*`, `_`, `~~` and `||`; what does not pair up stays as it was written.
import { type Format, type FormattedText, TextBuilder } from './formatted-text.ts';

interface Run {
  kind: 'run';
  mark: string;
  /** Marks left, to be shown when nobody takes them. */
  count: number;
  length: number;
  opens: boolean;
  closes: boolean;
}

export type Piece = Run | { kind: 'text'; content: FormattedText };

interface Span {
  from: number;
  to: number;
  format: Format;
}

const punctuation = /[\p{P}\p{S}]/u;
const blank = /\s/u;

/** Undefined for marks that mean nothing here: a single `~` or `|`, or one that can neither open nor close. */
export function delimiterRun(source: string, at: number, end: number): Run | undefined {
  const mark = source.charAt(at);
  const length = end - at;
  if ((mark === '~' || mark === '|') && length !== 2) return undefined;
  const before = at === 0 ? ' ' : codePointBefore(source, at);
  const after = end >= source.length ? ' ' : String.fromCodePoint(source.codePointAt(end) ?? 32);
  // CommonMark 0.31, 6.2: left- and right-flanking delimiter runs. Its rule about punctuation is left out for `**`,
  // because without spaces between words, as in Chinese, it takes `**注意：**` for no emphasis.
  const strong = mark === '*' && length === 2;
  const left =
    !blank.test(after) &&
    (strong || !punctuation.test(after) || blank.test(before) || punctuation.test(before));
  const right =
    !blank.test(before) &&
    (strong || !punctuation.test(before) || blank.test(after) || punctuation.test(after));
  // Inside words `_` never counts, and a single `*` is more often a product (2*3) than emphasis.
  const intraword = mark === '_' || (mark === '*' && length === 1);
  const opens = left && !(intraword && right && !punctuation.test(before));
  const closes = right && !(intraword && left && !punctuation.test(after));
  const atEnd = end >= source.length;
  if (!opens && !closes && !atEnd) return undefined;
  return { kind: 'run', mark, count: length, length, opens, closes };
}

function codePointBefore(source: string, at: number): string {
  const low = source.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff && at > 1 ? source.slice(at - 2, at) : source.charAt(at - 1);
}

/** Pairs closers with the nearest opener that fits; inner pairs come first. */
export function pair(pieces: Piece[], unfinished: boolean): Span[] {
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

export function writePieces(pieces: Piece[], spans: Span[]): FormattedText {
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
