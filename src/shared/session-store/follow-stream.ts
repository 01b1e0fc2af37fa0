// Following a stream, the same for every adapter: read a page, yield it, sleep until woken, read again. The
// stream itself is the buffer, so a follower holds one page at most.
import { isUnavailable, SessionStoreError } from './errors.ts';
import type { StreamEntry, StreamPage } from './session-store.ts';

const PAGE = 100;

/** One sleeper. A wake-up that comes between two sleeps is remembered: the next sleep returns at once. */
export class Wakeup {
  #rung = false;
  #resolve: (() => void) | undefined;

  wake(): void {
    this.#rung = true;
    this.#resolve?.();
  }

  /** Forgets earlier wake-ups; call it before looking for what they might have announced. */
  reset(): void {
    this.#rung = false;
  }

  async sleep(maxMs: number): Promise<void> {
    if (this.#rung) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#resolve = resolve;
      timer = setTimeout(resolve, maxMs).unref();
    });
    clearTimeout(timer);
    this.#resolve = undefined;
  }
}

export interface FollowOptions {
  read: (after: number, limit: number) => Promise<StreamPage>;
  wakeup: Wakeup;
  after: number;
  /** Already combined with the closing of the store. */
  signal: AbortSignal;
  /** The longest sleep: what bounds the damage of a wake-up that got lost. */
  pollMs: number;
}

export async function* followStream(options: FollowOptions): AsyncGenerator<StreamEntry, void, void> {
  const { wakeup, signal, pollMs } = options;
  const wake = () => wakeup.wake();
  signal.addEventListener('abort', wake, { once: true });
  try {
    let cursor = options.after;
    while (!signal.aborted) {
      wakeup.reset();
      const page = await readOrWait(options, cursor);
      for (const entry of page?.entries ?? []) {
        if (signal.aborted) return;
        cursor = entry.seq;
        yield entry;
      }
      if (!signal.aborted && (page?.entries.length ?? 0) < PAGE) await wakeup.sleep(pollMs);
    }
  } finally {
    signal.removeEventListener('abort', wake);
  }
}

/** Undefined while the store is away: an outage delays a follower, it does not end it. */
async function readOrWait(options: FollowOptions, after: number): Promise<StreamPage | undefined> {
  try {
    return await options.read(after, PAGE);
  } catch (error) {
    const closed = error instanceof SessionStoreError && error.code === 'STORE_CLOSED';
    if (isUnavailable(error) || (closed && options.signal.aborted)) return undefined;
    throw error;
  }
}
