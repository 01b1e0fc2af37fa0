import type { AgentTask } from '../agents/agent.ts';
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { AppError } from '../errors.ts';
import type { Caller } from '../identity/caller.ts';
import { withLogContext } from '../observability/context.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Agents, Guests, Runs } from '../services.ts';
import type { SessionStore } from '../session-store/session-store.ts';
import { MessageEntity, type Run, RunEntity, type Thread, ThreadEntity } from './entities.ts';
import { InstanceLease } from './instance-lease.ts';
import type { FollowedEvent, StartedRun, StartRun } from './run.ts';
import { type CutReason, execute } from './run-execution.ts';
import type { RunLog } from './run-log.ts';
import { RunReader, terminalOf } from './run-reader.ts';
import { RunRecords } from './run-records.ts';
import { ownerOf, type ThreadService } from './thread-service.ts';

const cancelChannel = 'run-cancel';
/** Milliseconds. */
const deadlineMs = 10 * 60 * 1000;
/** Questions a minute, over all surfaces together. */
const questionsPerMinute = { guest: 10, person: 30 };

export interface RunServiceCollaborators {
  db: Database;
  store: SessionStore;
  log: RunLog;
  threads: ThreadService;
  agents: Agents;
  guests: Guests;
  /** Names of authors, by person id. */
  names: (personIds: readonly string[]) => Promise<Map<string, string>>;
  /** The model that a person chose, `<provider>:<model>`. */
  modelOf: (caller: Caller) => Promise<string | undefined>;
  emojiOf: (toolName: string) => string;
  logger: Logger;
  metrics: Metrics;
}

export class RunService implements Runs {
  readonly #with: RunServiceCollaborators;
  readonly #records: RunRecords;
  readonly #reader: RunReader;
  readonly #lease: InstanceLease;
  /** Runs of this process, by run id. */
  readonly #mine = new Map<string, { controller: AbortController; done: Promise<void> }>();
  /** The last run of each thread: the next one waits for it, so that answers do not interleave. */
  readonly #tails = new Map<string, Promise<void>>();
  #unsubscribe: (() => Promise<void>) | undefined;
  #recovery: NodeJS.Timeout | undefined;
  #draining = false;

  constructor(collaborators: RunServiceCollaborators) {
    this.#with = collaborators;
    this.#records = new RunRecords(collaborators.db);
    this.#reader = new RunReader(collaborators.log, this.#records);
    this.#lease = new InstanceLease(collaborators.store, collaborators.logger);
  }

