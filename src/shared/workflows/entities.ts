import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { ProcessState } from './engine/process-state.ts';
import type { Variables } from './expressions/value.ts';

/** A deployed process. Rows never change: another XML is another version, and instances stay on theirs. */
export const ProcessDefinitionEntity = defineEntity({
  name: 'ProcessDefinition',
  tableName: 'process_definitions',
  properties: {
    id: p.uuid().primary(),
    key: p.text(),
    /** From 1, by key. */
    version: p.integer(),
    /** SHA-256 of the XML, in hex. */
    xmlHash: p.text(),
    xml: p.text(),
    createdAt: p.datetime(),
  },
  uniques: [{ properties: ['key', 'version'] }],
});

export const ProcessInstanceEntity = defineEntity({
  name: 'ProcessInstance',
  tableName: 'process_instances',
  properties: {
    id: p.uuid().primary(),
    definitionId: p.uuid().index(),
    /** As in `state`, for queries. */
    status: p.text().$type<ProcessState['status']>(),
    /** Grows with every event. Writers lock the row first, so it is never lost; it tells readers which state they saw. */
    revision: p.integer(),
    state: p.json<ProcessState>(),
    startedById: p.uuid(),
    /** The group where it was started, and its topic; null for a private one. */
    groupId: p.uuid().strictNullable(),
    topicId: p.integer().strictNullable(),
    /** `<person>:<key of the client>`, so that starting twice starts one. */
    idempotencyKey: p.text().strictNullable().unique(),
    startedAt: p.datetime(),
    endedAt: p.datetime().strictNullable(),
  },
  indexes: [{ properties: ['startedById', 'startedAt'] }],
});

export const UserTaskEntity = defineEntity({
  name: 'UserTask',
  tableName: 'user_tasks',
  properties: {
    id: p.uuid().primary(),
    processId: p.uuid(),
    /** The token that waits for it, unique within the process. */
    tokenId: p.integer(),
    /** With `elementId` where its name and form stand. */
    definitionId: p.uuid(),
    elementId: p.text(),
    status: p.text().$type<'open' | 'completed' | 'cancelled'>(),
    /** Who started the process. */
    starterId: p.uuid(),
    /** Who has it: named by the process, or by taking it (then `claimedAt` is set). */
    assigneeId: p.uuid().strictNullable(),
    claimedAt: p.datetime().strictNullable(),
    /** The group whose members may take it. */
    groupId: p.uuid().strictNullable(),
    /** People who may take it, besides the group. */
    candidateIds: p.json<string[]>(),
    /** Who must leave it to others: see `not_by` in README.md. */
    excludedId: p.uuid().strictNullable(),
    priority: p.integer(),
    dueAt: p.datetime().strictNullable(),
    followUpAt: p.datetime().strictNullable(),
    /** What it knows: while it is open as its process does, afterwards as it was when it ended. */
    variables: p.json<Variables>(),
    createdAt: p.datetime(),
    completedAt: p.datetime().strictNullable(),
    completedById: p.uuid().strictNullable(),
    /** The button that was pressed; its outcome in words is made of it and of `variables`. */
    action: p.text().strictNullable(),
  },
  uniques: [{ properties: ['processId', 'tokenId'] }],
  indexes: [
    { properties: ['assigneeId', 'status'] },
    { properties: ['groupId', 'status'] },
    { properties: ['starterId', 'status'] },
    { properties: ['completedById', 'completedAt'] },
    { properties: ['candidateIds'], type: 'gin' },
  ],
});

export type ProcessDefinition = InferEntity<typeof ProcessDefinitionEntity>;
export type ProcessInstance = InferEntity<typeof ProcessInstanceEntity>;
export type UserTask = InferEntity<typeof UserTaskEntity>;
