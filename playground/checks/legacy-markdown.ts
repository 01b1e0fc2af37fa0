// The old "Markdown" parse mode: no nesting, no escapes inside entities.
import type { MessageEntity } from 'grammy/types';
import { cannotParseEntities } from './errors.ts';
import { linkEntity } from './link-entity.ts';

export function parseLegacyMarkdown(source: string): { text: string; entities: MessageEntity[] } {
  const entities: MessageEntity[] = [];
  let text = '';
  let at = 0;
  const missing = () =>
    cannotParseEntities(
      `Can't find end of the entity starting at byte offset ${Buffer.byteLength(source.slice(0, at))}`,
    );
  while (at < source.length) {
    const rest = source.slice(at);
    if (/^\\[_*`[]/u.test(rest)) {
      text += rest[1];
      at += 2;
      continue;
    }
    const mark = /^(?:```|[_*`[])/u.exec(rest)?.[0];
    if (!mark) {
      text += rest[0];
      at += 1;
      continue;
    }
    if (mark === '[') {
      const link = /^\[([^\]]*)\]\(([^)]*)\)/u.exec(rest);
      if (!link) throw missing();
      const entity = linkEntity(link[2] ?? '', text.length, (link[1] ?? '').length);
      text += link[1];
      if (entity) entities.push(entity);
      at += link[0].length;
      continue;
    }
    const end = rest.indexOf(mark, mark.length);
    if (end < 0) throw missing();
    let inner = rest.slice(mark.length, end);
    const language = mark === '```' ? /^[^\s`]+(?=\n)/u.exec(inner)?.[0] : undefined;
    if (mark === '```') inner = inner.slice(language?.length ?? 0).replace(/^\n/u, '');
    const span = { offset: text.length, length: inner.length };
    if (inner) {
      if (mark === '```') entities.push({ type: 'pre', ...span, ...(language ? { language } : {}) });
      else entities.push({ type: mark === '*' ? 'bold' : mark === '_' ? 'italic' : 'code', ...span });
    }
    text += inner;
    at += end + mark.length;
  }
  return { text, entities };
}
