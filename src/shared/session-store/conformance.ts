// What every session store must do, run against each adapter by the test beside it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeKeys } from './conformance-keys.ts';
import { describeStreams } from './conformance-streams.ts';
import { describeTokens } from './conformance-tokens.ts';
import type { SessionStore } from './session-store.ts';

export interface StoreUnderTest {
  store: SessionStore;
  /** Lets the store's clock go on: a fake one at once, a server's by waiting. */
  passTime: (ms: number) => Promise<void>;
}

/** Reads the store when a test runs, since it is opened after the tests are declared. */
export type Use = () => StoreUnderTest;

/**
 * Declares the suite. `open` is called once; the suite closes what it gets.
 *
 * @example describeSessionStore('MemorySessionStore', async () => ({ store, passTime }));
 */
export function describeSessionStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let opened: StoreUnderTest | undefined;
    const use: Use = () => {
      if (!opened) throw new Error('The store was not opened');
      return opened;
    };
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.store.close());

    describeKeys(use);
    describeTokens(use);
    describeStreams(use);

    it('answers a ping while it is open', async () => {
      expect(await use().store.ping()).toBe(true);
    });
  });

  describe(`${name}, closed`, () => {
    it('ends followers, refuses calls, answers no ping, and may be closed twice', async () => {
      const { store } = await open();
      const following = store.follow('closing', 0, new AbortController().signal).next();
      await store.close();
      await store.close();
      expect(await following).toEqual({ done: true, value: undefined });
      expect(await store.follow('closing', 0, new AbortController().signal).next()).toMatchObject({
        done: true,
      });
      expect(await store.ping()).toBe(false);
      await expect(store.get('key')).rejects.toMatchObject({ code: 'STORE_CLOSED' });
      await expect(store.subscribe('channel', () => {})).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    });
  });
}
