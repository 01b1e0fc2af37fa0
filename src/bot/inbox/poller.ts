// Long polling by one of the instances. grammY's own loop confirms an update when its handler returns; this one
// confirms when it is written down.
import { type Api, GrammyError } from 'grammy';
import type { Logger } from '#shared/observability/logger.ts';
import { redactText } from '#shared/observability/redact.ts';
import type { Lock, SessionStore } from '#shared/session-store/session-store.ts';
import { allowedUpdates } from './allowed-updates.ts';
import type { Inbox } from './inbox.ts';

export interface PollerOptions {
  /** Bot API: seconds that getUpdates waits for updates. @default 30 */
  timeoutSeconds?: number;
  /** Milliseconds after which another instance receives in place of one that died. @default 15000 */
  leaseMs?: number;
  /** Longest pause after errors. @default 30000 */
  maxPauseMs?: number;
}

export class Poller {
  readonly #api: Api;
  readonly #inbox: Pick<Inbox, 'accept'>;
  readonly #store: Pick<SessionStore, 'lock'>;
  readonly #logger: Logger;
  readonly #options: Required<PollerOptions>;
  readonly #key: string;
  readonly #stopped = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(
    deps: {
      api: Api;
      inbox: Pick<Inbox, 'accept'>;
      store: Pick<SessionStore, 'lock'>;
      logger: Logger;
      botId: number;
    },
    options: PollerOptions = {},
  ) {
    this.#api = deps.api;
    this.#inbox = deps.inbox;
    this.#store = deps.store;
    this.#logger = deps.logger;
    this.#key = `telegram:${deps.botId}:poller`;
    this.#options = { timeoutSeconds: 30, leaseMs: 15_000, maxPauseMs: 30_000, ...options };
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Ends the request that waits. What was fetched and not written yet comes again at the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#over) {
      const lock = await this.#lock();
      if (!lock) {
        await this.#pause(this.#options.leaseMs / 4);
        continue;
      }
      const lost = new AbortController();
      const renewal = setInterval(() => {
        lock.renew(this.#options.leaseMs).then(
          (held) => held || lost.abort(),
          () => undefined,
        );
      }, this.#options.leaseMs / 3);
      try {
        await this.#poll(AbortSignal.any([this.#stopped.signal, lost.signal]), () => {
          failures = 0;
        });
      } catch (error) {
        if (this.#over) break;
        failures += 1;
        const verdict = this.#judge(error, failures);
        if (verdict.fatal) return;
        await this.#pause(verdict.pauseMs);
      } finally {
        clearInterval(renewal);
        await lock.release();
      }
    }
  }

  /** Until `signal` aborts. */
  async #poll(signal: AbortSignal, succeeded: () => void): Promise<void> {
    let offset = 0;
    while (!signal.aborted) {
      const updates = await this.#api.getUpdates(
        {
          ...(offset === 0 ? {} : { offset }),
          timeout: this.#options.timeoutSeconds,
          allowed_updates: allowedUpdates,
        },
        signal as Parameters<Api['getUpdates']>[1],
      );
      await this.#inbox.accept(updates);
      succeeded();
      // An empty answer confirmed all before it. Bot API: after a week without updates ids begin anew at random,
      // perhaps below the offset, so it is kept no longer than it is needed.
      offset = updates.length === 0 ? 0 : Math.max(...updates.map(({ update_id: id }) => id)) + 1;
    }
  }

  async #lock(): Promise<Lock | undefined> {
    try {
      return await this.#store.lock(this.#key, this.#options.leaseMs);
    } catch (error) {
      this.#logger.warn({ error }, 'Cannot find out whether another instance polls; waiting');
      return undefined;
    }
  }

  #judge(error: unknown, failures: number): { fatal: boolean; pauseMs: number } {
    const growing = Math.min(1000 * 2 ** (failures - 1), this.#options.maxPauseMs);
    if (!(error instanceof GrammyError)) {
      const reason = error instanceof Error ? redactText(error.message) : '';
      this.#logger.warn({ reason, pause_ms: growing }, 'Updates could not be fetched; trying again');
      return { fatal: false, pauseMs: growing };
    }
    switch (error.error_code) {
      case 401:
      case 404:
        this.#logger.fatal(
          {},
          'BOT_TOKEN is not accepted by Telegram any more. Receiving nothing until a restart.',
        );
        return { fatal: true, pauseMs: 0 };
      case 409:
        this.#logger.error(
          { reason: error.description },
          'Another program receives the updates of this bot: stop it, or give this one a token of its own',
        );
        return { fatal: false, pauseMs: Math.max(growing, 5_000) };
      case 429:
        return { fatal: false, pauseMs: 1000 * (error.parameters.retry_after ?? 5) };
      default:
        this.#logger.warn({ reason: error.description, pause_ms: growing }, 'Updates could not be fetched');
        return { fatal: false, pauseMs: growing };
    }
  }

  get #over(): boolean {
    return this.#stopped.signal.aborted;
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stopped;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end);
    });
  }
}
