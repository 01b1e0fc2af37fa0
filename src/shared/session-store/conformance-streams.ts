// The part of the conformance suite about append-only streams.
import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { Use } from './conformance.ts';
import type { SessionStore, StreamEntry } from './session-store.ts';

const KEEP = { ttlMs: 60_000, maxLength: 10_000 };

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

async function all(entries: AsyncIterable<StreamEntry>): Promise<StreamEntry[]> {
  const list: StreamEntry[] = [];
  for await (const entry of entries) list.push(entry);
  return list;
}

/** Follows until `count` entries came. */
async function collect(
  store: SessionStore,
  stream: string,
  after: number,
  count: number,
): Promise<StreamEntry[]> {
  const entries: StreamEntry[] = [];
  for await (const entry of store.follow(stream, after, AbortSignal.timeout(20_000))) {
    entries.push(entry);
    if (entries.length === count) break;
  }
  return entries;
}

export function describeStreams(use: Use): void {
  describe('streams', () => {
    it('are empty while unknown', async () => {
      expect(await use().store.read(randomUUID(), 0, 10)).toEqual({ entries: [], last: 0, oldest: 0 });
    });

    it('number entries from 1, and read page by page', async () => {
      const { store } = use();
      const stream = randomUUID();
      expect(await store.append(stream, ['a', 'b'], KEEP)).toBe(2);
      expect(await store.append(stream, [''], KEEP)).toBe(3);
      expect(await store.read(stream, 0, 2)).toEqual({
        entries: [
          { seq: 1, value: 'a' },
          { seq: 2, value: 'b' },
        ],
        last: 3,
        oldest: 1,
      });
      expect((await store.read(stream, 2, 2)).entries).toEqual([{ seq: 3, value: '' }]);
      expect(await store.read(stream, 3, 2)).toEqual({ entries: [], last: 3, oldest: 1 });
      expect(await store.read(stream, 99, 2)).toEqual({ entries: [], last: 3, oldest: 1 });
    });

    it('stay dense under many parallel writers, and keep what one call appends together', async () => {
      const { store } = use();
      const stream = randomUUID();
      const lasts = await Promise.all(
        range(1, 50).map((writer) => store.append(stream, [`${writer}a`, `${writer}b`], KEEP)),
      );
      expect(lasts.sort((a, b) => a - b)).toEqual(range(1, 50).map((nth) => nth * 2));
      const { entries } = await store.read(stream, 0, 200);
      expect(entries.map(({ seq }) => seq)).toEqual(range(1, 100));
      for (let index = 0; index < 100; index += 2) {
        expect(entries[index + 1]?.value).toBe(entries[index]?.value.replace('a', 'b'));
      }
    });

    it('refuse a writer that is mistaken about the end, and write nothing', async () => {
      const { store } = use();
      const stream = randomUUID();
      expect(await store.append(stream, ['a'], { ...KEEP, expectAfter: 0 })).toBe(1);
      await expect(store.append(stream, ['a'], { ...KEEP, expectAfter: 0 })).rejects.toMatchObject({
        code: 'STREAM_CONFLICT',
      });
      expect(await store.append(stream, ['b'], { ...KEEP, expectAfter: 1 })).toBe(2);
      expect((await store.read(stream, 0, 10)).entries.map(({ value }) => value)).toEqual(['a', 'b']);
    });

    it('keep the newest entries and say which is the oldest', async () => {
      const { store } = use();
      const stream = randomUUID();
      for (const nth of range(1, 7))
        await store.append(stream, [String(nth)], { ttlMs: 60_000, maxLength: 5 });
      const page = await store.read(stream, 0, 10);
      expect(page).toMatchObject({ last: 7, oldest: 3 });
      expect(page.entries.map(({ seq }) => seq)).toEqual(range(3, 7));
      await store.append(stream, range(8, 20).map(String), { ttlMs: 60_000, maxLength: 5 });
      expect(await store.read(stream, 0, 1)).toEqual({
        entries: [{ seq: 16, value: '16' }],
        last: 20,
        oldest: 16,
      });
    });

    it('live from their last append', async () => {
      const { store, passTime } = use();
      const stream = randomUUID();
      await store.append(stream, ['a'], { ttlMs: 300, maxLength: 10 });
      await passTime(180);
      await store.append(stream, ['b'], { ttlMs: 300, maxLength: 10 });
      await passTime(180);
      expect((await store.read(stream, 0, 10)).last).toBe(2);
      await passTime(180);
      expect(await store.read(stream, 0, 10)).toEqual({ entries: [], last: 0, oldest: 0 });
    });

    it('append nothing when there is nothing to append', async () => {
      const { store } = use();
      const stream = randomUUID();
      expect(await store.append(stream, [], KEEP)).toBe(0);
      await store.append(stream, ['a'], KEEP);
      expect(await store.append(stream, [], KEEP)).toBe(1);
      await expect(store.append(stream, [], { ...KEEP, expectAfter: 0 })).rejects.toMatchObject({
        code: 'STREAM_CONFLICT',
      });
    });

    it.each([
      { after: -1, limit: 1 },
      { after: 0.5, limit: 1 },
      { after: 0, limit: 0 },
    ])('refuse to read $limit after $after', async ({ after, limit }) => {
      await expect(use().store.read('stream', after, limit)).rejects.toThrow(RangeError);
    });

    it('share no names with keys and leases', async () => {
      const { store } = use();
      const name = randomUUID();
      await store.append(name, ['entry'], KEEP);
      await store.set(name, 'value');
      expect(await store.lock(name, 1000)).toBeDefined();
      expect(await store.get(name)).toBe('value');
      expect((await store.read(name, 0, 1)).last).toBe(1);
    });
  });

  describe('followers', () => {
    it('get what is there and then what comes, however early or late they start', async () => {
      const { store } = use();
      const stream = randomUUID();
      const early = collect(store, stream, 0, 6);
      await store.append(stream, ['1', '2', '3'], KEEP);
      const late = collect(store, stream, 0, 6);
      const resumed = collect(store, stream, 2, 4);
      for (const nth of range(4, 6)) await store.append(stream, [String(nth)], KEEP);
      const six = range(1, 6).map((seq) => ({ seq, value: String(seq) }));
      expect(await early).toEqual(six);
      expect(await late).toEqual(six);
      expect(await resumed).toEqual(six.slice(2));
    });

    it('miss nothing while a writer races with them', async () => {
      const { store } = use();
      const stream = randomUUID();
      const followers = [0, 0, 0].map((after) => collect(store, stream, after, 500));
      for (let nth = 1; nth <= 500; nth++) await store.append(stream, [String(nth)], KEEP);
      for (const entries of await Promise.all(followers)) {
        expect(entries.map(({ seq }) => seq)).toEqual(range(1, 500));
      }
    });

    it('are told of an entry at once, not when they next look', async () => {
      const { store } = use();
      const stream = randomUUID();
      const next = collect(store, stream, 0, 1);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const before = performance.now();
      await store.append(stream, ['now'], KEEP);
      await next;
      expect(performance.now() - before).toBeLessThan(500);
    });

    it('may be slow: they pull a page at a time and see as a jump what fell out of retention', async () => {
      const { store } = use();
      const stream = randomUUID();
      const bounds = { ttlMs: 60_000, maxLength: 200 };
      await store.append(stream, range(1, 150).map(String), bounds);
      const read = vi.spyOn(store, 'read');
      const follower = store.follow(stream, 0, AbortSignal.timeout(20_000));
      expect((await follower.next()).value).toEqual({ seq: 1, value: '1' });
      await store.append(stream, range(151, 1000).map(String), bounds);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(read).toHaveBeenCalledTimes(1);
      read.mockRestore();
      const rest: number[] = [];
      for await (const { seq } of follower) {
        rest.push(seq);
        if (seq === 1000) break;
      }
      expect(rest).toEqual([...range(2, 100), ...range(801, 1000)]);
    });

    it('end without an error when aborted: before they start, while they wait, between two entries', async () => {
      const { store } = use();
      const stream = randomUUID();
      await store.append(stream, ['1', '2', '3'], KEEP);
      expect(await all(store.follow(stream, 0, AbortSignal.abort()))).toEqual([]);
      expect(await all(store.follow(stream, 3, AbortSignal.timeout(50)))).toEqual([]);
      const aborted = new AbortController();
      const seen: number[] = [];
      for await (const { seq } of store.follow(stream, 0, aborted.signal)) {
        seen.push(seq);
        if (seq === 2) aborted.abort();
      }
      expect(seen).toEqual([1, 2]);
    });
  });
}
