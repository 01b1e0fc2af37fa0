// What happens when the disk under DATA_DIR is full, and when there is space again. It is the embedded database's disk,
// so it is the embedded database that runs here, whatever storage the other tests use.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Answer, ApiClient } from './support/api-client.ts';
import { type App, startApp } from './support/app.ts';
import { type SmallDisk, startSmallDisk } from './support/full-disk.ts';
import { startTelegram, type Telegram } from './support/telegram.ts';

const megabyte = 1024 * 1024;

interface Health {
  status: string;
  dependencies: Record<string, string>;
}
type Created = Answer<{ id: string; error?: string; message?: string }>;

let disk: SmallDisk;
let telegram: Telegram;
let app: App;

beforeEach(async () => {
  disk = await startSmallDisk(160);
  telegram = await startTelegram();
});
afterEach(async () => {
  await app?.kill();
  await telegram?.close();
  await disk?.remove();
});

async function start(): Promise<void> {
  app = await startApp({ dataDir: disk.path, wrapper: disk.wrapper, environment: telegram.environment });
  await healthIs('healthy', {});
}

async function healthIs(status: string, dependencies: Record<string, string>): Promise<void> {
  await vi.waitFor(
    async () => {
      const health = (await (await fetch(`${app.url}/health`)).json()) as Health;
      expect(health).toMatchObject({ status, dependencies });
    },
    { timeout: 30_000, interval: 100 },
  );
}

/** Letters that no compression makes much smaller; three bytes each. */
function letters(count: number): string {
  return String.fromCharCode(
    ...Array.from({ length: count }, () => 0x4e00 + Math.floor(Math.random() * 20_000)),
  );
}

const ann = () => new ApiClient(app.url, telegram.ann.signInitData());
const create = (title: string): Promise<Created> => ann().call('POST', '/api/threads', { title });
const threadIds = async () =>
  (await ann().get<{ results: { id: string }[] }>('/api/threads?limit=100')).results.map(({ id }) => id);

/** Writes until nothing more is taken. Adds what was acknowledged meanwhile. */
function refusal(acknowledged: string[]): Promise<Created> {
  return vi.waitFor(
    async () => {
      const answer = await create(letters(200));
      if (answer.status === 201) acknowledged.push(answer.body.id);
      expect(answer.status).not.toBe(201);
      return answer;
    },
    { timeout: 60_000, interval: 10 },
  );
}

function expectClearRefusal({ status, body }: Created): void {
  expect([status, body.error]).toEqual([503, 'UPSTREAM_UNAVAILABLE']);
  expect(body.message).toMatch(/try again/i);
  expect(JSON.stringify(body)).not.toMatch(/ENOSPC|extend file|select|insert|pglite/i);
}

describe('A disk that gets full while the app runs', () => {
  it('refuses clearly what it cannot keep, and goes on with all of it when there is space', async () => {
    await start();
    const { playground } = telegram;
    const acknowledged = [(await create('one')).body.id, (await create('two')).body.id];

    await disk.fill();
    expectClearRefusal(await refusal(acknowledged));
    await healthIs('degraded', { disk: 'unhealthy' });
    expect(await threadIds(), 'what is there can be read').toEqual(expect.arrayContaining(acknowledged));

    // Messages that cannot be written down are not confirmed, so Telegram keeps them.
    for (let i = 0; i < 20; i++) telegram.ann.send(playground.bot, `/search ${letters(4000)}`);
    telegram.ann.send(playground.bot, '/help');
    await vi.waitFor(() => expect(app.output()).toContain('No space left on device'), { timeout: 15_000 });
    expect(playground.pendingUpdates.length).toBeGreaterThan(0);

    await disk.free();
    await telegram.message(telegram.ann.person, /\/new – /, 60_000);
    expect(playground.pendingUpdates).toEqual([]);
    await healthIs('healthy', { disk: 'healthy' });
    const afterwards = await create('afterwards');
    expect(afterwards.status).toBe(201);
    await app.kill();
    await start();
    expect(await threadIds()).toEqual(expect.arrayContaining([...acknowledged, afterwards.body.id]));
  });

  it('brings the database back by itself when there was no space for its log either', async () => {
    await start();
    const { pid } = app;
    const { playground } = telegram;
    const acknowledged = [(await create('one')).body.id];
    // Less than a segment of the write-ahead log, and more than what is written below needs beside it.
    await disk.fill(14 * megabyte);
    const message = telegram.ann.send(playground.bot, '/start');
    const reply = telegram.ann.send(playground.bot, '/profile', { replyTo: message });
    for (let i = 0; i < 900; i++) telegram.ann.edit(playground.bot, reply, letters(4000));
    await healthIs('unhealthy', { database: 'unhealthy', disk: 'unhealthy' });
    expectClearRefusal(await refusal(acknowledged));
    expect(app.output()).toContain('The embedded database stopped');

    await disk.free();
    await healthIs('healthy', { database: 'healthy', disk: 'healthy' });
    await vi.waitFor(() => expect(playground.pendingUpdates).toEqual([]), { timeout: 60_000 });
    const afterwards = await create('afterwards');
    expect(afterwards.status).toBe(201);
    expect(await threadIds()).toEqual(expect.arrayContaining([...acknowledged, afterwards.body.id]));
    expect((await fetch(`${app.url}/health/live`)).status, `process ${pid} lives`).toBe(200);
  });
});

describe('A start on a full disk', () => {
  it.each([
    ['without data', false],
    ['with the data of before', true],
  ])('%s ends with a sentence that says what to do', async (_, used) => {
    if (used) {
      await start();
      await app.kill();
    }
    await disk.fill();
    const failed = await start().then(
      () => 'it started',
      (error: Error) => error.message,
    );
    expect(failed).toMatch(/^The app ended with 1:/);
    expect(failed).toContain('There is no space left for the database in');
    expect(failed).toContain('Free some, or set DATA_DIR to another disk.');
    expect(failed, 'no stack').not.toMatch(/\n\s+at /);
    await disk.free();
    await start();
  });
});
