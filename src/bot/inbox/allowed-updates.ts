import type { Update } from 'grammy/types';

/** All that the bot uses. Bot API: some kinds come only when they are named. */
export const allowedUpdates = [
  'message',
  'edited_message',
  'callback_query',
  'my_chat_member',
  'chat_member',
  'message_reaction',
  'stopped_message_generation',
] as const satisfies readonly Exclude<keyof Update, 'update_id'>[];
