import { defineEntity, p } from '@mikro-orm/core';
import type { Update } from 'grammy/types';

/** `parked`: given up after several failures, kept with its error for a person to look at. */
export type UpdateState = 'pending' | 'handled' | 'parked';

export const TelegramUpdateEntity = defineEntity({
  name: 'TelegramUpdate',
  tableName: 'telegram_updates',
  properties: {
    updateId: p.bigint('number').primary().autoincrement(false),
    /** Updates of one lane are handled one after the other: a chat, or for urgent ones a lane of their own. */
    lane: p.text(),
    urgent: p.boolean(),
    payload: p.json<Update>(),
    state: p.text().$type<UpdateState>().default('pending'),
    /** Counted when begun, so that an update that kills the process is given up as well. */
    attempts: p.integer().default(0),
    error: p.text().nullable(),
    nextAttemptAt: p.datetime().defaultRaw('now()'),
    claimedBy: p.text().nullable(),
    claimedUntil: p.datetime().nullable(),
    receivedAt: p.datetime().defaultRaw('now()'),
    handledAt: p.datetime().nullable(),
  },
  indexes: [{ properties: ['state', 'lane', 'updateId'] }, { properties: ['state', 'handledAt'] }],
});
