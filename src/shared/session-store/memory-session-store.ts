import { checkBuckets, integer, wholeMs } from './arguments.ts';
import { SessionStoreError } from './errors.ts';
import { ExpiringMap } from './expiring-map.ts';
import { followStream, Wakeup } from './follow-stream.ts';
import type {
  Lock,
  SessionStore,
  StreamEntry,
  StreamPage,
  TokenBucket,
  TokenVerdict,
} from './session-store.ts';
import { refilled, verdict, waitFor } from './token-buckets.ts';

const SWEEP_MS = 30_000;
const FOLLOW_POLL_MS = 5000;

interface MemoryStream {
  /** The newest entries; the first of them has the number `last - values.length + 1`. */
  values: string[];
  last: number;
}

export interface MemorySessionStoreOptions {
  /** Milliseconds since 1970; tests put their own clock here. @default Date.now */
  now?: () => number;
  /**
   * Room for this many keys, streams and leases each. Beyond it new ones are refused with `STORE_FULL`.
   * Buckets have as much room again, and there the least recently used one is forgotten: it is the one that
   * has refilled longest. @default 100_000
   */
  maxKeys?: number;
}

/** For a single process and for tests: everything is gone with the process. */
export class MemorySessionStore implements SessionStore {
  readonly kind = 'memory';
  readonly #now: () => number;
  readonly #values: ExpiringMap<string>;
  readonly #streams: ExpiringMap<MemoryStream>;
  readonly #leases: ExpiringMap<number>;
  readonly #buckets: ExpiringMap<{ tokens: number; atMs: number }>;
  readonly #listeners = new Map<string, Set<(message: string) => void>>();
  readonly #followers = new Map<string, Set<Wakeup>>();
  readonly #closing = new AbortController();
  readonly #sweeper: NodeJS.Timeout;
  #lastFence = 0;

