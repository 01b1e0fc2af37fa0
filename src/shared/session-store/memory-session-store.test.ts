import { afterEach, describe, expect, it, vi } from 'vitest';
import { describeSessionStore } from './conformance.ts';
import { MemorySessionStore } from './memory-session-store.ts';

function withClock(maxKeys?: number) {
  let now = 1_800_000_000_000;
  const options = { now: () => now, ...(maxKeys === undefined ? {} : { maxKeys }) };
  return {
    store: new MemorySessionStore(options),
    passTime: async (ms: number) => {
      now += ms;
    },
  };
}

describeSessionStore('MemorySessionStore', async () => withClock());

describe('MemorySessionStore, full', () => {
  it('refuses new keys, streams and leases with a clear error, and goes on with the old ones', async () => {
    const { store } = withClock(2);
    const keep = { ttlMs: 1000, maxLength: 10 };
    for (const name of ['a', 'b']) {
      await store.set(name, 'x');
      await store.append(name, ['x'], keep);
      await store.lock(name, 1000);
    }
    const full = { code: 'STORE_FULL' };
    await expect(store.set('c', 'x')).rejects.toMatchObject(full);
    await expect(store.increment('c', 1)).rejects.toMatchObject(full);
    await expect(store.append('c', ['x'], keep)).rejects.toMatchObject(full);
    await expect(store.lock('c', 1000)).rejects.toMatchObject(full);
    await store.set('a', 'y');
    expect(await store.get('a')).toBe('y');
    expect(await store.append('a', ['y'], keep)).toBe(2);
    await store.close();
  });

  it('makes room by forgetting what has expired', async () => {
    const { store, passTime } = withClock(2);
    await store.set('short', 'x', { ttlMs: 10 });
    await store.set('long', 'x', { ttlMs: 1000 });
    await passTime(20);
    await store.set('new', 'x');
    expect(await store.get('long')).toBe('x');
    expect(await store.get('new')).toBe('x');
    await store.close();
  });

  it('goes on limiting: the bucket that was used longest ago makes room', async () => {
    const { store } = withClock(2);
    const take = (key: string) => store.takeTokens([{ key, capacity: 5, refillPerMinute: 1 }]);
    await take('oldest');
    await take('older');
    await take('oldest');
    expect((await take('new')).status).toBe('allowed');
    expect((await take('oldest')).remaining).toBe(2);
    await store.close();
  });
});

describe('MemorySessionStore, left alone', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives back the memory of what has expired, though nobody asks for it again', async () => {
    vi.useFakeTimers();
    const store = new MemorySessionStore();
    for (let nth = 0; nth < 100; nth++) {
      const name = `name ${nth}`;
      await store.set(name, 'x', { ttlMs: 10 + nth });
      await store.append(name, ['x'], { ttlMs: 10, maxLength: 1 });
      await store.lock(name, 10);
      await store.takeTokens([{ key: name, capacity: 10, refillPerMinute: 6000 }]);
    }
    await store.set('endless', 'x');
    expect(store.size).toBe(401);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.size).toBe(1);
    await store.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
