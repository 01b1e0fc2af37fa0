// Telegram's servers mark commands, mentions, links and hashtags by themselves in every text.
import type { MessageEntity } from 'grammy/types';

type Found = 'bot_command' | 'mention' | 'url' | 'email' | 'hashtag';

const PATTERNS: [Found, RegExp][] = [
  ['url', /(?:https?:\/\/|tg:\/\/)[^\s<>"'“”«»]*[^\s<>"'“”«».,;:!?)\]]/giu],
  [
    'url',
    /(?<![\w@/.-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|me|app|de|ru|eu)(?:\/[^\s<>"']*)?(?![\w@])/giu,
  ],
  ['email', /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu],
  ['bot_command', /(?<![\w/<>@])\/[a-z0-9_]{1,64}(?:@[a-z0-9_]{3,32})?(?![\w/])/giu],
  ['mention', /(?<![\w@.])@[a-z0-9_]{3,32}(?!\w)/giu],
  ['hashtag', /(?<![\w#])#[\p{L}\p{N}_]*\p{L}[\p{L}\p{N}_]*/giu],
];

const OPAQUE = new Set(['code', 'pre', 'text_link', 'text_mention']);

/** The given entities with the found ones, sorted as Telegram sorts them: by offset, longer first. */
export function detectEntities(text: string, given: MessageEntity[]): MessageEntity[] {
  const taken = given.filter((entity) => OPAQUE.has(entity.type));
  const found: MessageEntity[] = [];
  for (const [type, pattern] of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const entity: MessageEntity = { type, offset: match.index, length: match[0].length };
      if ([...taken, ...found].every((other) => apart(other, entity))) found.push(entity);
    }
  }
  const known = new Set(given.map((entity) => `${entity.type}:${entity.offset}`));
  const added = found.filter((entity) => !known.has(`${entity.type}:${entity.offset}`));
  return [...given, ...added].sort((a, b) => a.offset - b.offset || b.length - a.length);
}

function apart(a: MessageEntity, b: MessageEntity): boolean {
  return a.offset + a.length <= b.offset || b.offset + b.length <= a.offset;
}
