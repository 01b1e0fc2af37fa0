import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { Language } from '../language.ts';

export const GroupEntity = defineEntity({
  name: 'Group',
  tableName: 'groups',
  properties: {
    id: p.uuid().primary(),
    /** Negative, at most 52 significant bits; changes when a group becomes a supergroup (Bot API, type Chat). */
    telegramChatId: p.bigint('number').unique(),
    title: p.text(),
    username: p.text().nullable(),
    language: p.text().$type<Language>(),
    /** False once the bot was removed: nothing is sent there any more. */
    active: p.boolean(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

export const GroupMemberEntity = defineEntity({
  name: 'GroupMember',
  tableName: 'group_members',
  properties: {
    groupId: p.uuid().primary(),
    personId: p.uuid().primary().index(),
    role: p.text().$type<'member' | 'admin'>(),
    /** When Telegram last confirmed it: by something that the person did there, or by a look-up. */
    confirmedAt: p.datetime(),
  },
});

export type Group = InferEntity<typeof GroupEntity>;
export type GroupMember = InferEntity<typeof GroupMemberEntity>;
