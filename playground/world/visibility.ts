// Privacy mode: which messages of a group reach a bot that is no administrator there.
// Bot features documentation, "Privacy mode": commands meant for it, replies to it, mentions, service messages.
import type { Message } from 'grammy/types';
import type { ChatRecord } from './state.ts';
import type { World } from './world.ts';

const SERVICE_FIELDS = [
  'new_chat_members',
  'left_chat_member',
  'new_chat_title',
  'group_chat_created',
  'supergroup_chat_created',
  'migrate_to_chat_id',
  'migrate_from_chat_id',
  'pinned_message',
  'forum_topic_created',
  'forum_topic_edited',
  'forum_topic_closed',
  'forum_topic_reopened',
  'web_app_data',
  'write_access_allowed',
] as const;

export function isService(message: Message): boolean {
  return SERVICE_FIELDS.some((field) => message[field] !== undefined);
}

export function botSees(world: World, record: ChatRecord, message: Message): boolean {
  if (record.kind === 'private') return !record.blocked;
  if (!world.isMember(record, world.bot.id)) return message.left_chat_member?.id === world.bot.id;
  if (world.isAdmin(record, world.bot.id) || world.bot.can_read_all_group_messages) return true;
  if (isService(message)) return true;
  if (message.reply_to_message?.from?.id === world.bot.id) return true;
  return addressesBot(message, world.bot.username.toLowerCase());
}

function addressesBot(message: Message, username: string): boolean {
  const text = message.text ?? message.caption ?? '';
  for (const entity of message.entities ?? message.caption_entities ?? []) {
    const part = text.slice(entity.offset, entity.offset + entity.length).toLowerCase();
    if (entity.type === 'mention' && part === `@${username}`) return true;
    if (entity.type !== 'bot_command' || entity.offset !== 0) continue;
    const [, addressee] = part.split('@');
    if (addressee === undefined || addressee === username) return true;
  }
  return false;
}
