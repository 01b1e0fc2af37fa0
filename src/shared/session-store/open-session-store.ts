import { MemorySessionStore } from './memory-session-store.ts';
import { RedisSessionStore } from './redis-session-store.ts';
import type { SessionStore } from './session-store.ts';

/**
 * Redis when there is an address, otherwise this process's memory. A Redis that is down does not keep the
 * application from starting: `onError` hears of it once for each connection and outage, and the store works
 * as soon as Redis does.
 * @throws RangeError when `redisUrl` is not a `redis://` or `rediss://` URL
 */
export async function openSessionStore(options: {
  redisUrl?: string | undefined;
  onError?: (error: Error) => void;
}): Promise<SessionStore> {
  if (!options.redisUrl) return new MemorySessionStore();
  return await RedisSessionStore.connect(options.redisUrl, {
    logger: {
      info: () => {},
      warn: (details) => {
        if ('err' in details && details.err instanceof Error) options.onError?.(details.err);
      },
    },
  });
}
