import { Redis, type RedisOptions } from 'ioredis';
import { SessionStoreError } from './errors.ts';
import type { RedisScript } from './redis-scripts.ts';

/** What the Redis adapter tells about its connections; a pino logger fits. */
export interface StoreLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** Right after a connection is lost, commands wait this long for the next one; later they fail at once. */
const GRACE_MS = 500;
const MAX_WAITING = 1000;
const COMMAND_MS = 1500;
const HEARTBEAT_MS = 10_000;

const OPTIONS = {
  lazyConnect: true,
  connectTimeout: 2000,
  commandTimeout: COMMAND_MS,
  // A socket that owes an answer for this long is dead: a peer that vanished without a word.
  socketTimeout: 2 * COMMAND_MS,
  enableOfflineQueue: false,
  // Sending a command again that may have been carried out is the caller's decision. With retries at 0,
  // ioredis rejects what was under way as soon as the connection closes; otherwise it would wait for a reply.
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  autoResubscribe: false,
  retryStrategy: (attempt: number) => Math.min(1000, 25 * 2 ** Math.min(attempt, 6)) + Math.random() * 50,
  // After a failover the old primary is a replica: look up the address again.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions;

/** Answers of a server that is there but can't work now. */
const AWAY = /^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|READONLY|BUSY) /;

/**
 * One connection that reconnects for ever, whose commands fail within two seconds when it can't, and whose
 * errors carry neither the URL nor the arguments of commands.
 */
export class RedisConnection {
  readonly redis: Redis;
  readonly #purpose: string;
  readonly #logger: StoreLogger | undefined;
  readonly #heartbeat: NodeJS.Timeout;
  #recovery = Promise.withResolvers<void>();
  #waiting = 0;
  #closed = false;
  #reason = 'not connected yet';
  #reported = false;
  #wasReady = false;

  constructor(url: string, purpose: string, logger: StoreLogger | undefined) {
    this.redis = new Redis(url, { ...OPTIONS, connectionName: `concierge-${purpose}` });
    this.#purpose = purpose;
    this.#logger = logger;
    // The answer is of no interest: without one, the socket timeout ends the connection.
    this.#heartbeat = setInterval(() => void this.redis.ping().catch(() => {}), HEARTBEAT_MS).unref();
    this.redis.on('error', (error: Error) => this.#failed(error.message));
    this.redis.on('close', () => this.#lost());
    this.redis.on('ready', () => this.#restored());
  }

  get ready(): boolean {
    return this.redis.status === 'ready';
  }

  /** Resolves when connected, or after `waitMs` without a connection; attempts go on in either case. */
  async open(waitMs: number): Promise<void> {
    void this.redis.connect().catch(() => {});
    await this.#recovered(waitMs);
  }

  /**
   * Runs a command. When the connection stands, it is sent before this returns, so that commands issued one
   * after the other arrive in that order.
   */
  async run<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    if (!this.ready) await this.#waitForRecovery();
    try {
      return await command(this.redis);
    } catch (error) {
      throw this.#closed ? SessionStoreError.closed() : translated(error);
    }
  }

  async evaluate(script: RedisScript, keys: string[], args: (string | number)[]): Promise<unknown> {
    return await this.run(async (redis) => {
      try {
        return await redis.evalsha(script.sha, keys.length, ...keys, ...args);
      } catch (error) {
        // The server forgets scripts when it restarts.
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return await redis.eval(script.lua, keys.length, ...keys, ...args);
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#heartbeat);
    this.#recovery.resolve();
    if (this.ready) await this.redis.quit().catch(() => {});
    this.redis.disconnect();
  }

  async #waitForRecovery(): Promise<void> {
    if (!this.#closed && this.#waiting < MAX_WAITING) {
      this.#waiting++;
      await this.#recovery.promise;
      this.#waiting--;
    }
    if (this.#closed) throw SessionStoreError.closed();
    if (!this.ready) throw SessionStoreError.unavailable(this.#reason);
  }

  async #recovered(waitMs: number): Promise<void> {
    const { promise, resolve } = this.#recovery;
    const timer = setTimeout(resolve, waitMs);
    await promise;
    clearTimeout(timer);
  }

  #failed(reason: string): void {
    this.#reason = reason;
    if (this.#reported || this.#closed) return;
    this.#reported = true;
    const err = SessionStoreError.unavailable(reason);
    this.#logger?.warn(
      { err, purpose: this.#purpose },
      'Redis connection failed, trying again until it stands',
    );
  }

  #lost(): void {
    if (this.#closed || !this.#wasReady) return;
    this.#wasReady = false;
    this.#recovery = Promise.withResolvers();
    setTimeout(this.#recovery.resolve, GRACE_MS).unref();
    this.#failed('the connection was lost');
  }

  #restored(): void {
    this.#wasReady = true;
    this.#recovery.resolve();
    if (!this.#reported) return;
    this.#reported = false;
    this.#logger?.info({ purpose: this.#purpose }, 'Redis connection stands again');
  }
}

/** ioredis keeps a command's arguments (values, passwords) on its errors, so none of them is passed on. */
function translated(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'ReplyError' && !AWAY.test(error.message))
    return SessionStoreError.failed(error.message);
  return SessionStoreError.unavailable(error.message);
}
