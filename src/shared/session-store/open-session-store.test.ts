import { expect, it, vi } from 'vitest';
import { freePort } from '../../../test/support/services/free-port.ts';
import { openSessionStore } from './open-session-store.ts';

it('keeps everything in memory when there is no address', async () => {
  for (const redisUrl of [undefined, '']) {
    const store = await openSessionStore({ redisUrl });
    expect(store.kind).toBe('memory');
    await store.close();
  }
});

it('opens, and tells why it does not work yet, when Redis is down', async () => {
  const onError = vi.fn();
  const store = await openSessionStore({ redisUrl: `redis://127.0.0.1:${await freePort()}`, onError });
  expect(store.kind).toBe('redis');
  expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }));
  await expect(store.get('key')).rejects.toThrow(/ECONNREFUSED/);
  await store.close();
});

it('refuses an address that is none of Redis', async () => {
  await expect(openSessionStore({ redisUrl: 'localhost:6379' })).rejects.toThrow(RangeError);
});
