// The one gateway to the Bot API. Everything that is sent passes here as a grammY transformer, takes its turn by lane
// and by the limits of its chat, and is repeated only when a repetition cannot be seen.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Transformer } from 'grammy';
import type { ApiResponse } from 'grammy/types';
import type { Logger } from '#shared/observability/logger.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import type { TokenLimiter } from '#shared/session-store/session-store.ts';
import { LimiterFallback } from '#shared/session-store/with-local-buckets.ts';
import { Call, type WriteHooks } from './call.ts';
import { callKind, type Lane, laneOf, lanes } from './call-kind.ts';
import { ChatQueue, isBefore, isPassing, type Job } from './chat-queue.ts';
import { type OutboundLimits, telegramLimits } from './limits.ts';
import { Migrations } from './migrations.ts';
import { type Failure, NotSent } from './outcome.ts';
import { Pauses } from './pauses.ts';
import { callDirectly, isRepeatable, maxAttempts, pauseAfter } from './retry.ts';

export interface OutboundDeps {
  store: TokenLimiter;
  /** The bot's id: instances of one bot share its limits. */
  botId: number | string;
  logger: Logger;
  metrics?: Pick<Metrics, 'telegramCalls' | 'telegramWait'> | undefined;
  /** Awaited before the call is sent to the new chat. */
  onMigrated?: ((fromChatId: number, toChatId: number) => Promise<void>) | undefined;
  onDeadChat?: ((chatId: number, description: string) => Promise<void>) | undefined;
  limits?: Partial<OutboundLimits> | undefined;
}

interface Chosen extends WriteHooks {
  lane?: Lane;
}

const maxLimited = 5;
/** Previews of several answers in one chat that may wait. */
const maxWaitingPreviews = 20;

export class Outbound {
  /**
   * Install it on every `Api`: `api.config.use(outbound.transformer)`. A call that is dropped or does not fit into
   * its chat's queue rejects with `NotSent`; `attempt` turns what a call throws into an `Outcome`.
   */
  readonly transformer: Transformer;
  readonly #deps: OutboundDeps;
  readonly #limits: OutboundLimits;
  readonly #limiter: LimiterFallback;
  readonly #chosen = new AsyncLocalStorage<Chosen>();
  readonly #outside = AsyncLocalStorage.snapshot();
  readonly #queues = new Map<number, ChatQueue>();
  readonly #migrations: Migrations;
  readonly #pauses: Pauses;
  readonly #closing = new AbortController();
  #running = false;
  #wake: (() => void) | undefined;

  constructor(deps: OutboundDeps) {
    this.#deps = deps;
    this.#limits = { ...telegramLimits, ...deps.limits };
    this.#limiter = new LimiterFallback(deps.store);
    this.#migrations = new Migrations(deps.onMigrated, deps.logger);
    this.#pauses = new Pauses(deps.logger);
    this.transformer = (prev, method, payload, signal) =>
      this.#call(method, payload, (changed) => prev(method, changed, signal));
  }

  /**
   * Calls made by `work` go by this lane instead of their method's own.
   * @example await outbound.inLane('notification', () => api.sendMessage(chatId, text))
   */
  inLane<T>(lane: Lane, work: () => Promise<T>, hooks: WriteHooks = {}): Promise<T> {
    return this.#chosen.run({ lane, ...hooks }, work);
  }

  /** Waits until nothing is left to send, at most `ms`; what then still waits is refused. */
  async close(ms: number): Promise<void> {
    const until = Date.now() + ms;
    const busy = () => [...this.#queues.values()].some((queue) => queue.inFlight || queue.size > 0);
    while (busy() && Date.now() < until) await sleep(20);
    this.#closing.abort();
    for (const queue of this.#queues.values()) {
      for (const job of queue.drain(lanes)) job.refuse('closed');
    }
    this.#wake?.();
    await this.#limiter.close();
  }

  async #call<P extends object, R>(
    method: string,
    payload: P,
    write: (payload: P) => Promise<ApiResponse<R>>,
  ): Promise<ApiResponse<R>> {
    if (method === 'getUpdates') return write(payload);
    if (this.#isClosed) throw new NotSent('closed');
    const kind = callKind(method, payload);
    const chosen = this.#chosen.getStore() ?? {};
    const call = new Call(method, payload, (changed) => write(changed as P), chosen, this.#deps.metrics);
    const chatId = 'chat_id' in payload ? payload.chat_id : undefined;
    if (kind === 'direct' || typeof chatId !== 'number') {
      return callDirectly(call, {
        pauses: this.#pauses,
        migrations: this.#migrations,
        closing: this.#closing.signal,
      });
    }
    const lane = chosen.lane ?? laneOf(method);
    const inContext = AsyncLocalStorage.snapshot();
    return new Promise((resolve, reject) => {
      const job: Job = {
        lane,
        kind,
        previewKey: previewKey(method, payload),
        since: Date.now(),
        attempts: 0,
        limited: 0,
        refuse: (reason) => {
          call.dropped();
          reject(new NotSent(reason));
        },
        run: (queue) => inContext(() => this.#run(queue, job, call, resolve)).catch(reject),
      };
      this.#submit(this.#queueOf(chatId, call), job);
    });
  }

  #queueOf(chatId: number, call: { moveTo(chatId: number): void }): ChatQueue {
    const current = this.#migrations.current(chatId);
    if (current !== chatId) call.moveTo(current);
    const queue = this.#queues.get(current) ?? new ChatQueue(current, this.#limits);
    this.#queues.set(current, queue);
    return queue;
  }

  #submit(queue: ChatQueue, job: Job): void {
    if (isPassing(job)) {
      if (job.lane === 'preview') queue.replaced(job.previewKey)?.refuse('dropped');
      const now = Date.now();
      const behindOthers = queue.head !== undefined && !isPassing(queue.head);
      const late = Math.max(queue.readyAt(job, now), this.#pauses.allUntil) > now;
      if (behindOthers || late || queue.size >= maxWaitingPreviews) return job.refuse('dropped');
    } else if (queue.size >= this.#limits.waitingPerChat) {
      return job.refuse('full');
    }
    queue.push(job);
    this.#start();
  }

  #start(): void {
    this.#wake?.();
    if (this.#running || this.#isClosed) return;
    this.#running = true;
    // Not in the context of whoever happened to call first: it may hold a transaction.
    void this.#outside(() => this.#dispatch());
  }

  async #dispatch(): Promise<void> {
    while (!this.#isClosed) {
      const next = this.#next();
      if (next === undefined) break;
      if (typeof next === 'number') {
        await this.#sleep(next);
        continue;
      }
      const passing = isPassing(next.job);
      const waitMs = await this.#takeGlobal(passing);
      if (waitMs > 0) {
        if (!passing) await this.#sleep(waitMs);
        else if (next.queue.take(next.job)) next.job.refuse('dropped');
        continue;
      }
      // While the token was fetched, something more important may have come.
      const chosen = this.#next();
      if (typeof chosen !== 'object' || isPassing(chosen.job) !== passing) continue;
      chosen.queue.take(chosen.job);
      chosen.queue.inFlight = true;
      chosen.queue.count(chosen.job, Date.now());
      this.#deps.metrics?.telegramWait.observe(
        { lane: chosen.job.lane },
        (Date.now() - chosen.job.since) / 1000,
      );
      void chosen.job.run(chosen.queue).finally(() => {
        chosen.queue.inFlight = false;
        this.#start();
      });
    }
    this.#running = false;
  }

