import { expect, it } from 'vitest';
import { SessionStoreError } from './errors.ts';
import { MemorySessionStore } from './memory-session-store.ts';
import { subscribeForGood } from './subscribe-for-good.ts';

class StoreThatComesLater extends MemorySessionStore {
  outages = 1;

  override async subscribe(channel: string, listener: (message: string) => void) {
    this.outages -= 1;
    if (this.outages >= 0) throw SessionStoreError.unavailable('not there yet');
    return super.subscribe(channel, listener);
  }
}

it('stands as soon as the store is back, and ends when it is told to', async () => {
  const store = new StoreThatComesLater();
  const heard: string[] = [];
  const end = subscribeForGood(store, 'news', (message) => void heard.push(message));
  while (heard.length === 0) {
    await store.publish('news', 'hello');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await end();
  const before = heard.length;
  await store.publish('news', 'too late');
  expect(heard).toHaveLength(before);
});

it('ends while the store is still away', async () => {
  const store = new StoreThatComesLater();
  store.outages = 1_000;
  await subscribeForGood(store, 'news', () => undefined)();
  expect(store.outages).toBeLessThan(1_000);
});
