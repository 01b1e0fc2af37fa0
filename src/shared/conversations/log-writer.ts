import type { RunEvent } from './run.ts';
import type { RunLog } from './run-log.ts';

/** Events that may wait for the log before the agent has to wait, too. */
const maxWaiting = 256;

/**
 * Writes one run's events to its log in order. While one write is under way the next events gather, so a fast agent
 * costs few writes and a slow one none of its speed.
 */
export class LogWriter {
  readonly #log: RunLog;
  readonly #runId: string;
  #waiting: RunEvent[] = [];
  #writing: Promise<void> | undefined;
  #failure: { cause: unknown } | undefined;

  constructor(log: RunLog, runId: string) {
    this.#log = log;
    this.#runId = runId;
  }

  /** Resolves at once while the log keeps up. Throws what an earlier write failed with. */
  async write(event: RunEvent): Promise<void> {
    if (this.#failure) throw this.#failure.cause;
    this.#waiting.push(event);
    this.#writing ??= this.#drain();
    if (this.#waiting.length >= maxWaiting) await this.flush();
  }

  /** Resolves when all is in the log. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
    if (this.#failure) throw this.#failure.cause;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting;
        this.#waiting = [];
        await this.#log.append(this.#runId, batch);
      }
    } catch (error) {
      this.#failure = { cause: error };
    } finally {
      this.#writing = undefined;
    }
  }
}
