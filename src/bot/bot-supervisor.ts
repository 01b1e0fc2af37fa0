// The rest of the product works without Telegram, so the bot must not keep it from starting: it is started beside it,
// again and again while Telegram cannot be reached, and not again when Telegram refuses the token.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '#shared/observability/logger.ts';
import { BotStartError, type RunningBot } from './run-bot.ts';

export type BotStatus = 'starting' | 'running' | 'unreachable' | 'refused';

/** Milliseconds between two attempts; it doubles up to the longest. */
const shortestPause = 1_000;
const longestPause = 60_000;

export class BotSupervisor {
  readonly #start: () => Promise<RunningBot>;
  readonly #logger: Logger;
  readonly #stopped = new AbortController();
  #bot: RunningBot | undefined;
  #status: BotStatus = 'starting';
  #running: Promise<void> | undefined;

  constructor(start: () => Promise<RunningBot>, logger: Logger) {
    this.#start = start;
    this.#logger = logger;
  }

  get status(): BotStatus {
    return this.#status;
  }

  /** The bot as Telegram names it, once that is known. */
  get username(): string | undefined {
    return this.#bot?.username;
  }

  get webhook(): RunningBot['webhook'] {
    return this.#bot?.webhook;
  }

  /** Resolves after the first attempt, whatever came of it. */
  async start(): Promise<void> {
    if (await this.#attempt()) return;
    if (this.#status === 'unreachable') this.#running = this.#keepTrying();
  }

  async stop(drainMs: number): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    await this.#bot?.stop(drainMs);
  }

  async #keepTrying(): Promise<void> {
    for (let pause = shortestPause; ; pause = Math.min(pause * 2, longestPause)) {
      await sleep(pause, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
      if (this.#stopped.signal.aborted || (await this.#attempt()) || this.#status === 'refused') return;
    }
  }

  async #attempt(): Promise<boolean> {
    try {
      this.#bot = await this.#start();
      this.#status = 'running';
      return true;
    } catch (error) {
      const refused = error instanceof BotStartError && error.reason === 'refused';
      this.#status = refused ? 'refused' : 'unreachable';
      const next = refused ? 'Everything else works; restart with another token.' : 'Trying again.';
      if (error instanceof BotStartError) this.#logger.error(`${error.message} ${next}`);
      else this.#logger.error({ error }, `The bot could not be started. ${next}`);
      return false;
    }
  }
}
