// The part of the conformance suite about token buckets.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Use } from './conformance.ts';
import type { TokenBucket } from './session-store.ts';

function bucket(capacity: number, refillPerMinute: number): TokenBucket {
  return { key: randomUUID(), capacity, refillPerMinute };
}

export function describeTokens(use: Use): void {
  describe('token buckets', () => {
    it('allow exactly the capacity to many parallel callers', async () => {
      const { store } = use();
      const ten = bucket(10, 1);
      const verdicts = await Promise.all(Array.from({ length: 100 }, () => store.takeTokens([ten])));
      const allowed = verdicts.filter(({ status }) => status === 'allowed');
      expect(allowed.map(({ remaining }) => remaining).sort((a, b) => b - a)).toEqual([
        9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
      ]);
    });

    it('say what is left, when to come back and when the bucket is full', async () => {
      const { store } = use();
      const two = bucket(2, 60);
      const first = await store.takeTokens([two]);
      expect(first).toMatchObject({
        status: 'allowed',
        bucket: two.key,
        limit: 2,
        remaining: 1,
        retryAfterMs: 0,
      });
      await store.takeTokens([two]);
      const refused = await store.takeTokens([two]);
      expect(refused).toMatchObject({ status: 'refused', bucket: two.key, limit: 2, remaining: 0 });
      // The server's clock moves while the calls are made.
      expect(refused.retryAfterMs).toBeGreaterThan(500);
      expect(refused.retryAfterMs).toBeLessThanOrEqual(1000);
      expect(refused.resetAtMs - first.resetAtMs).toBeGreaterThan(900);
      expect(refused.resetAtMs - first.resetAtMs).toBeLessThan(1100);
    });

    it('refill with time, up to the capacity and no further', async () => {
      const { store, passTime } = use();
      const three = bucket(3, 1200);
      for (let taken = 0; taken < 3; taken++) await store.takeTokens([three]);
      const refused = await store.takeTokens([three]);
      expect(refused.status).toBe('refused');
      await passTime(refused.retryAfterMs + 1);
      expect((await store.takeTokens([three])).status).toBe('allowed');
      await passTime(400);
      expect((await store.takeTokens([three])).remaining).toBe(2);
    });

    it('take from all buckets or from none', async () => {
      const { store } = use();
      const [wide, narrow] = [bucket(10, 1), bucket(2, 1)];
      await store.takeTokens([wide, narrow]);
      await store.takeTokens([wide, narrow]);
      const refused = await store.takeTokens([wide, narrow]);
      expect(refused).toMatchObject({ status: 'refused', bucket: narrow.key, limit: 2 });
      expect((await store.takeTokens([wide])).remaining).toBe(7);
    });

    it('name the bucket with the longest wait when several refuse', async () => {
      const { store } = use();
      const [fast, slow] = [bucket(1, 600), bucket(1, 1)];
      await store.takeTokens([fast, slow]);
      const refused = await store.takeTokens([slow, fast]);
      expect(refused.bucket).toBe(slow.key);
      expect(refused.retryAfterMs).toBeGreaterThan(50_000);
    });

    it('charge the cost, and refuse one that is dearer than what is left', async () => {
      const { store } = use();
      const hundred = bucket(100, 1);
      expect((await store.takeTokens([hundred], 70)).remaining).toBe(30);
      expect((await store.takeTokens([hundred], 31)).status).toBe('refused');
      expect((await store.takeTokens([hundred], 30)).status).toBe('allowed');
    });

    it('follow a changed capacity at once', async () => {
      const { store } = use();
      const large = bucket(100, 1);
      await store.takeTokens([large]);
      expect((await store.takeTokens([{ ...large, capacity: 5 }])).remaining).toBe(4);
    });

    it('refuse calls that make no sense', async () => {
      const { store } = use();
      const one = bucket(1, 1);
      await expect(store.takeTokens([])).rejects.toThrow(RangeError);
      await expect(store.takeTokens([one, one])).rejects.toThrow(RangeError);
      await expect(store.takeTokens([one], 2)).rejects.toThrow(RangeError);
      await expect(store.takeTokens([one], 0)).rejects.toThrow(RangeError);
      await expect(store.takeTokens([bucket(1, 0)])).rejects.toThrow(RangeError);
    });
  });
}