  constructor({ now = Date.now, maxKeys = 100_000 }: MemorySessionStoreOptions = {}) {
    this.#now = now;
    this.#values = new ExpiringMap({ now, maxKeys, whenFull: 'refuse' });
    this.#streams = new ExpiringMap({ now, maxKeys, whenFull: 'refuse' });
    this.#leases = new ExpiringMap({ now, maxKeys, whenFull: 'refuse' });
    this.#buckets = new ExpiringMap({ now, maxKeys, whenFull: 'evict' });
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** Everything in memory, what has expired since the last sweep included. For metrics. */
  get size(): number {
    return this.#maps().reduce((sum, map) => sum + map.size, 0);
  }

  async get(key: string): Promise<string | undefined> {
    this.#checkOpen();
    return this.#values.get(key);
  }

  async set(
    key: string,
    value: string,
    options: { ttlMs?: number; onlyIfAbsent?: boolean } = {},
  ): Promise<boolean> {
    this.#checkOpen();
    const expiresAt = this.#expiry(options.ttlMs);
    if (options.onlyIfAbsent && this.#values.get(key) !== undefined) return false;
    this.#values.set(key, value, expiresAt);
    return true;
  }

  async delete(key: string): Promise<boolean> {
    this.#checkOpen();
    return this.#values.delete(key);
  }

  async take(key: string): Promise<string | undefined> {
    this.#checkOpen();
    const value = this.#values.get(key);
    this.#values.delete(key);
    return value;
  }

  async expire(key: string, ttlMs: number): Promise<boolean> {
    this.#checkOpen();
    return this.#values.expireAt(key, this.#expiry(ttlMs));
  }

  async increment(key: string, by: number, options: { ttlMs?: number } = {}): Promise<number> {
    this.#checkOpen();
    integer('by', by, Number.MIN_SAFE_INTEGER);
    const expiresAt = this.#expiry(options.ttlMs);
    const old = this.#values.get(key);
    if (old === undefined) {
      this.#values.set(key, String(by), expiresAt);
      return by;
    }
    const sum = Number(old) + by;
    if (!/^(0|-?[1-9]\d*)$/.test(old) || !Number.isSafeInteger(sum)) throw SessionStoreError.notANumber(key);
    this.#values.replace(key, String(sum));
    return sum;
  }

  async takeTokens(buckets: readonly TokenBucket[], cost = 1): Promise<TokenVerdict> {
    this.#checkOpen();
    checkBuckets(buckets, cost);
    const now = this.#now();
    const levels = buckets.map((bucket) => {
      const state = this.#buckets.get(bucket.key);
      return state ? refilled(bucket, state.tokens, state.atMs, now) : bucket.capacity;
    });
    const allowed = levels.every((level) => level >= cost);
    if (!allowed) return verdict(buckets, levels, cost, allowed, now);
    const left = levels.map((level) => level - cost);
    for (const [index, bucket] of buckets.entries()) {
      const tokens = left[index] ?? 0;
      // An expired bucket and a full one are the same thing.
      this.#buckets.set(bucket.key, { tokens, atMs: now }, now + waitFor(bucket, tokens, bucket.capacity));
    }
    return verdict(buckets, left, cost, allowed, now);
  }

  async publish(channel: string, message: string): Promise<void> {
    this.#checkOpen();
    for (const listener of this.#listeners.get(channel) ?? []) {
      // As with a server in between, no listener runs inside the publisher's call, and none can break it.
      setImmediate(() => {
        if (!this.#listeners.get(channel)?.has(listener)) return;
        try {
          listener(message);
        } catch {
          // The port drops what a listener throws.
        }
      });
    }
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>> {
    this.#checkOpen();
    // The same function may subscribe twice; each subscription ends on its own.
    const own = (message: string) => listener(message);
    return addTo(this.#listeners, channel, own);
  }

  async append(
    stream: string,
    entries: readonly string[],
    options: { ttlMs: number; maxLength: number; expectAfter?: number },
  ): Promise<number> {
    this.#checkOpen();
    const expiresAt = this.#expiry(options.ttlMs);
    integer('maxLength', options.maxLength, 1);
    const log = this.#streams.get(stream) ?? { values: [], last: 0 };
    if (options.expectAfter !== undefined && options.expectAfter !== log.last) {
      throw SessionStoreError.conflict(stream, options.expectAfter, log.last);
    }
    if (entries.length === 0) return log.last;
    this.#streams.set(stream, log, expiresAt);
    for (const entry of entries) log.values.push(entry);
    log.last += entries.length;
    if (log.values.length > options.maxLength) log.values.splice(0, log.values.length - options.maxLength);
    for (const follower of this.#followers.get(stream) ?? []) follower.wake();
    return log.last;
  }

  async read(stream: string, after: number, limit: number): Promise<StreamPage> {
    this.#checkOpen();
    integer('after', after, 0);
    integer('limit', limit, 1, 10_000);
    const log = this.#streams.get(stream);
    if (!log) return { entries: [], last: 0, oldest: 0 };
    const oldest = log.last - log.values.length + 1;
    const start = Math.max(0, after + 1 - oldest);
    const entries = log.values
      .slice(start, start + limit)
      .map((value, index) => ({ seq: oldest + start + index, value }));
    return { entries, last: log.last, oldest };
  }

  async *follow(stream: string, after: number, signal: AbortSignal): AsyncGenerator<StreamEntry, void, void> {
    integer('after', after, 0);
    const wakeup = new Wakeup();
    const remove = addTo(this.#followers, stream, wakeup);
    try {
      yield* followStream({
        read: (cursor, limit) => this.read(stream, cursor, limit),
        wakeup,
        after,
        signal: AbortSignal.any([signal, this.#closing.signal]),
        pollMs: FOLLOW_POLL_MS,
      });
    } finally {
      await remove();
    }
  }

  async lock(key: string, ttlMs: number): Promise<Lock | undefined> {
    this.#checkOpen();
    const expiresAt = this.#expiry(ttlMs);
    if (this.#leases.get(key) !== undefined) return undefined;
    // Like the Redis adapter's: grows from one process to the next as long as the clock does.
    const fence = Math.max(this.#lastFence + 1, this.#now());
    this.#leases.set(key, fence, expiresAt);
    this.#lastFence = fence;
    const held = () => this.#leases.get(key) === fence;
    return {
      fence,
      renew: async (nextTtlMs) => {
        this.#checkOpen();
        const until = this.#expiry(nextTtlMs);
        return held() && this.#leases.expireAt(key, until);
      },
      release: async () => {
        if (held()) this.#leases.delete(key);
      },
    };
  }

  async ping(): Promise<boolean> {
    return !this.#closing.signal.aborted;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#closing.abort();
    this.#listeners.clear();
    for (const map of this.#maps()) map.clear();
  }

  #maps() {
    return [this.#values, this.#streams, this.#leases, this.#buckets];
  }

  #sweep(): void {
    for (const map of this.#maps()) map.sweep();
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw SessionStoreError.closed();
  }

  #expiry(ttlMs: number | undefined): number {
    return ttlMs === undefined ? Infinity : this.#now() + wholeMs('ttlMs', ttlMs);
  }
}

/** Adds to a map of sets; the answer removes again, and the set when it was the last. */
function addTo<T>(sets: Map<string, Set<T>>, key: string, item: T): () => Promise<void> {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set.add(item));
  return async () => {
    set.delete(item);
    if (set.size === 0 && sets.get(key) === set) sets.delete(key);
  };
}
