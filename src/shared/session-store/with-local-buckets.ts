import { isUnavailable } from './errors.ts';
import { MemorySessionStore } from './memory-session-store.ts';
import type { TokenBucket, TokenLimiter, TokenVerdict } from './session-store.ts';

const RETRY_MS = 1000;

/**
 * A limiter that goes on limiting when the store is down, with buckets of this process. They begin full and
 * are not shared: with n instances a caller gets at most n + 1 times the limit during an outage, never
 * everything. Once the store failed, it is asked again every second, by one call; the others don't wait for it.
 *
 * Only `STORE_UNAVAILABLE` falls back; other errors are thrown as they are.
 *
 * @example
 * const limiter = withLocalBuckets(store);
 * const verdict = await limiter.takeTokens([{ key: `user:${id}`, capacity: 30, refillPerMinute: 30 }]);
 */
export function withLocalBuckets(
  store: TokenLimiter,
  options: { now?: () => number; maxKeys?: number } = {},
): LimiterFallback {
  return new LimiterFallback(store, options);
}

export class LimiterFallback implements TokenLimiter {
  readonly #store: TokenLimiter;
  readonly #local: MemorySessionStore;
  readonly #now: () => number;
  #retryAt = 0;

  constructor(store: TokenLimiter, options: { now?: () => number; maxKeys?: number } = {}) {
    this.#store = store;
    this.#now = options.now ?? Date.now;
    this.#local = new MemorySessionStore(options);
  }

  async takeTokens(buckets: readonly TokenBucket[], cost = 1): Promise<TokenVerdict> {
    if (this.#now() < this.#retryAt) return await this.#local.takeTokens(buckets, cost);
    // While this call finds out, the others stay local.
    if (this.#retryAt > 0) this.#retryAt = this.#now() + RETRY_MS;
    try {
      const verdict = await this.#store.takeTokens(buckets, cost);
      this.#retryAt = 0;
      return verdict;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      this.#retryAt = this.#now() + RETRY_MS;
      return await this.#local.takeTokens(buckets, cost);
    }
  }

  async close(): Promise<void> {
    await this.#local.close();
  }
}
