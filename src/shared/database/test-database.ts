// A fresh database for a test: PGlite in memory, or with TEST_DATABASE_URL an own database on that server.
//   await using database = await openTestDatabase([NoteEntity]);
import type { EntitySchema } from '@mikro-orm/postgresql';
import { MikroORM } from '@mikro-orm/postgresql';
import { type Database, openDatabase } from './database.ts';
import { newId } from './id.ts';
import type { SqlMigration } from './migrate.ts';
import { migrations as all } from './migrations/index.ts';

/** @param migrations @default all of the application */
export async function openTestDatabase(
  entities: readonly EntitySchema[],
  migrations: readonly SqlMigration[] = all,
): Promise<Database> {
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) return openDatabase({ dataDir: undefined, entities, migrations });
  const { url, drop } = await createTestDatabase(server);
  const database = await openDatabase({ databaseUrl: url, dataDir: undefined, entities, migrations });
  database.onClosed(drop);
  return database;
}

/** An empty database on a server. `drop` throws out whoever is still connected. */
export async function createTestDatabase(
  server: string,
): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `test_${newId().replaceAll('-', '')}`;
  await administer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => administer(server, `drop database if exists ${name} with (force)`),
  };
}

async function administer(clientUrl: string, sql: string): Promise<void> {
  const orm = await MikroORM.init({ clientUrl, entities: [], discovery: { warnWhenNoEntities: false } });
  try {
    await orm.em.getConnection().execute(sql);
  } finally {
    await orm.close(true);
  }
}
