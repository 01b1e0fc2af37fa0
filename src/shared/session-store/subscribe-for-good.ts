import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from './errors.ts';
import type { SessionStore } from './session-store.ts';

/** Milliseconds between two attempts. */
const pauseMs = 1_000;

/**
 * A subscription for the life of the process: it does not mind that the store is down when it begins, and stands as
 * soon as the store is back. Answers the function that ends it. Not for somebody who waits to hear that it stands.
 */
export function subscribeForGood(
  store: SessionStore,
  channel: string,
  listener: (message: string) => void,
): () => Promise<void> {
  const ended = new AbortController();
  const standing = attempt();
  async function attempt(): Promise<(() => Promise<void>) | undefined> {
    while (!ended.signal.aborted) {
      try {
        return await store.subscribe(channel, listener);
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        await sleep(pauseMs, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
      }
    }
    return undefined;
  }
  // Anything else than an outage, such as a closed store, ends it: there is nothing to wait for.
  standing.catch(() => undefined);
  return async () => {
    ended.abort();
    const unsubscribe = await standing.catch(() => undefined);
    await unsubscribe?.();
  };
}
