import { defineEntity, p } from '@mikro-orm/core';
import type { PersonCaller } from '#shared/identity/caller.ts';
import type { Language } from '#shared/language.ts';

export type AnswerState =
  /** Accepted; what is still to be sent can be sent without risk. */
  | 'streaming'
  /** Part number `partsSent` is on the wire as a new message; should the process die now, nobody knows. */
  | 'sending'
  | 'sent'
  /** All was tried, but Telegram's answer to some part was lost. It is not sent twice. */
  | 'doubt'
  /** Given up: the chat is gone, or Telegram does not take it. */
  | 'dead';

export type PreviewMode = 'draft' | 'edit' | 'none';

/** What it takes to ask again, and to read the run after a restart. */
export interface AnswerQuestion {
  caller: PersonCaller;
  text: string;
  agentId?: string;
  group?: { groupId: string; topicId: number };
}

export const TelegramAnswerEntity = defineEntity({
  name: 'TelegramAnswer',
  tableName: 'telegram_answers',
  properties: {
    runId: p.uuid().primary(),
    threadId: p.uuid(),
    chatId: p.bigint('number'),
    chatKind: p.text().$type<'private' | 'group'>(),
    topicId: p.integer().nullable(),
    /** Message that it answers, in groups. */
    replyTo: p.integer().nullable(),
    draftId: p.integer(),
    transport: p.text().$type<PreviewMode>(),
    /** The message that previews edit and the final takes over. */
    previewMessageId: p.integer().nullable(),
    state: p.text().$type<AnswerState>(),
    partsSent: p.integer().default(0),
    /** Parts whose fate is unknown. */
    doubts: p.integer().default(0),
    /** The run failed, so it may be tried again. */
    failed: p.boolean().default(false),
    error: p.text().nullable(),
    language: p.text().$type<Language>(),
    askerId: p.uuid(),
    request: p.json<AnswerQuestion>(),
    claimedBy: p.text().nullable(),
    claimedUntil: p.datetime().nullable(),
    nextAttemptAt: p.datetime().defaultRaw('now()'),
    attempts: p.integer().default(0),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
  indexes: [{ properties: ['chatId', 'state'] }, { properties: ['state', 'nextAttemptAt'] }],
});
