// MarkdownV2 as the Bot API describes it ("Formatting options"), errors included.
import type { MessageEntity } from 'grammy/types';
import { cannotParseEntities } from './errors.ts';
import { linkEntity } from './link-entity.ts';

interface Parsed {
  text: string;
  entities: MessageEntity[];
}

type Style = 'bold' | 'italic' | 'underline' | 'strikethrough' | 'spoiler';
type Open = { type: Style | 'link' | 'date'; mark: string; offset: number; at: number };

const RESERVED = '_*[]()~`>#+-=|{}.!';
const STYLES: [string, Style][] = [
  ['__', 'underline'],
  ['||', 'spoiler'],
  ['*', 'bold'],
  ['_', 'italic'],
  ['~', 'strikethrough'],
];
const TITLES: Record<Open['type'], string> = {
  bold: 'Bold',
  italic: 'Italic',
  underline: 'Underline',
  strikethrough: 'Strikethrough',
  spoiler: 'Spoiler',
  link: 'TextUrl',
  date: 'FormattedDate',
};

export function parseMarkdownV2(source: string): Parsed {
  const entities: MessageEntity[] = [];
  const open: Open[] = [];
  let text = '';
  let at = 0;
  let quote: number | undefined;
  let lineStart = true;
  const bytes = (index: number) => Buffer.byteLength(source.slice(0, index));

  const closeQuote = (expandable: boolean) => {
    if (quote === undefined) return;
    const type = expandable ? 'expandable_blockquote' : 'blockquote';
    const length = text.replace(/\n$/u, '').length - quote;
    if (length > 0) entities.push({ type, offset: quote, length });
    quote = undefined;
  };

  const code = (mark: string, type: 'code' | 'pre') => {
    const start = at;
    at += mark.length;
    let language = '';
    if (type === 'pre') {
      language = /^[^\s`]*(?=\n)/u.exec(source.slice(at))?.[0] ?? '';
      at += language.length;
      if (source[at] === '\n') at += 1;
    }
    const offset = text.length;
    while (at < source.length && !source.startsWith(mark, at)) {
      if (source[at] === '\\' && at + 1 < source.length) at += 1;
      text += source[at];
      at += 1;
    }
    if (at >= source.length) {
      const title = type === 'pre' ? (language ? 'PreCode' : 'Pre') : 'Code';
      throw cannotParseEntities(`Can't find end of ${title} entity at byte offset ${bytes(start)}`);
    }
    at += mark.length;
    const length = text.length - offset;
    if (length === 0) return;
    if (type === 'code') entities.push({ type, offset, length });
    else entities.push({ type, offset, length, ...(language ? { language } : {}) });
  };

  while (at < source.length) {
    const char = source[at] ?? '';
    if (lineStart) {
      lineStart = false;
      if (char === '>' || source.startsWith('**>', at)) {
        if (char !== '>') closeQuote(false);
        quote ??= text.length;
        at += char === '>' ? 1 : 3;
        continue;
      }
      closeQuote(false);
    }
    if (char === '\\' && escapable(source.charCodeAt(at + 1))) {
      text += source[at + 1];
      at += 2;
      continue;
    }
    if (char === '\n') {
      text += char;
      at += 1;
      lineStart = true;
      continue;
    }
    if (source.startsWith('```', at)) {
      code('```', 'pre');
      continue;
    }
    if (char === '`') {
      code('`', 'code');
      continue;
    }
    const top = open.at(-1);
    if (quote !== undefined && top?.type !== 'spoiler' && /^\|\|(?:\n|$)/u.test(source.slice(at))) {
      at += 2;
      closeQuote(true);
      continue;
    }
    if (char === ']' && top && (top.type === 'link' || top.type === 'date')) {
      const target = /^\]\(((?:\\.|[^\\)])*)\)/su.exec(source.slice(at));
      if (!target)
        throw cannotParseEntities(
          `Can't find end of ${TITLES[top.type]} entity at byte offset ${bytes(top.at)}`,
        );
      open.pop();
      at += target[0].length;
      const url = (target[1] ?? '').replace(/\\(.)/gsu, '$1');
      const entity = linkEntity(url, top.offset, text.length - top.offset);
      if (entity) entities.push(entity);
      continue;
    }
    if (char === '[' || source.startsWith('![', at)) {
      open.push({ type: char === '[' ? 'link' : 'date', mark: ']', offset: text.length, at });
      at += char === '[' ? 1 : 2;
      continue;
    }
    const style = STYLES.find(([mark]) => source.startsWith(mark, at));
    if (style) {
      const [mark, type] = style;
      if (top?.type === type) {
        open.pop();
        if (text.length > top.offset)
          entities.push({ type, offset: top.offset, length: text.length - top.offset });
      } else open.push({ type, mark, offset: text.length, at });
      at += mark.length;
      continue;
    }
    if (RESERVED.includes(char)) {
      throw cannotParseEntities(
        `Character '${char}' is reserved and must be escaped with the preceding '\\'`,
      );
    }
    text += char;
    at += 1;
  }
  closeQuote(false);
  const left = open.at(-1);
  if (left)
    throw cannotParseEntities(
      `Can't find end of ${TITLES[left.type]} entity at byte offset ${bytes(left.at)}`,
    );
  return { text, entities };
}

/** Bot API: "Any character with code between 1 and 126 inclusively can be escaped". */
const escapable = (code: number) => code >= 1 && code <= 126;
