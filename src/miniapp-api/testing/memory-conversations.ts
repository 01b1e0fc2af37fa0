// Threads and runs without a database. The run log is the real one.
import { EventType } from '@ag-ui/core';
import type { AgentEvent, AgentTask } from '#shared/agents/agent.ts';
import type { Page, PageQuery } from '#shared/contracts/common.ts';
import type { MessageView, ThreadView } from '#shared/contracts/threads.ts';
import type { FollowedEvent, RunEvent, StartedRun, StartRun } from '#shared/conversations/run.ts';
import { RunLog } from '#shared/conversations/run-log.ts';
import { SpanTracker } from '#shared/conversations/span-tracker.ts';
import { newId } from '#shared/database/id.ts';
import { AppError } from '#shared/errors.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { Agents, Guests, Runs, Threads } from '#shared/services.ts';
import type { SessionStore } from '#shared/session-store/session-store.ts';

interface KeptThread extends ThreadView {
  owner: string;
  messages: MessageView[];
}

interface KeptRun extends StartedRun {
  owner: string;
  controller: AbortController;
  running: boolean;
}

export class MemoryThreads implements Threads {
  readonly #threads = new Map<string, KeptThread>();

  async list(caller: Caller, query: PageQuery): Promise<Page<ThreadView>> {
    return pageOf(
      [...this.#threads.values()].filter((each) => each.owner === ownerOf(caller)).map(viewOf),
      query,
    );
  }

  async get(caller: Caller, threadId: string): Promise<ThreadView> {
    return viewOf(this.require(caller, threadId));
  }

  async create(
    caller: Caller,
    input: { title?: string | undefined; agent_id?: string | undefined; kb_ids?: string[] | undefined },
    id = newId(),
  ): Promise<ThreadView> {
    const now = new Date().toISOString();
    const thread: KeptThread = {
      owner: ownerOf(caller),
      messages: [],
      id,
      title: input.title ?? '',
      agent_id: input.agent_id ?? 'assistant',
      kb_ids: input.kb_ids ?? [],
      message_count: 0,
      active_run_id: null,
      created_at: now,
      updated_at: now,
    };
    this.#threads.set(id, thread);
    return viewOf(thread);
  }

  async rename(caller: Caller, threadId: string, title: string): Promise<ThreadView> {
    const thread = this.require(caller, threadId);
    thread.title = title;
    return viewOf(thread);
  }

  async remove(caller: Caller, threadId: string): Promise<void> {
    this.#threads.delete(this.require(caller, threadId).id);
  }

  async messages(caller: Caller, threadId: string, query: PageQuery): Promise<Page<MessageView>> {
    return pageOf(this.require(caller, threadId).messages, query);
  }

  async ofGroup(): Promise<ThreadView> {
    throw AppError.notFound('conversation');
  }

  has(threadId: string): boolean {
    return this.#threads.has(threadId);
  }

  require(caller: Caller, threadId: string): KeptThread {
    const thread = this.#threads.get(threadId);
    if (thread?.owner !== ownerOf(caller)) throw AppError.notFound('conversation');
    return thread;
  }
}

export class MemoryRuns implements Runs {
  readonly #with: { threads: MemoryThreads; agents: Agents; guests: Guests; log: RunLog };
  readonly #runs = new Map<string, KeptRun>();
  readonly #byClientKey = new Map<string, KeptRun>();
  readonly #working = new Set<Promise<void>>();

  constructor(options: { threads: MemoryThreads; agents: Agents; guests: Guests; store: SessionStore }) {
    this.#with = { ...options, log: new RunLog(options.store) };
  }

  async start(input: StartRun): Promise<StartedRun> {
    const { caller } = input;
    const clientKey =
      input.clientMessageId === undefined ? undefined : `${ownerOf(caller)}:${input.clientMessageId}`;
    const earlier = clientKey === undefined ? undefined : this.#byClientKey.get(clientKey);
    if (earlier) return { ...startedOf(earlier), status: 'duplicate' };
    if (caller.kind === 'guest') await this.#with.guests.countMessage(caller);
    const threadId = await this.#threadFor(input);
    const taken = input.runId === undefined ? undefined : this.#runs.get(input.runId);
    if (taken) return { ...startedOf(taken), status: 'duplicate' };
    const run: KeptRun = {
      status: 'started',
      runId: input.runId ?? newId(),
      threadId,
      userMessageId: newId(),
      assistantMessageId: newId(),
      owner: ownerOf(caller),
      controller: new AbortController(),
      running: true,
    };
    this.#runs.set(run.runId, run);
    if (clientKey !== undefined) this.#byClientKey.set(clientKey, run);
    const work = this.#execute(run, input).finally(() => this.#working.delete(work));
    this.#working.add(work);
    return startedOf(run);
  }

