import { checkBuckets, integer, wholeMs } from './arguments.ts';
import { SessionStoreError } from './errors.ts';
import { followStream, Wakeup } from './follow-stream.ts';
import { RedisConnection, type StoreLogger } from './redis-connection.ts';
import { APPEND, INCREMENT, LOCK, READ, RENEW, TAKE_TOKENS } from './redis-scripts.ts';
import { RedisSubscriber } from './redis-subscriber.ts';
import type {
  Lock,
  SessionStore,
  StreamEntry,
  StreamPage,
  TokenBucket,
  TokenVerdict,
} from './session-store.ts';
import { verdict } from './token-buckets.ts';

const FIRST_CONNECTION_MS = 2000;

export interface RedisSessionStoreOptions {
  /** Begins every key and channel; instances that work together share it. @default 'concierge:' */
  keyPrefix?: string;
  logger?: StoreLogger;
  /** How often followers look without having been woken, in ms. @default 3000 */
  followPollMs?: number;
}

/**
 * For several instances. Needs Redis 6.2 or later, or a cluster of it behind one address.
 *
 * Every call uses keys of one slot. To take from several buckets at once, all buckets share one slot through
 * the hash tag `{buckets}`: on a cluster one node does all limiting.
 */
export class RedisSessionStore implements SessionStore {
  readonly kind = 'redis';
  readonly #commands: RedisConnection;
  readonly #subscriptions: RedisConnection;
  readonly #subscriber: RedisSubscriber;
  readonly #prefix: string;
  readonly #followPollMs: number;
  readonly #closing = new AbortController();

  private constructor(url: string, options: RedisSessionStoreOptions) {
    this.#prefix = options.keyPrefix ?? 'concierge:';
    this.#followPollMs = options.followPollMs ?? 3000;
    this.#commands = new RedisConnection(url, 'commands', options.logger);
    this.#subscriptions = new RedisConnection(url, 'subscriptions', options.logger);
    this.#subscriber = new RedisSubscriber(this.#subscriptions);
  }

  /**
   * Resolves when connected, or after two seconds: a Redis that is down makes a store that refuses commands
   * and works as soon as Redis does.
   * @throws RangeError when `url` is not a `redis://` or `rediss://` URL; its text does not contain the URL
   */
  static async connect(url: string, options: RedisSessionStoreOptions = {}): Promise<RedisSessionStore> {
    if (!URL.canParse(url) || !/^rediss?:\/\//.test(url)) {
      throw new RangeError('The address of Redis must be a redis:// or rediss:// URL');
    }
    const store = new RedisSessionStore(url, options);
    await Promise.all([
      store.#commands.open(FIRST_CONNECTION_MS),
      store.#subscriptions.open(FIRST_CONNECTION_MS),
    ]);
    return store;
  }

