import { expect, it } from 'vitest';
import { SessionStoreError } from './errors.ts';
import { MemorySessionStore } from './memory-session-store.ts';
import type { TokenLimiter } from './session-store.ts';
import { withLocalBuckets } from './with-local-buckets.ts';

const bucket = { key: 'user', capacity: 2, refillPerMinute: 1 };

function failing(error: Error): TokenLimiter & { asked: number } {
  return {
    asked: 0,
    async takeTokens() {
      this.asked++;
      throw error;
    },
  };
}

it('asks the store while it works', async () => {
  const store = new MemorySessionStore();
  const limiter = withLocalBuckets(store);
  await limiter.takeTokens([bucket]);
  expect((await store.takeTokens([bucket])).remaining).toBe(0);
  await Promise.all([limiter.close(), store.close()]);
});

it('goes on limiting when the store is down, and asks it once a second only', async () => {
  let now = 1_800_000_000_000;
  const store = failing(SessionStoreError.unavailable('test'));
  const limiter = withLocalBuckets(store, { now: () => now });
  const take = async () => (await limiter.takeTokens([bucket])).status;
  expect([await take(), await take(), await take()]).toEqual(['allowed', 'allowed', 'refused']);
  expect(store.asked).toBe(1);
  now += 1000;
  expect(await Promise.all([take(), take(), take()])).toEqual(['refused', 'refused', 'refused']);
  expect(store.asked).toBe(2);
  await limiter.close();
});

it('does not take a mistake of the caller for an outage', async () => {
  const limiter = withLocalBuckets(new MemorySessionStore());
  await expect(limiter.takeTokens([])).rejects.toThrow(RangeError);
  await limiter.close();
});

it('does not hide that the store was closed', async () => {
  const limiter = withLocalBuckets(failing(SessionStoreError.closed()));
  await expect(limiter.takeTokens([bucket])).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  await limiter.close();
});
