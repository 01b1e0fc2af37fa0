// What only a real PostgreSQL server shows. Debian's is started when it is there; with TEST_DATABASE_URL that one
// is used. initdb refuses root, so the server then runs as the user `postgres`.
import { execFile, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Database, openDatabase } from './database.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function startPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  const versions = await readdir('/usr/lib/postgresql');
  const programs = join('/usr/lib/postgresql', versions.sort().at(-1) ?? '', 'bin');
  const folder = await mkdtemp(join(tmpdir(), 'concierge-postgres-'));
  const user: SpawnOptions = {};
  if (process.getuid?.() === 0) {
    const numberOf = (flag: string): number =>
      Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
    Object.assign(user, { uid: numberOf('-u'), gid: numberOf('-g') });
    await chown(folder, user.uid ?? 0, user.gid ?? 0);
  }
  const data = join(folder, 'data');
  await promisify(execFile)(join(programs, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'concierge', '-N'], {
    ...user,
    cwd: folder,
  });
  const port = await freePort();
  const settings = ['-p', `${port}`, '-h', '127.0.0.1', '-k', folder, '-F'];
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...settings], {
    ...user,
    cwd: folder,
    stdio: 'ignore',
  });
  return {
    url: `postgresql://concierge:secret-word@127.0.0.1:${port}/postgres`,
    async stop() {
      server.kill('SIGINT');
      await once(server, 'exit');
      await rm(folder, { recursive: true });
    },
  };
}

const given = process.env['TEST_DATABASE_URL'];

describe('a server that is not there', () => {
  it('is named without the password', async () => {
    const port = await freePort();
    const open = openDatabase({
      databaseUrl: `postgresql://someone:secret-word@127.0.0.1:${port}/none`,
      dataDir: undefined,
      entities: [],
      migrations: [],
    });
    const error: unknown = await open.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'database_unreachable' });
    expect(String(error)).toContain(`127.0.0.1:${port}`);
    expect(String(error)).not.toContain('secret-word');
  });
});

describe('PostgreSQL', () => {
  const opened: Database[] = [];
  let server: { url: string; stop(): Promise<void> };
  const open = async (migrations: Parameters<typeof openDatabase>[0]['migrations']): Promise<Database> => {
    const database = await openDatabase({
      databaseUrl: server.url,
      dataDir: undefined,
      entities: [],
      migrations,
    });
    opened.push(database);
    return database;
  };

  beforeAll(async () => {
    server = given === undefined ? await startPostgres() : { url: given, stop: async () => undefined };
    await vi.waitFor(async () => (await open([])).ping(), { timeout: 20_000, interval: 200 });
  });
  afterAll(async () => {
    await opened[0]?.query('drop table if exists once, "migrations"');
    await Promise.all(opened.map((database) => database.close()));
    await server.stop();
  });

  it('is migrated once by instances that start together', async () => {
    const steps = [
      { name: '1', up: 'create table once (n int); select pg_sleep(0.3)' },
      { name: '2', up: 'insert into once values (1)' },
    ];
    const instances = await Promise.all([open(steps), open(steps), open(steps)]);
    for (const instance of instances) expect(await instance.query('select n from once')).toEqual([{ n: 1 }]);
  });

  it('keeps nothing of a migration that fails', async () => {
    const broken = [
      { name: '3', up: 'create table half (n int)' },
      { name: '4', up: 'create table half (n int)' },
    ];
    await expect(open(broken)).rejects.toMatchObject({ code: 'database_migration_failed' });
    const [database] = opened;
    expect(await database?.query("select to_regclass('half') as half")).toEqual([{ half: null }]);
  });

  it('ends a statement after 15 s', async () => {
    const [row] =
      (await opened[0]?.query<{ value: string }>("select current_setting('statement_timeout') as value")) ??
      [];
    expect(row?.value).toBe('15s');
  });

  it('loses its connections and is found again', async () => {
    const database = await open([]);
    await expect(database.query('select pg_terminate_backend(pg_backend_pid())')).rejects.toThrow();
    expect(await database.ping()).toBe(true);
  });
});
