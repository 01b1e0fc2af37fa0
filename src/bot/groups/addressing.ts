// Whether a group's message is meant for the bot. In groups it answers to nothing else.
import type { Message, MessageEntity, UserFromGetMe } from 'grammy/types';

export type Addressing =
  | { by: 'mention' | 'reply'; question: string }
  | { by: 'command'; name: string; args: string }
  /** A command for another bot. */
  | { by: 'other_bot' }
  | { by: 'nobody' };

export function addressingOf(message: Message, me: Pick<UserFromGetMe, 'id' | 'username'>): Addressing {
  const text = message.text ?? message.caption ?? '';
  const entities = message.entities ?? message.caption_entities ?? [];
  const command = commandOf(text, entities, me);
  if (command) return command;
  const mentions = entities.filter((entity) => isMentionOf(entity, text, me));
  if (mentions.length > 0) return { by: 'mention', question: without(text, mentions) };
  // In a topic every message without a reply carries the topic's first one as its reply.
  const reply = message.reply_to_message;
  if (reply?.from?.id === me.id && !reply.forum_topic_created) return { by: 'reply', question: text.trim() };
  return { by: 'nobody' };
}

/** A command counts only at the very beginning, as in Telegram's clients. */
export function commandOf(
  text: string,
  entities: readonly MessageEntity[],
  me: Pick<UserFromGetMe, 'username'>,
): Extract<Addressing, { by: 'command' | 'other_bot' }> | undefined {
  const entity = entities.find(({ type, offset }) => type === 'bot_command' && offset === 0);
  if (!entity) return undefined;
  const [name = '', addressee] = text.slice(1, entity.length).split('@');
  if (addressee !== undefined && addressee.toLowerCase() !== me.username.toLowerCase())
    return { by: 'other_bot' };
  return { by: 'command', name: name.toLowerCase(), args: text.slice(entity.length).trim() };
}

function isMentionOf(
  entity: MessageEntity,
  text: string,
  me: Pick<UserFromGetMe, 'id' | 'username'>,
): boolean {
  if (entity.type === 'text_mention') return entity.user.id === me.id;
  const part = text.slice(entity.offset, entity.offset + entity.length);
  return entity.type === 'mention' && part.toLowerCase() === `@${me.username.toLowerCase()}`;
}

function without(text: string, parts: readonly MessageEntity[]): string {
  let rest = text;
  for (const { offset, length } of [...parts].sort((a, b) => b.offset - a.offset)) {
    rest = `${rest.slice(0, offset).trimEnd()} ${rest.slice(offset + length).trimStart()}`;
  }
  // "@bot, what is new?": the comma belonged to the mention.
  return rest.trim().replace(/^[,:;.–—-]+\s*/u, '');
}
