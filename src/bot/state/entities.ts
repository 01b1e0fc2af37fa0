import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

export const PrivateChatEntity = defineEntity({
  name: 'TelegramPrivateChat',
  tableName: 'telegram_private_chats',
  properties: {
    personId: p.uuid().primary(),
    /** The conversation that the next question belongs to; null begins a new one. It may have been deleted since. */
    threadId: p.uuid().nullable(),
    /** Whether the bot may write first: the person started it and did not block it since. */
    reachable: p.boolean(),
    welcomedAt: p.datetime().nullable(),
    /** What /search is limited to; empty: everything that the person may read. */
    searchKbIds: p.json<string[]>(),
    updatedAt: p.datetime(),
  },
});

export const DialogueEntity = defineEntity({
  name: 'TelegramConversation',
  tableName: 'telegram_conversations',
  properties: {
    /** `<chat id>:<user id>:<topic id or 0>`. */
    key: p.text().primary(),
    /** Opaque: the replay log of the conversations plugin, with its version; null once the dialogue is over. */
    state: p.json<object>().nullable(),
    /** The update that wrote the state, or ended it. The same update once more is no answer to anything. */
    lastUpdateId: p.bigint('number'),
    updatedAt: p.datetime().index(),
  },
});

export type PrivateChat = InferEntity<typeof PrivateChatEntity>;
