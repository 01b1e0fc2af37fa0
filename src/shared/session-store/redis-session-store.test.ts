import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/support/services/redis.ts';
import { describeSessionStore } from './conformance.ts';
import { RedisSessionStore, type RedisSessionStoreOptions } from './redis-session-store.ts';
import { withLocalBuckets } from './with-local-buckets.ts';

const KEEP = { ttlMs: 60_000, maxLength: 10_000 };
const UNAVAILABLE = { code: 'STORE_UNAVAILABLE' };

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

describeSessionStore('RedisSessionStore', async () => ({
  store: await RedisSessionStore.connect(redis.url),
  passTime: (ms) => sleep(ms),
}));

describe('RedisSessionStore on a cluster', () => {
  // One node that owns all slots still refuses a command whose keys belong to different slots.
  let cluster: RedisServer;
  beforeAll(async () => {
    cluster = await startRedis({ args: ['--cluster-enabled', 'yes'] });
    const admin = new Redis(cluster.url);
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await vi.waitFor(
      async () => expect(await admin.call('CLUSTER', 'INFO')).toContain('cluster_state:ok'),
      10_000,
    );
    await admin.quit();
  });
  afterAll(() => cluster?.stop());

  describeSessionStore('conforms', async () => ({
    store: await RedisSessionStore.connect(cluster.url),
    passTime: (ms) => sleep(ms),
  }));
});

