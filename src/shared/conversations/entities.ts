import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { MessageStatus, Source, UsedTool } from '../contracts/threads.ts';

/** Who owns a conversation. A group owns one conversation per topic. */
export type OwnerKind = 'person' | 'guest' | 'group';

export const ThreadEntity = defineEntity({
  name: 'Thread',
  tableName: 'threads',
  properties: {
    id: p.uuid().primary(),
    ownerKind: p.text().$type<OwnerKind>(),
    /** Person id, guest id, or `<group id>/<topic id or 0>`. */
    ownerId: p.text(),
    title: p.text(),
    /** Whether a person named it; until then the first question does. */
    titleChosen: p.boolean(),
    agentId: p.text(),
    kbIds: p.json<string[]>(),
    messageCount: p.integer(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
  indexes: [{ properties: ['ownerKind', 'ownerId', 'updatedAt'] }],
});

export const MessageEntity = defineEntity({
  name: 'Message',
  tableName: 'messages',
  properties: {
    id: p.uuid().primary(),
    threadId: p.uuid(),
    /** Dense within the thread, from 1. */
    seq: p.integer(),
    role: p.text().$type<'user' | 'assistant'>(),
    content: p.text(),
    status: p.text().$type<MessageStatus>(),
    runId: p.uuid().nullable().index(),
    /** Who wrote it; null for the assistant and for guests. */
    authorId: p.uuid().nullable().index(),
    sources: p.json<Source[]>(),
    tools: p.json<UsedTool[]>(),
    createdAt: p.datetime(),
  },
  uniques: [{ properties: ['threadId', 'seq'] }],
});

export type RunStatus = 'running' | 'complete' | 'stopped' | 'partial' | 'failed';

export interface RunUsage {
  inputTokens: number;
  outputTokens: number;
  model?: string;
  provider?: string;
}

export const RunEntity = defineEntity({
  name: 'Run',
  tableName: 'runs',
  properties: {
    id: p.uuid().primary(),
    threadId: p.uuid().index(),
    agentId: p.text(),
    status: p.text().$type<RunStatus>().index(),
    /** Given by the client so that sending twice starts one run: `<owner>:<key>`. */
    clientKey: p.text().nullable().unique(),
    userMessageId: p.uuid(),
    assistantMessageId: p.uuid().index(),
    /** The process that runs it; when its lease is gone the run is taken for interrupted. */
    instanceId: p.text(),
    errorCode: p.text().nullable(),
    usage: p.json<RunUsage>().nullable(),
    startedAt: p.datetime(),
    endedAt: p.datetime().nullable(),
  },
});

export type Thread = InferEntity<typeof ThreadEntity>;
export type Message = InferEntity<typeof MessageEntity>;
export type Run = InferEntity<typeof RunEntity>;