  async get(key: string): Promise<string | undefined> {
    return (await this.#commands.run((redis) => redis.get(this.#key(key)))) ?? undefined;
  }

  async set(
    key: string,
    value: string,
    options: { ttlMs?: number; onlyIfAbsent?: boolean } = {},
  ): Promise<boolean> {
    const name = this.#key(key);
    const ttl = options.ttlMs === undefined ? undefined : wholeMs('ttlMs', options.ttlMs);
    const reply = await this.#commands.run((redis) => {
      if (!options.onlyIfAbsent) {
        return ttl === undefined ? redis.set(name, value) : redis.set(name, value, 'PX', ttl);
      }
      return ttl === undefined ? redis.set(name, value, 'NX') : redis.set(name, value, 'PX', ttl, 'NX');
    });
    return reply === 'OK';
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#commands.run((redis) => redis.del(this.#key(key)))) === 1;
  }

  async take(key: string): Promise<string | undefined> {
    return (await this.#commands.run((redis) => redis.getdel(this.#key(key)))) ?? undefined;
  }

  async expire(key: string, ttlMs: number): Promise<boolean> {
    const ttl = wholeMs('ttlMs', ttlMs);
    return (await this.#commands.run((redis) => redis.pexpire(this.#key(key), ttl))) === 1;
  }

  async increment(key: string, by: number, options: { ttlMs?: number } = {}): Promise<number> {
    integer('by', by, Number.MIN_SAFE_INTEGER);
    const ttl = options.ttlMs === undefined ? '' : wholeMs('ttlMs', options.ttlMs);
    try {
      return Number(await this.#commands.evaluate(INCREMENT, [this.#key(key)], [by, ttl]));
    } catch (error) {
      if (error instanceof SessionStoreError && /not an integer|would overflow/.test(error.message)) {
        throw SessionStoreError.notANumber(key);
      }
      throw error;
    }
  }

  async takeTokens(buckets: readonly TokenBucket[], cost = 1): Promise<TokenVerdict> {
    checkBuckets(buckets, cost);
    const keys = buckets.map((bucket) => `${this.#prefix}{buckets}:${bucket.key}`);
    const limits = buckets.flatMap((bucket) => [bucket.capacity, bucket.refillPerMinute]);
    const reply = list(await this.#commands.evaluate(TAKE_TOKENS, keys, [cost, ...limits]));
    return verdict(buckets, reply.slice(2).map(Number), cost, reply[0] === 1, Number(reply[1]));
  }

  async publish(channel: string, message: string): Promise<void> {
    await this.#commands.run((redis) => redis.publish(this.#channel(channel), message));
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>> {
    const own = { message: listener };
    await this.#subscriber.subscribe(this.#channel(channel), own);
    return async () => this.#subscriber.remove(this.#channel(channel), own);
  }

  async append(
    stream: string,
    entries: readonly string[],
    options: { ttlMs: number; maxLength: number; expectAfter?: number },
  ): Promise<number> {
    const ttl = wholeMs('ttlMs', options.ttlMs);
    const maxLength = integer('maxLength', options.maxLength, 1);
    const expected = options.expectAfter;
    const reply = list(
      await this.#commands.evaluate(
        APPEND,
        [this.#stream(stream)],
        [ttl, maxLength, expected ?? '', this.#wakeups(stream), ...entries],
      ),
    );
    const last = Number(reply[1]);
    if (reply[0] !== 1 && expected !== undefined) throw SessionStoreError.conflict(stream, expected, last);
    return last;
  }

  async read(stream: string, after: number, limit: number): Promise<StreamPage> {
    const first = integer('after', after, 0) + 1;
    integer('limit', limit, 1, 10_000);
    const reply = list(await this.#commands.evaluate(READ, [this.#stream(stream)], [first, limit]));
    const start = Number(reply[2]);
    return {
      entries: reply.slice(3).map((value, index) => ({ seq: start + index, value: String(value) })),
      last: Number(reply[0]),
      oldest: Number(reply[1]),
    };
  }

  async *follow(stream: string, after: number, signal: AbortSignal): AsyncGenerator<StreamEntry, void, void> {
    integer('after', after, 0);
    const wakeup = new Wakeup();
    const wake = () => wakeup.wake();
    const listener = { message: wake, standing: wake };
    this.#subscriber.watch(this.#wakeups(stream), listener);
    try {
      yield* followStream({
        read: (cursor, limit) => this.read(stream, cursor, limit),
        wakeup,
        after,
        signal: AbortSignal.any([signal, this.#closing.signal]),
        pollMs: this.#followPollMs,
      });
    } finally {
      this.#subscriber.remove(this.#wakeups(stream), listener);
    }
  }

  async lock(key: string, ttlMs: number): Promise<Lock | undefined> {
    const keys = [`${this.#prefix}lease:${key}`];
    const fence = Number(await this.#commands.evaluate(LOCK, keys, [wholeMs('ttlMs', ttlMs)]));
    if (fence === 0) return undefined;
    const renew = async (ttl: number) => (await this.#commands.evaluate(RENEW, keys, [fence, ttl])) === 1;
    return {
      fence,
      renew: (nextTtlMs) => renew(wholeMs('ttlMs', nextTtlMs)),
      release: async () => {
        await renew(0).catch(() => false);
      },
    };
  }

  async ping(): Promise<boolean> {
    if (!this.#commands.ready) return false;
    try {
      return (await this.#commands.run((redis) => redis.ping())) === 'PONG';
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#subscriber.clear();
    await Promise.all([this.#commands.close(), this.#subscriptions.close()]);
  }

  #key(key: string): string {
    return `${this.#prefix}key:${key}`;
  }

  #stream(stream: string): string {
    return `${this.#prefix}stream:${stream}`;
  }

  #channel(channel: string): string {
    return `${this.#prefix}channel:${channel}`;
  }

  #wakeups(stream: string): string {
    return `${this.#prefix}wakeups:${stream}`;
  }
}

function list(reply: unknown): unknown[] {
  if (!Array.isArray(reply))
    throw SessionStoreError.failed('a script answered with something else than a list');
  return reply;
}
