// Long polling: one waiting call at a time, as on Telegram.
import type { Update } from 'grammy/types';
import { conflict } from '../checks/errors.ts';
import type { UpdateQueue } from './queue.ts';

export class Poller {
  readonly #queue: UpdateQueue;
  #interrupt: (() => void) | undefined;

  constructor(queue: UpdateQueue) {
    this.#queue = queue;
  }

  /** Waits up to timeoutMs for the first update. A newer call ends this one with 409. */
  async poll(limit: number, timeoutMs: number, gone: AbortSignal): Promise<Update[]> {
    this.#interrupt?.();
    this.#interrupt = undefined;
    const ready = () => this.#queue.pending.slice(0, limit);
    if (this.#queue.pending.length > 0 || timeoutMs <= 0 || gone.aborted) return ready();
    return await new Promise<Update[]>((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        stopListening();
        gone.removeEventListener('abort', done);
        if (this.#interrupt === interrupt) this.#interrupt = undefined;
        settle();
      };
      const done = () => end(() => resolve(ready()));
      const interrupt = () =>
        end(() =>
          reject(
            conflict(
              'terminated by other getUpdates request; make sure that only one bot instance is running',
            ),
          ),
        );
      const timer = setTimeout(done, timeoutMs);
      const stopListening = this.#queue.onPush(done);
      gone.addEventListener('abort', done);
      this.#interrupt = interrupt;
    });
  }
}