  /** The next job, or how long to wait for one in milliseconds, or undefined when there is none. */
  #next(): { queue: ChatQueue; job: Job } | number | undefined {
    const now = Date.now();
    let best: { queue: ChatQueue; job: Job } | undefined;
    let earliest: number | undefined;
    for (const [chatId, queue] of this.#queues) {
      const job = queue.head;
      if (!job) {
        if (queue.isIdle(now)) this.#queues.delete(chatId);
        continue;
      }
      if (queue.inFlight) {
        earliest ??= now + 60_000;
        continue;
      }
      const readyAt = Math.max(queue.readyAt(job, now), this.#pauses.allUntil);
      if (readyAt > now) earliest = Math.min(earliest ?? readyAt, readyAt);
      else if (!best || isBefore(job, best.job)) best = { queue, job };
    }
    return best ?? (earliest === undefined ? undefined : Math.max(1, earliest - now));
  }

  async #takeGlobal(passing: boolean): Promise<number> {
    const { perSecond, burst } = this.#limits;
    const key = `telegram:${this.#deps.botId}:${passing ? 'previews' : 'messages'}`;
    try {
      const verdict = await this.#limiter.takeTokens([
        { key, capacity: burst, refillPerMinute: (perSecond - burst) * 60 },
      ]);
      return verdict.status === 'allowed' ? 0 : Math.max(1, verdict.retryAfterMs);
    } catch (error) {
      this.#deps.logger.warn({ error }, 'The limit over all chats could not be asked; sending without it');
      return 0;
    }
  }

  /** One turn of a job: written, then settled or put back. */
  async #run<R>(
    queue: ChatQueue,
    job: Job,
    call: Call<R>,
    resolve: (response: ApiResponse<R>) => void,
  ): Promise<void> {
    const tried = await call.write();
    job.attempts += 1;
    if (tried.status === 'ok') return resolve(tried.response);
    const next = await this.#treat(queue, job, call, tried.failure);
    if (next === 'done') {
      if (!tried.response) throw tried.error;
      return resolve(tried.response);
    }
    await call.unsent(tried.failure);
    if (this.#isClosed) job.refuse('closed');
    else if (next === 'moved') this.#queueOf(queue.chatId, call).push(job);
    else queue.putBack(job);
  }

  async #treat<R>(
    queue: ChatQueue,
    job: Job,
    call: Call<R>,
    failure: Failure,
  ): Promise<'again' | 'moved' | 'done'> {
    switch (failure.status) {
      case 'limited':
        this.#pause(queue, failure.retryAfterMs);
        return !isPassing(job) && ++job.limited <= maxLimited ? 'again' : 'done';
      case 'migrated':
        await this.#migrations.remember(queue.chatId, failure.toChatId);
        return isPassing(job) || job.attempts > maxAttempts ? 'done' : 'moved';
      case 'dead_chat':
        for (const waiting of queue.drain(['notification', 'preview', 'typing'])) waiting.refuse('dropped');
        await this.#deps.onDeadChat?.(queue.chatId, failure.description).catch((error: unknown) => {
          this.#deps.logger.error({ error }, 'A dead chat could not be recorded');
        });
        return 'done';
      case 'unsent':
      case 'lost':
        if (isPassing(job) || job.attempts >= maxAttempts) return 'done';
        if (!isRepeatable(failure, call.method)) return 'done';
        queue.pausedUntil = Math.max(queue.pausedUntil, Date.now() + pauseAfter(job.attempts));
        return 'again';
      default:
        return 'done';
    }
  }

  #pause(queue: ChatQueue, ms: number): void {
    this.#pauses.limited(queue.chatId, ms);
    queue.pausedUntil = Math.max(queue.pausedUntil, Date.now() + ms);
    for (const job of queue.drain(['preview', 'typing'])) job.refuse('dropped');
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, 60_000));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

function previewKey(method: string, payload: object): string {
  const { message_id: message, draft_id: draft } = payload as { message_id?: number; draft_id?: number };
  return `${method}:${message ?? draft ?? 0}`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
