import { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from './postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

async function query(url: string, sql: string): Promise<unknown> {
  const orm = await MikroORM.init({ clientUrl: url, entities: [], discovery: { warnWhenNoEntities: false } });
  try {
    return await orm.em.getConnection().execute(sql);
  } finally {
    await orm.close();
  }
}

it('answers queries', async () => {
  expect(await query(server.url, 'select version()')).toEqual([
    { version: expect.stringContaining('PostgreSQL') },
  ]);
});

it('makes databases that know nothing of each other', async () => {
  const [one, other] = [await server.createDatabase('one'), await server.createDatabase('an "other" one')];
  await query(one, 'create table t (id int)');
  const tables = "select count(*)::int as count from pg_tables where tablename = 't'";
  expect(await query(one, tables)).toEqual([{ count: 1 }]);
  expect(await query(other, tables)).toEqual([{ count: 0 }]);
});

it('folds the case of letters beyond ASCII, as the search needs', async () => {
  expect(await query(server.url, "select lower('ПРИВЕТ Ä') as text")).toEqual([{ text: 'привет ä' }]);
});
