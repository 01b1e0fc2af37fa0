// The part of the conformance suite about keys, channels and leases.
import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { Use } from './conformance.ts';

const times = <T>(count: number, make: () => Promise<T>) => Promise.all(Array.from({ length: count }, make));

export function describeKeys(use: Use): void {
  describe('keys', () => {
    it('gives back what was set, whatever the text, until it is deleted', async () => {
      const { store } = use();
      const key = randomUUID();
      const text = 'ünïcode 🛎️\n\0"quoted"';
      expect(await store.get(key)).toBeUndefined();
      expect(await store.set(key, text)).toBe(true);
      expect(await store.get(key)).toBe(text);
      expect(await store.delete(key)).toBe(true);
      expect(await store.delete(key)).toBe(false);
      expect(await store.get(key)).toBeUndefined();
    });

    it('holds an empty value as a value', async () => {
      const { store } = use();
      const key = randomUUID();
      await store.set(key, '');
      expect(await store.set(key, 'other', { onlyIfAbsent: true })).toBe(false);
      expect(await store.take(key)).toBe('');
    });

    it('lets one of many writers win when only an absent key may be set', async () => {
      const { store } = use();
      const key = randomUUID();
      const won = await times(50, () => store.set(key, 'x', { onlyIfAbsent: true, ttlMs: 60_000 }));
      expect(won.filter(Boolean)).toHaveLength(1);
    });

    it('gives a taken value to one of many parallel callers', async () => {
      const { store } = use();
      const key = randomUUID();
      await store.set(key, 'ticket', { ttlMs: 60_000 });
      const taken = await times(50, () => store.take(key));
      expect(taken.filter((value) => value !== undefined)).toEqual(['ticket']);
    });

    it('forgets a key when its life is over', async () => {
      const { store, passTime } = use();
      const key = randomUUID();
      await store.set(key, 'short', { ttlMs: 200 });
      expect(await store.get(key)).toBe('short');
      await passTime(220);
      expect(await store.get(key)).toBeUndefined();
      expect(await store.take(key)).toBeUndefined();
      expect(await store.expire(key, 1000)).toBe(false);
      expect(await store.set(key, 'anew', { onlyIfAbsent: true })).toBe(true);
    });

    it('prolongs a life, shortens it, and ends it with a set without one', async () => {
      const { store, passTime } = use();
      const [longer, shorter, endless] = [randomUUID(), randomUUID(), randomUUID()];
      for (const key of [longer, shorter, endless]) await store.set(key, 'x', { ttlMs: 300 });
      expect(await store.expire(longer, 60_000)).toBe(true);
      expect(await store.expire(shorter, 20)).toBe(true);
      await store.set(endless, 'y');
      await passTime(50);
      expect(await store.get(shorter)).toBeUndefined();
      await passTime(280);
      expect(await store.get(longer)).toBe('x');
      expect(await store.get(endless)).toBe('y');
    });

    it('counts without losing a step, up and down', async () => {
      const { store } = use();
      const key = randomUUID();
      const sums = await times(50, () => store.increment(key, 2));
      expect(new Set(sums).size).toBe(50);
      expect(await store.increment(key, -30)).toBe(70);
      expect(await store.get(key)).toBe('70');
    });

    it('counts within a fixed window that later steps do not prolong', async () => {
      const { store, passTime } = use();
      const key = randomUUID();
      await store.increment(key, 1, { ttlMs: 300 });
      await passTime(180);
      expect(await store.increment(key, 1, { ttlMs: 300 })).toBe(2);
      await passTime(180);
      expect(await store.increment(key, 1, { ttlMs: 300 })).toBe(1);
    });

    it('refuses to count what is no number, and leaves it alone', async () => {
      const { store } = use();
      const key = randomUUID();
      await store.set(key, 'text');
      await expect(store.increment(key, 1)).rejects.toMatchObject({ code: 'NOT_A_NUMBER' });
      expect(await store.get(key)).toBe('text');
    });

    it.each([0, -1, Number.NaN, Infinity])('refuses a life of %d ms', async (ttlMs) => {
      const { store } = use();
      await expect(store.set('key', 'x', { ttlMs })).rejects.toThrow(RangeError);
      await expect(store.expire('key', ttlMs)).rejects.toThrow(RangeError);
      await expect(store.lock('key', ttlMs)).rejects.toThrow(RangeError);
    });
  });

  describe('channels', () => {
    it('carry a message to every subscriber of the channel and to no other', async () => {
      const { store } = use();
      const [channel, other] = [randomUUID(), randomUUID()];
      const [first, second, elsewhere] = [vi.fn(), vi.fn(), vi.fn()];
      const ends = await Promise.all([
        store.subscribe(channel, first),
        store.subscribe(channel, second),
        store.subscribe(other, elsewhere),
      ]);
      await store.publish(channel, 'one');
      await vi.waitFor(() => expect([first.mock.calls, second.mock.calls]).toEqual([[['one']], [['one']]]));
      expect(elsewhere).not.toHaveBeenCalled();
      await Promise.all(ends.map((end) => end()));
    });

    it('fall silent for who left, and only for them', async () => {
      const { store } = use();
      const channel = randomUUID();
      const [left, stayed] = [vi.fn(), vi.fn()];
      const end = await store.subscribe(channel, left);
      const endOther = await store.subscribe(channel, stayed);
      await end();
      await end();
      await store.publish(channel, 'two');
      await vi.waitFor(() => expect(stayed).toHaveBeenCalledWith('two'));
      expect(left).not.toHaveBeenCalled();
      await endOther();
    });

    it('can be entered again right after the last subscriber left', async () => {
      const { store } = use();
      const channel = randomUUID();
      const listener = vi.fn();
      const end = await store.subscribe(channel, () => {});
      const [, endAgain] = await Promise.all([end(), store.subscribe(channel, listener)]);
      await store.publish(channel, 'three');
      await vi.waitFor(() => expect(listener).toHaveBeenCalledWith('three'));
      await endAgain();
    });

    it('keep the order of messages and survive a listener that throws', async () => {
      const { store } = use();
      const channel = randomUUID();
      const got: string[] = [];
      const endFirst = await store.subscribe(channel, () => {
        throw new Error('a broken listener');
      });
      const end = await store.subscribe(channel, (message) => got.push(message));
      const sent = Array.from({ length: 50 }, (_, index) => String(index));
      for (const message of sent) await store.publish(channel, message);
      await vi.waitFor(() => expect(got).toEqual(sent));
      await Promise.all([endFirst(), end()]);
    });
  });

  describe('leases', () => {
    it('are held by one of many, and by the next after release', async () => {
      const { store } = use();
      const key = randomUUID();
      const held = (await times(20, () => store.lock(key, 60_000))).filter((lock) => lock !== undefined);
      expect(held).toHaveLength(1);
      await held[0]?.release();
      expect(await store.lock(key, 60_000)).toBeDefined();
    });

    it('run out, and then neither renew nor release touches the next holder', async () => {
      const { store, passTime } = use();
      const key = randomUUID();
      const old = await store.lock(key, 60);
      await passTime(80);
      const next = await store.lock(key, 60_000);
      expect(next).toBeDefined();
      expect(await old?.renew(60_000)).toBe(false);
      await old?.release();
      expect(await store.lock(key, 60_000)).toBeUndefined();
      expect(await next?.renew(60_000)).toBe(true);
    });

    it('go on when renewed in time, and are lost when not, even with no other holder', async () => {
      const { store, passTime } = use();
      const lock = await store.lock(randomUUID(), 300);
      await passTime(180);
      expect(await lock?.renew(300)).toBe(true);
      await passTime(180);
      expect(await lock?.renew(300)).toBe(true);
      await passTime(320);
      expect(await lock?.renew(300)).toBe(false);
    });

    it('carry a fence that grows from holder to holder', async () => {
      const { store } = use();
      const key = randomUUID();
      const fences: number[] = [];
      for (let holder = 0; holder < 5; holder++) {
        const lock = await store.lock(key, 60_000);
        fences.push(lock?.fence ?? 0);
        await lock?.release();
      }
      expect(fences[0]).toBeGreaterThan(0);
      expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
    });
  });
}
