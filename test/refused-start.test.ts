// A start that cannot succeed ends at once with 1 and a text for the person who started it.
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type App, type StartOptions, startApp, temporaryFolder } from './support/app.ts';
import { freshStorage, type Storage } from './support/storage.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let storage: Storage;
let running: App | undefined;

beforeAll(async () => {
  storage = await freshStorage();
});
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await running?.kill();
  running = undefined;
  await folder.remove();
});
afterAll(() => storage?.remove());

/** What it said when it ended with 1. */
async function refusal(options: Partial<StartOptions> = {}): Promise<string> {
  try {
    running = await startApp({
      dataDir: folder.path,
      ...options,
      environment: { ...storage.environment, ...options.environment },
    });
  } catch (error) {
    const [, said] = /^The app ended with 1:\n([\s\S]*)$/.exec(String((error as Error).message)) ?? [];
    if (said === undefined) throw error;
    expect(said, 'a text, not a stack').not.toMatch(/\n\s+at /);
    return said;
  }
  throw new Error('It started');
}

it('names everything that is wrong with the settings at once, and no value', async () => {
  const wrong = {
    PORT: 'eighty',
    LOG_LEVEL: 'loud',
    ROLE: 'boss',
    BOT_TOKEN: 'not-a-token-but-secret',
    JWT_SECRET: 'too-short-secret',
    DATABASE_URL: 'mysql://ann:hunter2@db/concierge',
    REDIS_URL: 'http://:hunter3@redis',
    PUBLIC_URL: 'example.org/secret-path',
    INIT_DATA_MAX_AGE: '7',
    DEFAULT_MODEL: 'gpt-secret',
  };
  const said = await refusal({ environment: wrong });
  for (const [name, value] of Object.entries(wrong)) {
    expect(said).toMatch(new RegExp(`^  ${name}: expected `, 'm'));
    expect(said.replaceAll(/expected .*/g, '')).not.toContain(value);
  }
  expect(said).not.toMatch(/hunter|not-a-token|too-short-secret|gpt-secret|secret-path/);
});

it('names what is missing in production', async () => {
  const said = await refusal({ environment: { NODE_ENV: 'production', BOT_MODE: 'webhook', OPENAI_API_KEY: 'sk-x' } });
  for (const name of ['JWT_SECRET', 'BOT_TOKEN', 'BOT_WEBHOOK_SECRET', 'PUBLIC_URL', 'DEFAULT_MODEL']) {
    expect(said).toMatch(new RegExp(`^  ${name}: needed `, 'm'));
  }
});

it('refuses a data folder that another process uses, which goes on', async () => {
  const first = await startApp({ dataDir: folder.path });
  try {
    const said = await refusal({ environment: { DATABASE_URL: '', REDIS_URL: '' } });
    expect(said).toContain(`is in use by process ${first.pid}. Stop it, or set DATA_DIR to another folder.`);
    const login = await fetch(`${first.url}/api/auth/guest`, { method: 'POST' });
    expect(login.status, 'the first one lives').toBe(201);
    expect((await fetch(`${first.url}/api/catalog`)).status, 'with its database').toBe(200);
  } finally {
    expect(await first.stop()).toBe(0);
  }
});

it('says that another program has its port', async () => {
  const other = createServer((_, response) => void response.writeHead(404).end());
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  try {
    expect(await refusal({ port })).toContain(
      `Another program listens at 127.0.0.1:${port} already. Stop it, or set PORT to another port.`,
    );
  } finally {
    await new Promise((resolve) => other.close(resolve));
  }
});

it('says that DATA_DIR is no folder', async () => {
  const file = join(folder.path, 'below/file');
  await mkdir(dirname(file));
  await writeFile(file, 'in its place');
  expect(await refusal({ dataDir: file })).toMatch(/DATA_DIR/);
  expect(await refusal({ dataDir: join(file, 'deeper') })).toMatch(/DATA_DIR/);
});

it('says that PostgreSQL cannot be reached, without its password', async () => {
  const said = await refusal({
    environment: { DATABASE_URL: 'postgresql://concierge:hunter2@127.0.0.1:1/concierge' },
  });
  expect(said).toMatch(/PostgreSQL at 127\.0\.0\.1:1 cannot be used: .*Check DATABASE_URL\./);
  expect(said).not.toContain('hunter2');
});
