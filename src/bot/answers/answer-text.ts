// What an answer looks like, while it grows and in the end.
import type { Source } from '#shared/contracts/threads.ts';
import { type FormattedText, TextBuilder } from '../text/formatted-text.ts';
import { linkable } from '../text/links.ts';
import { renderMarkdown } from '../text/markdown.ts';
import { messageLimit, splitMessage } from '../text/split-message.ts';
import type { AnswerSoFar } from './answer-so-far.ts';
import type { AnswerTexts } from './answer-texts.ts';

const shownTools = 4;
const shownSources = 10;
/** Leaves room for tool lines and the mark of what is left out. */
const previewBody = messageLimit - 600;
/** Telegram refuses messages of blanks and invisible characters only. */
const visible = /[^\s\p{Z}\p{C}\p{M}]/u;

/** At most one message; of a longer answer its end. Empty when there is nothing to show yet. */
export function previewText(
  answer: AnswerSoFar,
  texts: AnswerTexts,
  toolLabel: (name: string) => string,
): FormattedText {
  const builder = new TextBuilder();
  const body = bodyOf(answer, true);
  const parts = splitMessage(body, previewBody);
  const last = parts.at(-1);
  if (last) builder.append(parts.length > 1 ? '…\n' : '').appendFormatted(last);
  if (answer.toolsLast) {
    if (last) builder.append('\n\n');
    builder.append(
      answer.tools
        .slice(-shownTools)
        .map(({ name, state }) => {
          const label = shortened(toolLabel(name), 80);
          if (state === 'running') return texts.toolRunning(label);
          return state === 'done' ? texts.toolDone(label) : texts.toolFailed(label);
        })
        .join('\n'),
      { type: 'italic' },
    );
  }
  return builder.build();
}

/** All messages of the finished answer, at least one. */
export function finalText(answer: AnswerSoFar, texts: AnswerTexts): FormattedText[] {
  const builder = new TextBuilder().appendFormatted(bodyOf(answer, false));
  const note = noteOf(answer, texts);
  if (builder.text === '') builder.append(note ?? texts.empty);
  else if (note) builder.append('\n\n').append(note, { type: 'italic' });
  writeSources(builder, answer.sources, texts);
  return splitMessage(builder.build());
}

function bodyOf({ text }: AnswerSoFar, unfinished: boolean): FormattedText {
  const body = renderMarkdown(text, { unfinished });
  return visible.test(body.text) ? body : { text: '', entities: [] };
}

function noteOf({ end }: AnswerSoFar, texts: AnswerTexts): string | undefined {
  switch (end?.status) {
    case 'stopped':
      return texts.stopped;
    case 'interrupted':
      return texts.interrupted;
    case 'failed':
      return texts.failed(end.code);
    default:
      return undefined;
  }
}

function writeSources(builder: TextBuilder, sources: readonly Source[], texts: AnswerTexts): void {
  if (sources.length === 0) return;
  builder.append('\n\n').append(texts.sources, { type: 'bold' });
  for (const { n, title, kb_name: kb, link } of sources.slice(0, shownSources)) {
    const name = shortened(title || kb, 80);
    const url = link ? linkable(link) : undefined;
    builder.append(`\n${n}. `).append(name, url ? { type: 'text_link', url } : undefined);
    if (title && kb && kb !== title) builder.append(` · ${shortened(kb, 40)}`);
  }
}

function shortened(text: string, length: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim().toWellFormed();
  if (line.length <= length) return line;
  return `${line.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
