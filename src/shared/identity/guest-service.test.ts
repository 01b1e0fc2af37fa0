import { expect, it } from 'vitest';
import { MemorySessionStore } from '../session-store/memory-session-store.ts';
import { GuestService } from './guest-service.ts';

it('knows a guest by its token until an hour of silence', async () => {
  let now = 0;
  const guests = new GuestService({ store: new MemorySessionStore({ now: () => now }) });
  const { token, caller } = await guests.create('ru');
  now += 3599 * 1000;
  expect(await guests.verify(token)).toEqual(caller);
  now += 3599 * 1000;
  expect(await guests.verify(token), 'the look prolonged its life').toEqual(caller);
  now += 3601 * 1000;
  expect(await guests.verify(token)).toBeUndefined();
  expect(await guests.verify('guest_made-up')).toBeUndefined();
});

it('lets a guest write twenty messages in all', async () => {
  const guests = new GuestService({ store: new MemorySessionStore() });
  const { caller } = await guests.create('en');
  for (let count = 19; count >= 0; count--) {
    expect(await guests.countMessage(caller)).toEqual({ remaining: count });
  }
  await expect(guests.countMessage(caller)).rejects.toMatchObject({ code: 'RATE_LIMIT_EXCEEDED' });
  expect(await guests.remaining(caller)).toBe(0);
});