  /** Ends what an earlier process left unfinished and listens for cancellations. Call it before anything else. */
  async open(): Promise<void> {
    await this.#lease.open();
    this.#unsubscribe = await this.#with.store.subscribe(cancelChannel, (runId) =>
      this.#cut(runId, 'stopped'),
    );
    await this.recover();
    this.#recovery = setInterval(() => {
      this.recover().catch((error: unknown) =>
        this.#with.logger.warn({ error }, 'looking for interrupted runs failed'),
      );
    }, this.#lease.ttlMs);
    this.#recovery.unref();
  }

  async start(input: StartRun): Promise<StartedRun> {
    if (this.#draining) {
      throw new AppError('UPSTREAM_UNAVAILABLE', 'The service is restarting. Try again in a moment.');
    }
    const { caller } = input;
    const owner = ownerOf(caller);
    const began = await this.#with.db.transaction(async () => {
      const earlier = await this.#earlier(owner.ownerId, input);
      if (earlier) return { status: 'duplicate' as const, run: earlier, thread: undefined };
      await this.#countQuestion(caller);
      const thread = await this.#threadFor(input);
      const agentId = input.agentId ?? thread.agentId;
      if (!this.#with.agents.find(agentId)) throw AppError.notFound('agent');
      const { status, run } = await this.#records.begin({
        thread,
        runId: input.runId ?? newId(),
        agentId,
        text: input.text,
        authorId: caller.kind === 'person' ? caller.personId : null,
        clientKey: clientKeyOf(owner.ownerId, input),
        instanceId: this.#lease.instanceId,
      });
      if (status === 'started') this.#with.db.afterCommit(() => this.#launch(run, thread, input));
      else if (run.threadId !== thread.id) await this.#with.threads.discardEmpty(thread.id);
      return { status, run, thread };
    });
    const { run } = began;
    return {
      status: began.status,
      runId: run.id,
      threadId: run.threadId,
      userMessageId: run.userMessageId,
      assistantMessageId: run.assistantMessageId,
    };
  }

  async *follow(
    caller: Caller,
    runId: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<FollowedEvent> {
    const run = await this.#require(caller, runId);
    yield* this.#reader.follow(run, after, signal);
  }

  async cancel(caller: Caller, runOrMessageId: string): Promise<{ status: 'cancelling' | 'finished' }> {
    const run = await this.#require(caller, runOrMessageId);
    if (run.status !== 'running') return { status: 'finished' };
    this.#cut(run.id, 'stopped');
    await this.#with.store.publish(cancelChannel, run.id);
    return { status: 'cancelling' };
  }

  async active(caller: Caller, threadId: string): Promise<string | undefined> {
    return (await this.#with.threads.get(caller, threadId)).active_run_id ?? undefined;
  }

  /** Ends the runs whose process is gone; what they had said is kept and marked. */
  async recover(): Promise<void> {
    for (const run of await this.#records.running()) {
      if (this.#mine.has(run.id) || (await this.#lease.isAlive(run.instanceId))) continue;
      if (!(await this.#records.interrupt(run))) continue;
      this.#with.logger.warn(
        { run_id: run.id, thread_id: run.threadId },
        'run was interrupted and is now closed',
      );
      // A log that died with its process is not begun anew: readers get the recorded message instead.
      if ((await this.#with.log.tail(run.id)).last > 0) {
        await this.#with.log.append(run.id, [
          terminalOf({ ...run, status: 'partial', errorCode: 'INTERRUPTED' }),
        ]);
      }
    }
  }

  countOf(personId: string): Promise<number> {
    return this.#records.countOf(personId);
  }

  /** Takes no new runs, gives the running ones `ms` to end by themselves and then ends them as interrupted. */
  async close(ms: number): Promise<void> {
    this.#draining = true;
    clearInterval(this.#recovery);
    const all = Promise.allSettled([...this.#mine.values()].map((mine) => mine.done));
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
    await Promise.race([all, timeout]);
    for (const runId of this.#mine.keys()) this.#cut(runId, 'shutdown');
    await all;
    await this.#unsubscribe?.();
    await this.#lease.close();
  }

  #cut(runId: string, reason: CutReason): void {
    this.#mine.get(runId)?.controller.abort(reason);
  }

  async #earlier(ownerId: string, input: StartRun): Promise<Run | undefined> {
    const clientKey = clientKeyOf(ownerId, input);
    if (clientKey === null) return undefined;
    return (await this.#with.db.em.findOne(RunEntity, { clientKey })) ?? undefined;
  }

  async #countQuestion(caller: Caller): Promise<void> {
    if (caller.kind === 'anonymous') return;
    const key = caller.kind === 'guest' ? caller.guestId : caller.personId;
    const limit = questionsPerMinute[caller.kind];
    const verdict = await this.#with.store.takeTokens([
      { key: `questions:${key}`, capacity: limit, refillPerMinute: limit },
    ]);
    if (verdict.status === 'refused') {
      const seconds = Math.ceil(verdict.retryAfterMs / 1000);
      throw new AppError('RATE_LIMIT_EXCEEDED', `That was too fast. Try again in ${seconds} s.`, {
        details: { limit, window: 60, retry_after: seconds },
      });
    }
    if (caller.kind === 'guest') await this.#with.guests.countMessage(caller);
  }

  async #threadFor(input: StartRun): Promise<Thread> {
    const { caller, groupThread } = input;
    if (groupThread) return this.#with.threads.requireOfGroup(groupThread.groupId, groupThread.topicId);
    if (input.threadId !== undefined) return this.#with.threads.require(ownerOf(caller), input.threadId);
    return this.#with.threads.make(caller, {
      id: input.createThreadId,
      agent_id: input.agentId,
      kb_ids: input.kbIds,
    });
  }

  #launch(run: Run, thread: Thread, input: StartRun): void {
    const controller = new AbortController();
    const before = this.#tails.get(thread.id) ?? Promise.resolve();
    const done = before.then(() => this.#execute(run, thread, input, controller));
    this.#mine.set(run.id, { controller, done });
    this.#tails.set(thread.id, done);
    this.#with.metrics.runsActive.inc();
    void done.finally(() => {
      this.#mine.delete(run.id);
      if (this.#tails.get(thread.id) === done) this.#tails.delete(thread.id);
      this.#with.metrics.runsActive.dec();
    });
  }

  /** Never rejects: the next run of the thread waits for it. */
  async #execute(run: Run, thread: Thread, input: StartRun, controller: AbortController): Promise<void> {
    const { agents, log, logger, metrics, emojiOf } = this.#with;
    const agent = agents.find(run.agentId);
    const deadline = setTimeout(() => controller.abort('deadline' satisfies CutReason), deadlineMs);
    try {
      if (!agent) throw new Error(`The agent ${run.agentId} disappeared after its run was accepted`);
      await withLogContext({ run_id: run.id }, () =>
        execute(
          {
            run,
            agent,
            signal: controller.signal,
            emojiOf,
            prepare: () => this.#task(run, thread, input),
          },
          { log, records: this.#records, logger, metrics },
        ),
      );
    } catch (error) {
      // The log or the database went away. The run stays open in the database, and recovery closes it.
      logger.error({ error, run_id: run.id }, 'run could not be recorded to its end');
    } finally {
      clearTimeout(deadline);
    }
  }

  async #task(run: Run, thread: Thread, input: StartRun): Promise<Omit<AgentTask, 'signal' | 'reportUsage'>> {
    const { caller } = input;
    const model = await this.#with.modelOf(caller);
    return {
      runId: run.id,
      threadId: thread.id,
      messageId: run.assistantMessageId,
      messages: await this.#records.history(run, this.#with.names),
      caller,
      language: caller.language,
      timeZone: caller.kind === 'person' ? caller.timeZone : 'UTC',
      kbIds: thread.kbIds,
      clientTools: input.clientTools ?? [],
      ...(input.clientMessages ? { clientMessages: input.clientMessages } : {}),
      ...(model === undefined ? {} : { model }),
    };
  }

  /** A run is its thread owner's, and in a group also the asker's. */
  async #require(caller: Caller, runOrMessageId: string): Promise<Run> {
    const run = await this.#records.find(runOrMessageId);
    if (run) {
      const owner = ownerOf(caller);
      const em = this.#with.db.em;
      if (await em.findOne(ThreadEntity, { id: run.threadId, ...owner })) return run;
      const asked =
        caller.kind === 'person' &&
        (await em.findOne(MessageEntity, { id: run.userMessageId, authorId: caller.personId }));
      if (asked) return run;
    }
    throw AppError.notFound('answer');
  }
}

function clientKeyOf(ownerId: string, input: StartRun): string | null {
  return input.clientMessageId === undefined ? null : `${ownerId}:${input.clientMessageId}`;
}
