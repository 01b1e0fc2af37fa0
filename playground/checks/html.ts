// HTML parse mode as the Bot API describes it ("Formatting options"), errors included.
import type { MessageEntity } from 'grammy/types';
import { cannotParseEntities } from './errors.ts';
import { linkEntity } from './link-entity.ts';

type Style = 'bold' | 'italic' | 'underline' | 'strikethrough' | 'spoiler' | 'code' | 'blockquote';
const STYLES: Record<string, Style> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  'tg-spoiler': 'spoiler',
  code: 'code',
  blockquote: 'blockquote',
};
const OTHERS = new Set(['a', 'pre', 'span', 'tg-emoji', 'tg-time']);
const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' };

interface Open {
  tag: string;
  offset: number;
  attributes: Map<string, string>;
}

export function parseHtml(source: string): { text: string; entities: MessageEntity[] } {
  const entities: MessageEntity[] = [];
  const open: Open[] = [];
  let text = '';
  const token = /<(\/?)([a-z][a-z0-9-]*)([^<>]*)>|&(#x?[0-9a-f]+|[a-z]+);|</giu;
  let last = 0;
  for (const match of source.matchAll(token)) {
    text += source.slice(last, match.index);
    last = match.index + match[0].length;
    const at = Buffer.byteLength(source.slice(0, match.index));
    if (match[4] !== undefined) {
      text += decode(match[4]) ?? match[0];
      continue;
    }
    const tag = match[2]?.toLowerCase();
    if (tag === undefined) throw cannotParseEntities(`Unsupported start tag "" at byte offset ${at}`);
    if (match[1] !== '/') {
      if (!(tag in STYLES) && !OTHERS.has(tag)) {
        throw cannotParseEntities(`Unsupported start tag "${tag}" at byte offset ${at}`);
      }
      open.push({ tag, offset: text.length, attributes: attributesOf(match[3] ?? '') });
      continue;
    }
    const top = open.pop();
    if (!top) throw cannotParseEntities(`Unexpected end tag at byte offset ${at}`);
    if (top.tag !== tag) {
      throw cannotParseEntities(
        `Unmatched end tag at byte offset ${at}, expected "</${top.tag}>", found "</${tag}>"`,
      );
    }
    const entity = entityOf(top, text.length - top.offset, open.at(-1), entities);
    if (entity) entities.push(entity);
  }
  text += source.slice(last);
  const left = open.at(-1);
  if (left) throw cannotParseEntities(`Can't find end tag corresponding to start tag "${left.tag}"`);
  return { text, entities };
}

function decode(name: string): string | undefined {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()];
  const code = /^#x/iu.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function attributesOf(source: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const match of source.matchAll(/([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/giu)) {
    const value = match[2] ?? match[3] ?? match[4] ?? '';
    const plain = value.replaceAll(/&(#x?[0-9a-f]+|[a-z]+);/giu, (all, name: string) => decode(name) ?? all);
    found.set((match[1] ?? '').toLowerCase(), plain);
  }
  return found;
}

function entityOf(
  { tag, offset, attributes }: Open,
  length: number,
  parent: Open | undefined,
  before: MessageEntity[],
): MessageEntity | undefined {
  if (length <= 0) return undefined;
  const style = STYLES[tag];
  if (style === 'code' && parent?.tag === 'pre') {
    const language = /^language-(.+)$/u.exec(attributes.get('class') ?? '')?.[1];
    if (language) parent.attributes.set('language', language);
    return undefined;
  }
  if (style === 'blockquote') {
    return { type: attributes.has('expandable') ? 'expandable_blockquote' : style, offset, length };
  }
  if (style) return { type: style, offset, length };
  if (tag === 'pre') {
    const language = attributes.get('language');
    return { type: 'pre', offset, length, ...(language ? { language } : {}) };
  }
  if (tag === 'span') {
    if (attributes.get('class') === 'tg-spoiler') return { type: 'spoiler', offset, length };
    throw cannotParseEntities('Tag "span" must have class "tg-spoiler"');
  }
  if (tag === 'tg-emoji') return linkEntity(`tg://emoji?id=${attributes.get('emoji-id')}`, offset, length);
  if (tag === 'tg-time') {
    const query = new URLSearchParams({
      unix: attributes.get('unix') ?? '',
      format: attributes.get('format') ?? '',
    });
    return linkEntity(`tg://time?${query.toString()}`, offset, length);
  }
  return before.some((other) => other.type === 'text_link' && other.offset === offset)
    ? undefined
    : linkEntity(attributes.get('href') ?? '', offset, length);
}
