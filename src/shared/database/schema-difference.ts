import type { Database } from './database.ts';

/**
 * The SQL that would turn the migrated schema into the one that the entities describe; empty when they agree.
 * For a test: a column in an entity without a migration shows up here.
 */
export async function schemaDifference(database: Database): Promise<string> {
  const sql = await database.orm.schema.getUpdateSchemaSQL({ wrap: false });
  return sql.trim();
}
