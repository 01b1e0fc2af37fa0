// A notice is a wish, not a message: "this target shall see this subject as it is now". The sender makes the chat
// agree with it, by a first message and by edits of it. So several changes collapse into one, and none is sent twice.
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

export type NoticeState = 'pending' | 'sending' | 'shown' | 'dead';

export const NoticeEntity = defineEntity({
  name: 'Notice',
  tableName: 'notices',
  properties: {
    id: p.uuid().primary(),
    subjectKind: p.text().$type<'task'>(),
    subjectId: p.uuid(),
    targetKind: p.text().$type<'group' | 'person'>(),
    targetId: p.uuid(),
    /** Topic of the group, when there is one. */
    topicId: p.integer().nullable(),
    /** Grows with every change of the subject; `shownRevision` follows it. */
    wantedRevision: p.integer(),
    shownRevision: p.integer(),
    state: p.text().$type<NoticeState>(),
    attempts: p.integer(),
    nextAttemptAt: p.datetime(),
    /** The message that shows it, once there is one. */
    messageId: p.integer().nullable(),
    lastError: p.text().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
  uniques: [{ properties: ['subjectKind', 'subjectId', 'targetKind', 'targetId'] }],
  indexes: [{ properties: ['state', 'nextAttemptAt'] }],
});

export type Notice = InferEntity<typeof NoticeEntity>;
