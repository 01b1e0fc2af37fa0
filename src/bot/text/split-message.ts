import type { MessageEntity } from 'grammy/types';
import { type FormattedText, slice, trimmed } from './formatted-text.ts';

/** Bot API: 1-4096 characters after entities parsing, counted in UTF-16 units. */
export const messageLimit = 4096;
/** Telegram ignores further ones. */
const entityLimit = 100;

interface Range {
  start: number;
  end: number;
}

/**
 * Cuts a text into messages of at most `limit` UTF-16 units, in this order of liking at a blank line, a line end, the
 * end of a sentence, a space; never inside a surrogate pair, nor inside a link or a code block that fits into one
 * message. Formats that go over a cut are closed and opened again. Only blank space at the cuts is dropped.
 */
export function splitMessage(message: FormattedText, limit = messageLimit): FormattedText[] {
  const whole = trimmed(message);
  const kept = unbreakable(whole, limit);
  const parts: FormattedText[] = [];
  let start = 0;
  while (whole.text.length - start > limit) {
    const end = cutBefore(whole.text, start, start + limit, kept);
    push(parts, slice(whole, start, end));
    start = end + (/^[^\S\n]*\n+|^ /.exec(whole.text.slice(end, end + 4096))?.[0].length ?? 0);
  }
  push(parts, slice(whole, start, whole.text.length));
  return parts;
}

function push(parts: FormattedText[], part: FormattedText): void {
  const clean = trimmed(part);
  if (clean.text.trim() !== '') parts.push({ ...clean, entities: mostImportant(clean.entities) });
}

/** Bot API and clients count 100 entities a message; links and code come before looks. */
function mostImportant(entities: MessageEntity[]): MessageEntity[] {
  if (entities.length <= entityLimit) return entities;
  const weight = ({ type }: MessageEntity) => (type === 'text_link' ? 0 : type === 'pre' ? 1 : 2);
  const chosen = new Set(entities.toSorted((a, b) => weight(a) - weight(b)).slice(0, entityLimit));
  return entities.filter((entity) => chosen.has(entity));
}

/** Links and code blocks, those which fit into a message, ordered and without overlaps. */
function unbreakable({ text, entities }: FormattedText, limit: number): Range[] {
  const ranges: Range[] = entities
    .filter(({ type }) => type === 'text_link' || type === 'pre' || type === 'code')
    .map(({ offset, length }) => ({ start: offset, end: offset + length }));
  for (const match of text.matchAll(/\b(?:https?|tg):\/\/\S+/g)) {
    ranges.push({ start: match.index, end: match.index + match[0].length });
  }
  return ranges.filter(({ start, end }) => end - start <= limit).sort((a, b) => a.start - b.start);
}

const likings = [/\n[^\S\n]*\n/g, /\n/g, /[.!?…。！？]["'”»)\]]*\s/g, /\s/g];
/** How much of a message a cut may leave empty for being a better one. */
const wasteful = [0.5, 0.4, 0.3, 0.2];

function cutBefore(text: string, start: number, end: number, kept: readonly Range[]): number {
  const inside = kept.filter((range) => range.start < end && range.end > start);
  const allowed = (at: number) => !inside.some((range) => range.start < at && at < range.end);
  // One unit more: a message may end exactly where the blank space begins.
  const window = text.slice(start, end + 1);
  for (const [index, pattern] of likings.entries()) {
    const least = start + (end - start) * (1 - (wasteful[index] ?? 0));
    const at = lastMatch(window, pattern, start, index === 2).findLast(
      (at) => at >= least && at <= end && allowed(at),
    );
    if (at !== undefined) return at;
  }
  const block = inside.findLast((range) => range.start > start && range.start <= end && range.end > end);
  if (block && block.start > start) return safe(text, block.start, start);
  const space = lastMatch(window, /\s/g, start, false).findLast(
    (at) => at > start && at <= end && allowed(at),
  );
  return space ?? safe(text, end, start);
}

/** Places to cut: before the blank space that was found, for sentences after their sign. */
function lastMatch(window: string, pattern: RegExp, start: number, sentence: boolean): number[] {
  return [...window.matchAll(pattern)].map(
    (match) => start + match.index + (sentence ? match[0].length - 1 : 0),
  );
}

/** Not between the halves of a surrogate pair, nor before a joiner, a variation selector or a combining mark. */
function safe(text: string, wanted: number, start: number): number {
  let at = wanted;
  for (let steps = 0; steps < 32 && at > start + 1; steps++) {
    const unit = text.charCodeAt(at);
    const joined =
      (unit >= 0xdc00 && unit <= 0xdfff) ||
      text.charCodeAt(at - 1) === 0x200d ||
      /\p{M}|\p{Join_Control}|\p{Variation_Selector}/u.test(text.charAt(at));
    if (!joined) return at;
    at -= 1;
  }
  const unit = text.charCodeAt(wanted);
  return unit >= 0xdc00 && unit <= 0xdfff ? wanted - 1 : wanted;
}