describe('RedisSessionStore', () => {
  const opened: RedisSessionStore[] = [];
  async function connect(
    url = redis.url,
    options: RedisSessionStoreOptions = {},
  ): Promise<RedisSessionStore> {
    const store = await RedisSessionStore.connect(url, options);
    opened.push(store);
    return store;
  }
  afterEach(async () => {
    redis.resume();
    await Promise.all(opened.splice(0).map((store) => store.close()));
  });

  async function follow(store: RedisSessionStore, stream: string, until: string): Promise<string[]> {
    const values: string[] = [];
    for await (const { value } of store.follow(stream, 0, AbortSignal.timeout(25_000))) {
      values.push(value);
      if (value === until) break;
    }
    return values;
  }

  it('joins instances: one appends, publishes, locks and takes; the other sees it', async () => {
    const [one, other] = await Promise.all([connect(), connect()]);
    const name = randomUUID();
    const following = follow(other, name, 'end');
    const listener = vi.fn();
    await other.subscribe(name, listener);
    await one.append(name, ['begin', 'end'], KEEP);
    await one.publish(name, 'hello');
    expect(await following).toEqual(['begin', 'end']);
    await vi.waitFor(() => expect(listener).toHaveBeenCalledWith('hello'));
    expect(await one.lock(name, 10_000)).toBeDefined();
    expect(await other.lock(name, 10_000)).toBeUndefined();
    const bucket = { key: name, capacity: 1, refillPerMinute: 1 };
    expect((await one.takeTokens([bucket])).status).toBe('allowed');
    expect((await other.takeTokens([bucket])).status).toBe('refused');
  });

  it('keeps stores with different prefixes apart', async () => {
    const [one, other] = await Promise.all([connect(), connect(redis.url, { keyPrefix: 'other:' })]);
    const name = randomUUID();
    await one.set(name, 'x');
    expect(await other.get(name)).toBeUndefined();
  });

  it('uses two connections, however many subscriptions and followers there are', async () => {
    const server = await startRedis();
    const store = await connect(server.url);
    const admin = new Redis(server.url);
    const leave = new AbortController();
    const following = Array.from({ length: 20 }, () => store.follow(randomUUID(), 0, leave.signal).next());
    const ends = await Promise.all(Array.from({ length: 20 }, () => store.subscribe(randomUUID(), () => {})));
    const clients = (await admin.client('LIST')) as string;
    expect(clients.match(/name=concierge-/g)).toHaveLength(2);
    expect(clients).toMatch(/sub=40 /);
    leave.abort();
    await Promise.all([...following, ...ends.map((end) => end())]);
    await vi.waitFor(async () => expect(await admin.client('LIST')).not.toMatch(/sub=[1-9]/));
    await admin.quit();
    await store.close();
    await server.stop();
  });

  it('lets followers, subscribers and data survive that Redis is killed and restarted', async () => {
    const store = await connect();
    const [stream, channel, key] = [randomUUID(), randomUUID(), randomUUID()];
    const [following, listener] = [[follow(store, stream, 'after'), follow(store, stream, 'after')], vi.fn()];
    await store.subscribe(channel, listener);
    await store.set(key, 'kept', { ttlMs: 60_000 });
    await store.append(stream, ['before'], { ...KEEP, expectAfter: 0 });
    await redis.kill();
    await expect(store.append(stream, ['lost'], { ...KEEP, expectAfter: 1 })).rejects.toMatchObject(
      UNAVAILABLE,
    );
    await redis.restart();
    await vi.waitFor(async () => expect(await store.ping()).toBe(true), 10_000);
    expect(await store.append(stream, ['after'], { ...KEEP, expectAfter: 1 })).toBe(2);
    for (const values of following) expect(await values).toEqual(['before', 'after']);
    expect(await store.get(key)).toBe('kept');
    await vi.waitFor(
      async () => {
        await store.publish(channel, 'again');
        expect(listener).toHaveBeenCalledWith('again');
      },
      { timeout: 10_000, interval: 100 },
    );
  });

  it('lets a follower go on when its wake-up is lost', async () => {
    const store = await connect(redis.url, { followPollMs: 200 });
    const stream = randomUUID();
    const following = follow(store, stream, 'silent');
    await vi.waitFor(async () => expect(await subscribers(redis.url, stream)).toBe(1));
    const behind = new Redis(redis.url);
    await behind.xadd(`concierge:stream:${stream}`, '1-0', 'v', 'silent');
    await behind.quit();
    expect(await following).toEqual(['silent']);
  });

  it('rides out a short break: commands wait for the next connection', async () => {
    const store = await connect();
    const admin = new Redis(redis.url);
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await sleep(10);
    expect(await store.get('key')).toBeUndefined();
    await admin.quit();
  });

  it('fails at once, clearly and without growing while Redis is away, and works when it is back', async () => {
    const server = await startRedis();
    const store = await connect(server.url);
    await server.kill();
    await sleep(600);
    const before = performance.now();
    const calls = Array.from({ length: 1000 }, () => store.set('key', 'x'));
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: 'rejected', reason: UNAVAILABLE });
    }
    await expect(store.subscribe('channel', () => {})).rejects.toMatchObject(UNAVAILABLE);
    expect(await store.ping()).toBe(false);
    expect(performance.now() - before).toBeLessThan(500);
    await server.restart();
    await vi.waitFor(() => expect(store.set('key', 'x')).resolves.toBe(true), 10_000);
    await store.close();
    await server.stop();
  });

  it('gives up within two seconds on a Redis that hangs, and works when it goes on', async () => {
    const store = await connect();
    redis.pause();
    const before = performance.now();
    expect(await store.ping()).toBe(false);
    await expect(store.get('key')).rejects.toMatchObject(UNAVAILABLE);
    expect(performance.now() - before).toBeLessThan(4000);
    redis.resume();
    await vi.waitFor(() => expect(store.ping()).resolves.toBe(true), 10_000);
  });

  it('starts without Redis, tells once, and works when Redis comes', async () => {
    const server = await startRedis();
    await server.kill();
    const logger = { info: vi.fn(), warn: vi.fn() };
    const store = await connect(server.url, { logger });
    expect(await store.ping()).toBe(false);
    // Once for each of the two connections, however many attempts there were.
    expect(logger.warn).toHaveBeenCalledTimes(2);
    await server.restart();
    await vi.waitFor(() => expect(logger.info).toHaveBeenCalledTimes(2), 10_000);
    expect(await store.set('key', 'x')).toBe(true);
    await store.close();
    await server.stop();
  });

  it('keeps the password and the values out of errors', async () => {
    const server = await startRedis({ args: ['--requirepass', 'right-secret'] });
    const logger = { info: vi.fn(), warn: vi.fn() };
    const withPassword = (password: string) => server.url.replace('//', `//:${password}@`);
    const right = await connect(withPassword('right-secret'));
    await right.append('stream', ['x'], KEEP);
    expect(await right.ping()).toBe(true);
    const wrong = await connect(withPassword('wrong-secret'), { logger });
    const error: unknown = await wrong.set('key', 'secret-value').catch((reason: unknown) => reason);
    const told = [error, ...logger.warn.mock.calls.flat()].map((item) => inspectAll(item)).join();
    expect(told).toContain('WRONGPASS');
    expect(told).not.toContain('secret');
    await expect(RedisSessionStore.connect('http://:secret@localhost')).rejects.toSatisfy(
      (reason) => reason instanceof RangeError && !inspectAll(reason).includes('secret'),
    );
    await Promise.all([right.close(), wrong.close()]);
    await server.stop();
  });

  it('keeps limiting through local buckets while Redis is down, and then through Redis again', async () => {
    const server = await startRedis();
    const store = await connect(server.url);
    let now = Date.now();
    const limiter = withLocalBuckets(store, { now: () => now });
    const take = () => limiter.takeTokens([{ key: 'user', capacity: 3, refillPerMinute: 1 }]);
    expect((await take()).remaining).toBe(2);
    await server.kill();
    const during = await Promise.all(Array.from({ length: 10 }, take));
    expect(during.filter(({ status }) => status === 'allowed')).toHaveLength(3);
    await server.restart();
    await vi.waitFor(async () => expect(await store.ping()).toBe(true), 10_000);
    now += 1000;
    expect((await take()).remaining).toBe(1);
    await Promise.all([limiter.close(), store.close()]);
    await server.stop();
  });

  it('leaves nothing behind for good: every bucket, lease and stream has an end', async () => {
    const store = await connect(redis.url, { keyPrefix: 'ends:' });
    const bucket = { key: 'bucket', capacity: 10, refillPerMinute: 60 };
    await store.takeTokens([bucket], 5);
    await store.append('stream', ['x'], KEEP);
    const lock = await store.lock('lease', 1000);
    await lock?.release();
    const admin = new Redis(redis.url);
    const ttl = (key: string) => admin.pttl(`ends:${key}`);
    expect(await ttl('{buckets}:bucket')).toBeGreaterThan(4000);
    expect(await ttl('{buckets}:bucket')).toBeLessThanOrEqual(5000);
    expect(await ttl('stream:stream')).toBeGreaterThan(50_000);
    expect(await ttl('lease:lease')).toBeGreaterThan(0);
    await admin.quit();
  });
});

async function subscribers(url: string, stream: string): Promise<unknown> {
  const admin = new Redis(url);
  try {
    return (await admin.pubsub('NUMSUB', `concierge:wakeups:${stream}`))[1];
  } finally {
    await admin.quit();
  }
}

/** Everything that a logger could find in an error, also what it does not print by default. */
function inspectAll(value: unknown): string {
  if (value instanceof Error) {
    const own = Object.getOwnPropertyNames(value).map((name) => inspectAll(Reflect.get(value, name)));
    return own.join();
  }
  if (typeof value === 'object' && value !== null) return Object.values(value).map(inspectAll).join();
  return String(value);
}
