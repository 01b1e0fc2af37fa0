// The port behind everything that instances share for a short time: guests' sessions, single-use tickets,
// rate limits, run logs, wake-ups between instances and leases. Nothing here is the only copy of something
// that a person would miss: that belongs in the database.
//
// Common to all methods:
// - Keys, streams, buckets, locks and channels are separate name spaces: a stream and a key may share a name.
// - Times are milliseconds; a life (`ttlMs`) is a positive number and is rounded up to a whole millisecond.
// - Wrong arguments throw `RangeError`. Failures are `SessionStoreError`s with a `code`: `STORE_UNAVAILABLE`
//   when the server did not answer within two seconds (the command may still have been carried out),
//   `STORE_CLOSED` after close(), `STORE_FULL` when the memory adapter has no room.

export interface SessionStore extends TokenLimiter {
  /** The value, or undefined when the key is unknown or its life is over. */
  get(key: string): Promise<string | undefined>;

  /**
   * Writes a value. Without `ttlMs` it lives until it is deleted, also when the key had a life before.
   * With `onlyIfAbsent` the first writer wins: the others get false and change nothing. That makes an
   * idempotency key out of it. Don't use it as a lock: there is no fence; see {@link lock}.
   */
  set(key: string, value: string, options?: { ttlMs?: number; onlyIfAbsent?: boolean }): Promise<boolean>;

  /** True when there was something to delete. */
  delete(key: string): Promise<boolean>;

  /**
   * Get and delete in one step, for things that may be used once (tickets, refresh tokens): of any number of
   * parallel callers one gets the value. After `STORE_UNAVAILABLE` the value may be gone.
   */
  take(key: string): Promise<string | undefined>;

  /** Sets what is left of a key's life to `ttlMs` from now, for idle timeouts. False when the key is unknown. */
  expire(key: string, ttlMs: number): Promise<boolean>;

  /**
   * Adds `by` (an integer, may be negative) to a counter that starts at 0 and answers the sum. `ttlMs` counts
   * from the moment the key is made and is not prolonged by later calls: a fixed window.
   * @throws SessionStoreError `NOT_A_NUMBER` when the key holds something else
   */
  increment(key: string, by: number, options?: { ttlMs?: number }): Promise<number>;

  /** To everyone who is subscribed now, on any instance; nobody else. Don't send what must not be lost. */
  publish(channel: string, message: string): Promise<void>;

  /**
   * Resolves when the subscription stands: what is published afterwards arrives. It survives a lost
   * connection, but messages published meanwhile don't arrive. Rejects, subscribing nothing, when the store is
   * down. What a listener throws is dropped. The answer ends the subscription and may be called twice.
   */
  subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>>;

  /**
   * Adds entries, all or none, numbered densely from 1, wakes the followers and answers the last number.
   * The stream lives `ttlMs` from its last append and keeps its newest `maxLength` entries. A stream that
   * expired begins again at 1, so give each log a name of its own.
   *
   * `expectAfter` is the number that the writer believes to be the last. It makes a repeated append harmless
   * when the answer to the first was lost, and keeps two writers from mixing.
   * @throws SessionStoreError `STREAM_CONFLICT` when the stream does not end at `expectAfter`
   */
  append(
    stream: string,
    entries: readonly string[],
    options: { ttlMs: number; maxLength: number; expectAfter?: number },
  ): Promise<number>;

  /** Up to `limit` (1 to 10 000) entries that come after number `after` (0 reads from the start). */
  read(stream: string, after: number, limit: number): Promise<StreamPage>;

  /**
   * Every entry after number `after`, first those that are there, then those to come. It pulls a page at a
   * time, so a slow reader costs no memory; what falls out of retention before it is pulled is skipped and
   * shows as a jump in `seq`. An outage of the store is waited out. Ends without throwing when `signal` aborts
   * or the store is closed, never by itself: the entries must say which one is the last.
   */
  follow(stream: string, after: number, signal: AbortSignal): AsyncGenerator<StreamEntry, void, void>;

  /**
   * A lease on `key` for `ttlMs`, or undefined while another holder has it. A holder can be paused past its
   * lease without noticing, so whatever it writes must carry `fence`, and the receiver must refuse a smaller
   * fence than it has seen.
   */
  lock(key: string, ttlMs: number): Promise<Lock | undefined>;

  readonly kind: 'memory' | 'redis';

  /** For health checks. False, never an error, when the store is down; answers within two seconds. */
  ping(): Promise<boolean>;

  /** Ends subscriptions and followers and refuses everything afterwards. May be called twice. */
  close(): Promise<void>;
}

/** The part of the store that a rate limiter needs; see `withLocalBuckets` for one that survives an outage. */
export interface TokenLimiter {
  /**
   * Takes `cost` (default 1) tokens from every bucket or, when one of them has too few, from none, atomically
   * across instances. A bucket begins full and refills continuously. The store's clock counts.
   * @throws RangeError for no buckets, one key twice, a bucket that never refills (use `increment` with a
   * life for a budget), or a cost above a capacity (waiting would not help)
   */
  takeTokens(buckets: readonly TokenBucket[], cost?: number): Promise<TokenVerdict>;
}

export interface TokenBucket {
  readonly key: string;
  /** The largest burst, in tokens. */
  readonly capacity: number;
  readonly refillPerMinute: number;
}

export interface TokenVerdict {
  readonly status: 'allowed' | 'refused';
  /** Key of the tightest bucket: the one to wait longest for, or with the fewest tokens left. */
  readonly bucket: string;
  /** Capacity of the tightest bucket. */
  readonly limit: number;
  /** Whole tokens left in the tightest bucket. */
  readonly remaining: number;
  /** When the tightest bucket will be full again, in milliseconds since 1970. */
  readonly resetAtMs: number;
  /** How long to wait before the same call can succeed; 0 when it was allowed. */
  readonly retryAfterMs: number;
}

export interface StreamEntry {
  readonly seq: number;
  readonly value: string;
}

export interface StreamPage {
  readonly entries: StreamEntry[];
  /** Number of the newest entry; 0 when the stream is unknown or expired. */
  readonly last: number;
  /** Number of the oldest entry kept: a cursor below `oldest - 1` has lost entries. 0 like `last`. */
  readonly oldest: number;
}

export interface Lock {
  /** Greater than the fence of every earlier holder of the same key. */
  readonly fence: number;
  /** Sets the lease to `ttlMs` from now; false when it was lost, and the holder must stop. */
  renew(ttlMs: number): Promise<boolean>;
  /** Gives the lease back if it is still held. Never rejects: if the store is down, the lease runs out. */
  release(): Promise<void>;
}