  async *follow(
    caller: Caller,
    runId: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<FollowedEvent> {
    const run = this.#require(caller, runId);
    const tail = await this.#with.log.tail(run.runId);
    if (tail.ended && after >= tail.last) return;
    yield* this.#with.log.follow(run.runId, after, signal);
  }

  async cancel(caller: Caller, id: string): Promise<{ status: 'cancelling' | 'finished' }> {
    const run = this.#require(caller, id);
    if (!run.running) return { status: 'finished' };
    run.controller.abort();
    return { status: 'cancelling' };
  }

  async active(caller: Caller, threadId: string): Promise<string | undefined> {
    return this.#with.threads.require(caller, threadId).active_run_id ?? undefined;
  }

  async close(): Promise<void> {
    for (const run of this.#runs.values()) run.controller.abort();
    await Promise.all(this.#working);
  }

  get running(): number {
    return [...this.#runs.values()].filter((run) => run.running).length;
  }

  #require(caller: Caller, id: string): KeptRun {
    const run = this.#runs.get(id) ?? [...this.#runs.values()].find((each) => each.assistantMessageId === id);
    if (run?.owner !== ownerOf(caller)) throw AppError.notFound('answer');
    return run;
  }

  async #threadFor({ caller, threadId, createThreadId, agentId, kbIds }: StartRun): Promise<string> {
    const { threads } = this.#with;
    if (threadId !== undefined) return threads.require(caller, threadId).id;
    if (createThreadId !== undefined && threads.has(createThreadId)) {
      return threads.require(caller, createThreadId).id;
    }
    const input = { agent_id: agentId, kb_ids: kbIds ? [...kbIds] : undefined };
    return (await threads.create(caller, input, createThreadId)).id;
  }

  async #execute(run: KeptRun, input: StartRun): Promise<void> {
    const { runId, threadId } = run;
    const { log } = this.#with;
    const { signal } = run.controller;
    const timestamp = Date.now();
    const spans = new SpanTracker();
    await log.append(runId, [{ type: EventType.RUN_STARTED, threadId, runId, timestamp }]);
    let end: RunEvent = {
      type: EventType.RUN_FINISHED,
      threadId,
      runId,
      outcome: { type: 'success' },
      timestamp: timestamp + 5,
    };
    try {
      for await (const event of this.#answer(run, input)) {
        if (signal.aborted) break;
        if (spans.accept(event)) await log.append(runId, [event]);
      }
      if (signal.aborted) end = { ...end, outcome: { type: 'cancelled' } };
    } catch (error) {
      const code = error instanceof AppError ? error.code : 'INTERNAL_ERROR';
      const message = error instanceof AppError ? error.message : 'Something went wrong while answering.';
      end = { type: EventType.RUN_ERROR, code, message, timestamp: timestamp + 5 };
    }
    run.running = false;
    await log.append(runId, [...spans.close(), end]);
  }

  #answer(run: KeptRun, input: StartRun): AsyncIterable<AgentEvent> {
    const agent = this.#with.agents.find(input.agentId ?? this.#with.agents.defaultId);
    if (!agent) throw AppError.notFound('agent');
    const task: AgentTask = {
      runId: run.runId,
      threadId: run.threadId,
      messageId: run.assistantMessageId,
      messages: [{ role: 'user', content: input.text }],
      caller: input.caller,
      language: input.caller.language,
      timeZone: 'UTC',
      kbIds: input.kbIds ?? [],
      clientTools: input.clientTools ?? [],
      ...(input.clientMessages ? { clientMessages: input.clientMessages } : {}),
      signal: run.controller.signal,
      reportUsage: () => undefined,
    };
    return agent.run(task);
  }
}

function startedOf(run: KeptRun): StartedRun {
  const { status, runId, threadId, userMessageId, assistantMessageId } = run;
  return { status, runId, threadId, userMessageId, assistantMessageId };
}

function ownerOf(caller: Caller): string {
  if (caller.kind === 'anonymous') throw new AppError('AUTH_REQUIRED', 'Sign in first.');
  return caller.kind === 'guest' ? caller.guestId : caller.personId;
}

function viewOf({ owner: _owner, messages: _messages, ...view }: KeptThread): ThreadView {
  return view;
}

export function pageOf<T>(all: readonly T[], { limit, offset }: PageQuery): Page<T> {
  return { total: all.length, limit, offset, results: all.slice(offset, offset + limit) };
}
