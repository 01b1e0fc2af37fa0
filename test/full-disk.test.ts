// What happens when the disk under DATA_DIR is full, and when there is space again. It is the embedded database's disk,
// so it is the embedded database that runs here, whatever storage the other tests use.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiClient } from './support/api-client.ts';
import { type App, startApp } from './support/app.ts';
import { type SmallDisk, startSmallDisk } from './support/full-disk.ts';
import { startTelegram, type Telegram } from './support/telegram.ts';

const megabyte = 1024 * 1024;

interface Health {
  status: string;
  dependencies: Record<string, string>;
}

let disk: SmallDisk;
let telegram: Telegram;
let app: App | undefined;

beforeEach(async () => {
  disk = await startSmallDisk(160);
  telegram = await startTelegram();
});
afterEach(async () => {
  await app?.kill();
  app = undefined;
  await telegram?.close();
  await disk?.remove();
});

async function start(): Promise<App> {
  app = await startApp({ dataDir: disk.path, wrapper: disk.wrapper, environment: telegram.environment });
  return app;
}

const health = async (url: string) => (await (await fetch(`${url}/health`)).json()) as Health;

describe('A disk that gets full while the app runs', () => {
  it('leads to clear errors, and after it has space again all works and nothing acknowledged is lost', async () => {
    const { url, pid } = await start();
    const { playground, ann } = telegram;
    const api = new ApiClient(url, ann.signInitData());
    const create = (title: string) => api.call<{ id: string; error?: string }>('POST', '/api/threads', { title });
    const acknowledged: string[] = [];
    for (const title of ['one', 'two', 'three']) {
      const answer = await create(title);
      expect(answer.status).toBe(201);
      acknowledged.push(answer.body.id);
    }

    await disk.fill();
    // What fits into the pages that are there may still be written; then nothing is.
    const refused = await vi.waitFor(
      async () => {
        const answer = await create('x'.repeat(200));
        if (answer.status === 201) acknowledged.push(answer.body.id);
        expect(answer.status).toBe(503);
        return answer;
      },
      { timeout: 60_000, interval: 20 },
    );
    expect(refused.body).toMatchObject({
      error: 'UPSTREAM_UNAVAILABLE',
      message: expect.any(String),
      request_id: expect.any(String),
    });
    expect(JSON.stringify(refused.body)).not.toMatch(/ENOSPC|select|insert|pglite|stack/i);
    await vi.waitFor(
      async () => {
        const state = await health(url);
        expect([state.status, state.dependencies['database']]).toEqual(['unhealthy', 'unhealthy']);
      },
      { timeout: 15_000 },
    );
    expect(app?.output()).toContain('There is no space left for the database');

    // A message that cannot be written down is not acknowledged either, so Telegram keeps it.
    ann.send(playground.bot, 'What can you do?');
    await playground.waitFor(() => playground.pendingUpdates.length === 1);

    await disk.free();
    await vi.waitFor(async () => expect((await health(url)).status).toBe('healthy'), { timeout: 30_000 });
    await telegram.message(ann.person, /./u, 60_000);
    await vi.waitFor(() => expect(telegram.chatOf(ann)).toHaveLength(2), { timeout: 60_000 });
    const again = await create('afterwards');
    expect(again.status).toBe(201);
    acknowledged.push(again.body.id);

    const kept = async () => (await api.threads()).map(({ id }) => id);
    expect(await kept()).toEqual(expect.arrayContaining(acknowledged));
    expect(app?.pid, 'it is still the same process').toBe(pid);
    await app?.kill();
    await start();
    const afterwards = new ApiClient(app?.url ?? '', ann.signInitData());
    expect((await afterwards.threads()).map(({ id }) => id)).toEqual(expect.arrayContaining(acknowledged));
  });
});

describe('A start on a full disk', () => {
  it.each([
    ['that is empty otherwise', false],
    ['that holds the data of before', true],
  ])('%s ends with a sentence that says what to do', async (_, used) => {
    if (used) {
      await start();
      await app?.kill();
    }
    await disk.fill(megabyte);
    const failed = await start().then(
      () => 'it started',
      (error: Error) => error.message,
    );
    expect(failed).toMatch(/^The app ended with 1:/);
    expect(failed).toContain('There is no space left for the database in');
    expect(failed).toContain('Free some, or set DATA_DIR to another disk.');
    expect(failed).not.toMatch(/\n\s+at /);
    await disk.free();
    await start();
    expect((await health(app?.url ?? '')).status).toBe('healthy');
  });
});
