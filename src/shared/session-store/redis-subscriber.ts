// All subscriptions of a process over one connection. The map of listeners is the truth: every new connection
// is told all of its channels again.
import type { RedisConnection } from './redis-connection.ts';

const CHANNELS_PER_COMMAND = 500;

export interface ChannelListener {
  message: (message: string) => void;
  /** The subscription stands, for the first time or again: whatever was published before it did is lost. */
  standing?: () => void;
}

export class RedisSubscriber {
  readonly #connection: RedisConnection;
  readonly #channels = new Map<string, Set<ChannelListener>>();

  constructor(connection: RedisConnection) {
    this.#connection = connection;
    connection.redis.on('message', (channel: string, message: string) => {
      for (const listener of this.#channels.get(channel) ?? []) {
        try {
          listener.message(message);
        } catch {
          // One listener's failure must not keep the message from the others.
        }
      }
    });
    connection.redis.on('ready', () => void this.#subscribeAll().catch(() => {}));
  }

  /** Registers a listener for good: while the connection is away it waits for the next one. */
  watch(channel: string, listener: ChannelListener): void {
    this.#add(channel, listener);
    void this.#send(channel, listener).catch(() => {});
  }

  /** Resolves when the server has confirmed; when it can't, rejects and forgets the listener. */
  async subscribe(channel: string, listener: ChannelListener): Promise<void> {
    this.#add(channel, listener);
    try {
      await this.#send(channel, listener);
    } catch (error) {
      this.remove(channel, listener);
      throw error;
    }
  }

  remove(channel: string, listener: ChannelListener): void {
    const listeners = this.#channels.get(channel);
    if (!listeners?.delete(listener) || listeners.size > 0) return;
    this.#channels.delete(channel);
    // Sent at once, so a later subscription to the channel comes after it. A new connection needs no goodbye.
    if (this.#connection.ready) void this.#connection.redis.unsubscribe(channel).catch(() => {});
  }

  clear(): void {
    this.#channels.clear();
  }

  #add(channel: string, listener: ChannelListener): void {
    this.#channels.set(channel, (this.#channels.get(channel) ?? new Set()).add(listener));
  }

  async #send(channel: string, listener: ChannelListener): Promise<void> {
    await this.#connection.run(async (redis) => {
      if (this.#channels.get(channel)?.has(listener)) await redis.subscribe(channel);
    });
    listener.standing?.();
  }

  async #subscribeAll(): Promise<void> {
    const channels = [...this.#channels.keys()];
    for (let start = 0; start < channels.length; start += CHANNELS_PER_COMMAND) {
      const some = channels
        .slice(start, start + CHANNELS_PER_COMMAND)
        .filter((name) => this.#channels.has(name));
      if (some.length === 0) continue;
      await this.#connection.run((redis) => redis.subscribe(...some));
      for (const channel of some)
        for (const listener of this.#channels.get(channel) ?? []) listener.standing?.();
    }
  }
}
