// Markdown as language models write it, block by block, into text with entities. It is kind rather than strict: what
// it does not know stays as it is, and no input is an error.
import { type FormattedText, slice, TextBuilder } from './formatted-text.ts';
import { renderInline } from './inline.ts';
import { isTableDelimiter, layOutTable, tableCells } from './table.ts';

export interface MarkdownOptions {
  /** Set while the text is still being written: open code, bold and links at its end are shown as meant. */
  unfinished?: boolean;
}

/** @example renderMarkdown('**Hi**') // { text: 'Hi', entities: [{ type: 'bold', offset: 0, length: 2 }] } */
export function renderMarkdown(source: string, { unfinished = false }: MarkdownOptions = {}): FormattedText {
  const lines = source.toWellFormed().replaceAll('\r', '').split('\n');
  const builder = new TextBuilder();
  writeBlocks(builder, lines, { unfinished, quoted: 0 });
  return builder.build();
}

interface Context {
  unfinished: boolean;
  /** How many quotes surround this; Telegram cannot nest them, so inner ones are only indented by a mark. */
  quoted: number;
}

const fence = /^(\s*)(`{3,}|~{3,})\s*([^`\s]*)[^`]*$/;
const heading = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const rule = /^\s{0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$/;
const quote = /^\s{0,3}>\s?/;
const item = /^(\s*)([-*+•]|\d{1,9}[.)])\s+(.*)$/;
const maxQuotes = 8;

function writeBlocks(builder: TextBuilder, lines: readonly string[], context: Context): void {
  const indents: number[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    if (line.trim() === '') {
      if (!builder.text.endsWith('\n\n') && builder.text !== '') builder.append('\n');
      at += 1;
      continue;
    }
    const open = fence.exec(line);
    if (open) at = writeFence(builder, lines, at, open);
    else if (quote.test(line) && context.quoted < maxQuotes) at = writeQuote(builder, lines, at, context);
    else if (isTable(lines, at)) at = writeTable(builder, lines, at);
    else if (rule.test(line)) at = writeRule(builder, at);
    else if (item.test(line)) at = writeItem(builder, lines, at, indents, context);
    else {
      if (!/^\s/.test(line)) indents.length = 0;
      at = writeParagraph(builder, lines, at, context);
    }
  }
}

function writeFence(
  builder: TextBuilder,
  lines: readonly string[],
  at: number,
  open: RegExpExecArray,
): number {
  const [, indent = '', marks = '```', language = ''] = open;
  const closing = new RegExp(`^\\s*${marks.charAt(0)}{${marks.length},}\\s*$`);
  let end = at + 1;
  while (end < lines.length && !closing.test(lines[end] ?? '')) end += 1;
  const code = lines
    .slice(at + 1, end)
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()))
    .join('\n');
  const offset = builder.text.length;
  builder.append(code);
  if (code.trim() !== '') builder.mark(language ? { type: 'pre', language } : { type: 'pre' }, offset);
  if (code !== '') builder.append('\n');
  return end + 1;
}

function writeQuote(builder: TextBuilder, lines: readonly string[], at: number, context: Context): number {
  let end = at;
  while (end < lines.length && quote.test(lines[end] ?? '')) end += 1;
  const inner = new TextBuilder();
  writeBlocks(
    inner,
    lines.slice(at, end).map((line) => line.replace(quote, '')),
    { unfinished: context.unfinished && end === lines.length, quoted: context.quoted + 1 },
  );
  const content = inner.build();
  const offset = builder.text.length;
  builder.appendFormatted(content);
  if (context.quoted === 0) builder.mark({ type: 'blockquote' }, offset);
  if (content.text !== '') builder.append('\n');
  return end;
}

function isTable(lines: readonly string[], at: number): boolean {
  return (lines[at] ?? '').includes('|') && isTableDelimiter(lines[at + 1] ?? '');
}

function writeTable(builder: TextBuilder, lines: readonly string[], at: number): number {
  let end = at + 2;
  while (end < lines.length && (lines[end] ?? '').includes('|')) end += 1;
  const rows = lines
    .slice(at, end)
    .filter((_, index) => index !== 1)
    .map((line) =>
      tableCells(line).map((cell) => renderInline(cell, { unfinished: false }).text.replaceAll('\n', ' ')),
    );
  builder.append(layOutTable(rows, lines[at + 1] ?? ''), { type: 'pre' }).append('\n');
  return end;
}

function writeRule(builder: TextBuilder, at: number): number {
  builder.append('———\n');
  return at + 1;
}

const bullets = ['•', '◦', '▪'];

function writeItem(
  builder: TextBuilder,
  lines: readonly string[],
  at: number,
  indents: number[],
  context: Context,
): number {
  const [, space = '', mark = '-', rest = ''] = item.exec(lines[at] ?? '') ?? [];
  const indent = space.replaceAll('\t', '    ').length;
  while (indents.length > 0 && (indents.at(-1) ?? 0) > indent) indents.pop();
  if (indents.at(-1) !== indent) indents.push(indent);
  const level = Math.min(indents.length, 6) - 1;
  const sign = /\d/.test(mark) ? mark : (bullets[Math.min(level, 2)] ?? '•');
  const box = /^\[([ xX])\]\s+/.exec(rest);
  const check = box ? (box[1] === ' ' ? '☐ ' : '☑ ') : '';
  const first = box ? rest.slice(box[0].length) : rest;
  builder.append(`${'   '.repeat(level)}${check === '' ? `${sign} ` : check}`);
  return writeText(builder, lines, at, first, context);
}

function writeParagraph(
  builder: TextBuilder,
  lines: readonly string[],
  at: number,
  context: Context,
): number {
  const line = lines[at] ?? '';
  const title = heading.exec(line);
  if (!title) return writeText(builder, lines, at, line.trimStart(), context);
  const content = renderInline(title[2] ?? '', { unfinished: context.unfinished && at === lines.length - 1 });
  const offset = builder.text.length;
  builder.appendFormatted({ ...content, entities: content.entities.filter(({ type }) => type !== 'bold') });
  const codes = content.entities.some(({ type }) => type === 'code');
  if (!codes) builder.mark({ type: 'bold' }, offset);
  builder.append('\n');
  return at + 1;
}

/** Lines up to the next block are one text, so that emphasis may go over their ends; line ends are kept, as in chats. */
function writeText(
  builder: TextBuilder,
  lines: readonly string[],
  at: number,
  first: string,
  context: Context,
): number {
  let end = at + 1;
  while (end < lines.length && !startsBlock(lines, end)) end += 1;
  const text = [first, ...lines.slice(at + 1, end)].map((line) => line.trim()).join('\n');
  const rendered = renderInline(text, { unfinished: context.unfinished && end === lines.length });
  builder.appendFormatted(slice(rendered, 0, rendered.text.length)).append('\n');
  return end;
}

function startsBlock(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? '';
  return (
    line.trim() === '' ||
    fence.test(line) ||
    quote.test(line) ||
    heading.test(line) ||
    rule.test(line) ||
    item.test(line) ||
    isTable(lines, at)
  );
}
