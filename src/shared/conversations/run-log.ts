// The log is what makes a run outlive its connection: events go here first, and every reader, early, late or slow, on
// any instance, follows it from where it likes.
import { AppError } from '../errors.ts';
import type { SessionStore } from '../session-store/session-store.ts';
import { type FollowedEvent, isTerminal, type RunEvent } from './run.ts';

const defaults = {
  /** Milliseconds that a run can still be replayed after its last event. */
  retentionMs: 3600 * 1000,
  maxEvents: 50_000,
};

export class RunLog {
  readonly #store: SessionStore;
  readonly #limits: typeof defaults;

  constructor(store: SessionStore, limits: Partial<typeof defaults> = {}) {
    this.#store = store;
    this.#limits = { ...defaults, ...limits };
  }

  /** Adds events in order and answers the last `seq`. */
  append(runId: string, events: readonly RunEvent[]): Promise<number> {
    return this.#store.append(
      nameOf(runId),
      events.map((event) => JSON.stringify(event)),
      { ttlMs: this.#limits.retentionMs, maxLength: this.#limits.maxEvents },
    );
  }

  /** The number of the last event (0: the log is gone or was never begun) and whether it is the terminal one. */
  async tail(runId: string): Promise<{ last: number; ended: boolean }> {
    const { last } = await this.#store.read(nameOf(runId), 0, 1);
    if (last === 0) return { last, ended: false };
    const [entry] = (await this.#store.read(nameOf(runId), last - 1, 1)).entries;
    return { last, ended: entry !== undefined && isTerminal(JSON.parse(entry.value) as RunEvent) };
  }

  /**
   * The events after `after`, then those to come, until the terminal one. Ends without it only when `signal` aborts.
   * @throws AppError CONFLICT when events after `after` are not kept any more
   */
  async *follow(runId: string, after: number, signal: AbortSignal): AsyncGenerator<FollowedEvent> {
    let expected = after + 1;
    for await (const entry of this.#store.follow(nameOf(runId), after, signal)) {
      if (entry.seq !== expected) {
        throw AppError.conflict('This part of the stream is not kept any more. Read the messages instead.', {
          run_id: runId,
          after,
        });
      }
      expected += 1;
      const event = JSON.parse(entry.value) as RunEvent;
      yield { seq: entry.seq, event };
      if (isTerminal(event)) return;
    }
  }
}

function nameOf(runId: string): string {
  return `run:${runId}`;
}
