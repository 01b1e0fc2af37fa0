import type { Page, PageQuery } from '../contracts/common.ts';
import type { MessageView, ThreadView } from '../contracts/threads.ts';
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { AppError } from '../errors.ts';
import { type Caller, requirePermission } from '../identity/caller.ts';
import type { Threads } from '../services.ts';
import {
  type Message,
  MessageEntity,
  type OwnerKind,
  RunEntity,
  type Thread,
  ThreadEntity,
} from './entities.ts';

export interface ThreadOwner {
  ownerKind: OwnerKind;
  ownerId: string;
}

export interface NewThread {
  id?: string | undefined;
  title?: string | undefined;
  agent_id?: string | undefined;
  kb_ids?: readonly string[] | undefined;
}

/** Conversations. Every query carries the owner, so a foreign one is as good as missing. */
export class ThreadService implements Threads {
  readonly #db: Database;
  readonly #defaultAgentId: string;
  readonly #requireReadable: (caller: Caller, kbIds: readonly string[]) => Promise<void>;

  constructor(collaborators: {
    db: Database;
    defaultAgentId: string;
    /** Throws RESOURCE_NOT_FOUND when the caller may not read one of these knowledge bases. */
    requireReadable: (caller: Caller, kbIds: readonly string[]) => Promise<void>;
  }) {
    this.#db = collaborators.db;
    this.#defaultAgentId = collaborators.defaultAgentId;
    this.#requireReadable = collaborators.requireReadable;
  }

  async list(caller: Caller, query: PageQuery): Promise<Page<ThreadView>> {
    const [threads, total] = await this.#db.em.findAndCount(ThreadEntity, ownerOf(caller), {
      orderBy: { updatedAt: 'desc', id: 'desc' },
      limit: query.limit,
      offset: query.offset,
    });
    const active = await this.#activeRuns(threads);
    return { total, ...query, results: threads.map((thread) => view(thread, active.get(thread.id))) };
  }

  async get(caller: Caller, threadId: string): Promise<ThreadView> {
    const thread = await this.require(ownerOf(caller), threadId);
    return view(thread, (await this.#activeRuns([thread])).get(thread.id));
  }

  async create(caller: Caller, input: NewThread): Promise<ThreadView> {
    return view(await this.make(caller, input));
  }

  /** Throws CONFLICT when `id` is given and taken. */
  async make(caller: Caller, input: NewThread): Promise<Thread> {
    requirePermission(caller, 'chat:ephemeral');
    if (input.kb_ids?.length) await this.#requireReadable(caller, input.kb_ids);
    return this.#insert(ownerOf(caller), input);
  }

  async rename(caller: Caller, threadId: string, title: string): Promise<ThreadView> {
    await this.#db.em.nativeUpdate(
      ThreadEntity,
      { id: threadId, ...ownerOf(caller) },
      { title, titleChosen: true, updatedAt: new Date() },
    );
    return this.get(caller, threadId);
  }

  async remove(caller: Caller, threadId: string): Promise<void> {
    await this.#db.transaction(async (em) => {
      const removed = await em.nativeDelete(ThreadEntity, { id: threadId, ...ownerOf(caller) });
      if (removed === 0) throw AppError.notFound('conversation');
      await em.nativeDelete(MessageEntity, { threadId });
      await em.nativeDelete(RunEntity, { threadId });
    });
  }

  async messages(caller: Caller, threadId: string, query: PageQuery): Promise<Page<MessageView>> {
    const thread = await this.require(ownerOf(caller), threadId);
    const messages = await this.#db.em.find(
      MessageEntity,
      { threadId },
      { orderBy: { seq: 'asc' }, limit: query.limit, offset: query.offset },
    );
    return { total: thread.messageCount, ...query, results: messages.map(messageView) };
  }

  /** Takes back a conversation that was made for a question which another one had already taken. */
  async discardEmpty(threadId: string): Promise<void> {
    await this.#db.em.nativeDelete(ThreadEntity, { id: threadId, messageCount: 0 });
  }

  /** Conversations of guests end with them: whoever has not written for a day cannot come back. */
  async purgeGuests(): Promise<void> {
    const gone = `select id from threads where owner_kind = 'guest' and updated_at < now() - interval '1 day'`;
    await this.#db.transaction(async () => {
      await this.#db.query(`delete from messages where thread_id in (${gone})`);
      await this.#db.query(`delete from runs where thread_id in (${gone})`);
      await this.#db.query(`delete from threads where id in (${gone})`);
    });
  }

  async ofGroup(groupId: string, topicId: number): Promise<ThreadView> {
    return view(await this.requireOfGroup(groupId, topicId));
  }

  async requireOfGroup(groupId: string, topicId: number): Promise<Thread> {
    const owner: ThreadOwner = { ownerKind: 'group', ownerId: `${groupId}/${topicId}` };
    const found = await this.#db.em.findOne(ThreadEntity, owner, { orderBy: { createdAt: 'asc' } });
    return found ?? this.#insert(owner, {});
  }

  /** The thread, when it is this owner's. */
  async require(owner: ThreadOwner, threadId: string): Promise<Thread> {
    const thread = await this.#db.em.findOne(ThreadEntity, { id: threadId, ...owner });
    if (!thread) throw AppError.notFound('conversation');
    return thread;
  }

  async #insert(owner: ThreadOwner, input: NewThread): Promise<Thread> {
    const now = new Date();
    const thread: Thread = {
      id: input.id ?? newId(),
      ...owner,
      title: input.title ?? '',
      titleChosen: input.title !== undefined,
      agentId: input.agent_id ?? this.#defaultAgentId,
      kbIds: [...(input.kb_ids ?? [])],
      messageCount: 0,
      createdAt: now,
      updatedAt: now,
    };
    await this.#db.em.upsert(ThreadEntity, thread, { onConflictFields: ['id'], onConflictAction: 'ignore' });
    return this.require(owner, thread.id);
  }

  async #activeRuns(threads: readonly Thread[]): Promise<Map<string, string>> {
    if (threads.length === 0) return new Map();
    const runs = await this.#db.em.find(RunEntity, {
      threadId: { $in: threads.map((thread) => thread.id) },
      status: 'running',
    });
    return new Map(runs.map((run) => [run.threadId, run.id]));
  }
}

export function ownerOf(caller: Caller): ThreadOwner {
  switch (caller.kind) {
    case 'person':
      return { ownerKind: 'person', ownerId: caller.personId };
    case 'guest':
      return { ownerKind: 'guest', ownerId: caller.guestId };
    case 'anonymous':
      throw new AppError('AUTH_REQUIRED', 'Sign in first, or continue as a guest.');
  }
}

function view(thread: Thread, activeRunId?: string): ThreadView {
  return {
    id: thread.id,
    title: thread.title,
    agent_id: thread.agentId,
    kb_ids: thread.kbIds,
    message_count: thread.messageCount,
    active_run_id: activeRunId ?? null,
    created_at: thread.createdAt.toISOString(),
    updated_at: thread.updatedAt.toISOString(),
  };
}

function messageView(message: Message): MessageView {
  return {
    id: message.id,
    seq: message.seq,
    role: message.role,
    content: message.content,
    status: message.status,
    run_id: message.runId ?? null,
    sources: message.sources,
    tools: message.tools,
    created_at: message.createdAt.toISOString(),
  };
}
