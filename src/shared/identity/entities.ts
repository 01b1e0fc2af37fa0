import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { Language } from '../language.ts';

export const PersonEntity = defineEntity({
  name: 'Person',
  tableName: 'people',
  properties: {
    id: p.uuid().primary(),
    /** Telegram ids have at most 52 significant bits, so a number holds them (Bot API, type User). */
    telegramUserId: p.bigint('number').nullable().unique(),
    username: p.text().nullable(),
    firstName: p.text(),
    lastName: p.text().nullable(),
    language: p.text().$type<Language>(),
    /** Whether the person chose the language; until then it follows Telegram's. */
    languageChosen: p.boolean(),
    timeZone: p.text(),
    llmProvider: p.text().nullable(),
    llmModel: p.text().nullable(),
    streamingEnabled: p.boolean(),
    notifications: p.boolean(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

export const RefreshTokenEntity = defineEntity({
  name: 'RefreshToken',
  tableName: 'refresh_tokens',
  properties: {
    id: p.uuid().primary(),
    personId: p.uuid().index(),
    /** All tokens that descend from one login. Re-use of a spent one revokes them all. */
    familyId: p.uuid().index(),
    tokenHash: p.text().unique(),
    expiresAt: p.datetime(),
    usedAt: p.datetime().nullable(),
    revokedAt: p.datetime().nullable(),
    createdAt: p.datetime(),
  },
});

export type Person = InferEntity<typeof PersonEntity>;
