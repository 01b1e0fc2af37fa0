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
import { callKind, isIdempotent, type Lane, laneOf } from './call-kind.ts';
import { ChatQueue, type Job } from './chat-queue.ts';
import { type OutboundLimits, telegramLimits } from './limits.ts';
import { type Failure, NotSent } from './outcome.ts';

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

const maxAttempts = 3;
const maxLimited = 5;
const backoffMs = [300, 1_000, 3_000];
const maxMigrations = 1_000;
/** Two chats limited within this time mean the whole bot. */
const sameLimitMs = 2_000;

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
  readonly #migrations = new Map<number, number>();
  #allPausedUntil = 0;
  #lastLimited: { chatId: number; at: number } | undefined;
  #running = false;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(deps: OutboundDeps) {
    this.#deps = deps;
    this.#limits = { ...telegramLimits, ...deps.limits };
    this.#limiter = new LimiterFallback(deps.store);
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
    this.#closed = true;
    for (const queue of this.#queues.values()) {
      for (const job of queue.drain(['callback', 'final', 'notification', 'preview', 'typing'])) {
        job.settle(new NotSent('closed'));
      }
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
    if (this.#closed) throw new NotSent('closed');
    const kind = callKind(method, payload);
    const chosen = this.#chosen.getStore() ?? {};
    const call = new Call(method, payload, (changed) => write(changed as P), chosen, this.#deps.metrics);
    const chatId = 'chat_id' in payload ? payload.chat_id : undefined;
    if (kind === 'direct' || typeof chatId !== 'number') return this.#direct(call);
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
        settle: reject,
        run: (queue) => inContext(() => this.#run(queue, job, call, resolve)),
      };
      this.#submit(this.#queueOf(chatId, call), job, call);
    });
  }

  #queueOf(chatId: number, call: { moveTo(chatId: number): void }): ChatQueue {
    const moved = this.#migrations.get(chatId);
    if (moved !== undefined) call.moveTo(moved);
    const current = moved ?? chatId;
    const queue = this.#queues.get(current) ?? new ChatQueue(current, this.#limits);
    this.#queues.set(current, queue);
    return queue;
  }

  #submit(queue: ChatQueue, job: Job, call: { dropped(): void }): void {
    const refuse = (refused: Job, reason: 'dropped' | 'full') => {
      call.dropped();
      refused.settle(new NotSent(reason));
    };
    if (job.lane === 'preview' || job.lane === 'typing') {
      const older = job.lane === 'preview' ? queue.replaced(job.previewKey) : undefined;
      if (older) refuse(older, 'dropped');
      const now = Date.now();
      const head = queue.head;
      const behindOthers = head !== undefined && head.lane !== 'preview' && head.lane !== 'typing';
      const late = Math.max(queue.readyAt(job, now), this.#allPausedUntil) > now;
      if (behindOthers || late || queue.size >= 20) return refuse(job, 'dropped');
    } else if (queue.size >= this.#limits.waitingPerChat) {
      return refuse(job, 'full');
    }
    queue.push(job);
    this.#start();
  }

  #start(): void {
    this.#wake?.();
    if (this.#running || this.#closed) return;
    this.#running = true;
    // Not in the context of whoever happened to call first: it may hold a transaction.
    void this.#outside(() => this.#dispatch());
  }

  async #dispatch(): Promise<void> {
    while (!this.#closed) {
      const next = this.#next();
      if (next === undefined) break;
      if (typeof next === 'number') {
        await this.#sleep(next);
        continue;
      }
      const passing = isPassing(next.job);
      const waitMs = await this.#takeGlobal(passing);
      if (waitMs > 0) {
        if (passing) {
          next.queue.take(next.job);
          next.job.settle(new NotSent('dropped'));
        } else await this.#sleep(waitMs);
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
      const readyAt = Math.max(queue.readyAt(job, now), this.#allPausedUntil);
      if (readyAt > now) earliest = Math.min(earliest ?? readyAt, readyAt);
      else if (!best || isBefore(job, best.job)) best = { queue, job };
    }
    return best ?? (earliest === undefined ? undefined : Math.max(1, earliest - now));
  }

  async #takeGlobal(passing: boolean): Promise<number> {
    const { perSecond } = this.#limits;
    const key = `telegram:${this.#deps.botId}:${passing ? 'previews' : 'messages'}`;
    try {
      const verdict = await this.#limiter.takeTokens([
        { key, capacity: perSecond, refillPerMinute: perSecond * 60 },
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
    const again = await this.#treat(queue, job, call, tried.failure);
    if (again === 'moved') return;
    if (again === 'again') {
      await call.unsent(tried.failure);
      queue.putBack(job);
    } else if (tried.response) resolve(tried.response);
    else job.settle(tried.error instanceof Error ? tried.error : new Error(String(tried.error)));
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
        return !isPassing(job) && ++job.limited <= maxLimited && !this.#closed ? 'again' : 'done';
      case 'migrated': {
        await this.#remember(queue.chatId, failure.toChatId);
        if (isPassing(job) || job.attempts > maxAttempts || this.#closed) return 'done';
        await call.unsent(failure);
        this.#queueOf(queue.chatId, call).push(job);
        return 'moved';
      }
      case 'dead_chat':
        for (const waiting of queue.drain(['notification', 'preview', 'typing'])) {
          waiting.settle(new NotSent('dropped'));
        }
        await this.#deps.onDeadChat?.(queue.chatId, failure.description).catch((error: unknown) => {
          this.#deps.logger.error({ error }, 'A dead chat could not be recorded');
        });
        return 'done';
      case 'unsent':
      case 'lost':
        if (isPassing(job) || job.attempts >= maxAttempts || this.#closed) return 'done';
        if (failure.status === 'lost' && !isIdempotent(call.method)) return 'done';
        queue.pausedUntil = Math.max(queue.pausedUntil, Date.now() + (backoffMs[job.attempts - 1] ?? 3_000));
        return 'again';
      default:
        return 'done';
    }
  }

  #pause(queue: ChatQueue, ms: number): void {
    const now = Date.now();
    const other = this.#lastLimited;
    const all = other !== undefined && other.chatId !== queue.chatId && now - other.at < sameLimitMs;
    this.#lastLimited = { chatId: queue.chatId, at: now };
    queue.pausedUntil = Math.max(queue.pausedUntil, now + ms);
    if (all) this.#allPausedUntil = Math.max(this.#allPausedUntil, now + ms);
    for (const job of queue.drain(['preview', 'typing'])) job.settle(new NotSent('dropped'));
    this.#deps.logger.warn(
      { chat_id: queue.chatId, retry_after_ms: ms, all },
      'Telegram asked to send less; waiting as long as it says',
    );
  }

  async #remember(fromChatId: number, toChatId: number): Promise<void> {
    if (this.#migrations.has(fromChatId)) return;
    this.#migrations.set(fromChatId, toChatId);
    const [oldest] = this.#migrations.keys();
    if (this.#migrations.size > maxMigrations && oldest !== undefined) this.#migrations.delete(oldest);
    await this.#deps.onMigrated?.(fromChatId, toChatId).catch((error: unknown) => {
      this.#deps.logger.error({ error }, 'A group that became a supergroup could not be recorded');
    });
  }

  /** Calls without a place among messages: they go at once, unless all of the bot is paused. */
  async #direct<R>(call: Call<R>): Promise<ApiResponse<R>> {
    for (let attempts = 1; ; attempts++) {
      const pause = this.#allPausedUntil - Date.now();
      if (pause > 0 && call.method !== 'answerCallbackQuery') await sleep(pause);
      const tried = await call.write();
      if (tried.status === 'ok') return tried.response;
      const { failure } = tried;
      const retry = attempts < maxAttempts && !this.#closed;
      if (retry && failure.status === 'limited' && failure.retryAfterMs <= 60_000) {
        await call.unsent(failure);
        await sleep(failure.retryAfterMs);
      } else if (retry && failure.status === 'migrated') {
        const chatId = call.chatId;
        if (chatId !== undefined) await this.#remember(chatId, failure.toChatId);
        call.moveTo(failure.toChatId);
      } else if (
        retry &&
        (failure.status === 'unsent' || (failure.status === 'lost' && isIdempotent(call.method)))
      ) {
        await sleep(backoffMs[attempts - 1] ?? 3_000);
      } else if (tried.response) return tried.response;
      else throw tried.error;
    }
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

function isPassing({ lane }: Job): boolean {
  return lane === 'preview' || lane === 'typing';
}

const order: Record<Lane, number> = { callback: 0, final: 1, notification: 2, preview: 3, typing: 4 };

function isBefore(a: Job, b: Job): boolean {
  return order[a.lane] - order[b.lane] < 0 || (a.lane === b.lane && a.since < b.since);
}

function previewKey(method: string, payload: object): string {
  const { message_id: message, draft_id: draft } = payload as { message_id?: number; draft_id?: number };
  return `${method}:${message ?? draft ?? 0}`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
