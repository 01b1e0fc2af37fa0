import { Migration, Migrator } from '@mikro-orm/migrations';
import { type Constructor, type MikroORM } from '@mikro-orm/postgresql';
import { DatabaseError } from './database-error.ts';

/**
 * A step of the schema, for PGlite and PostgreSQL 15 to 18 alike. Never change one that was released; add another.
 * Constraints must carry the names that MikroORM would give them: `<table>_pkey`, `<table>_<column>_unique`,
 * `<table>_<column>_index`, `<table>_<column>_foreign`.
 */
export interface SqlMigration {
  /** `2026-11-21-<subject>`; recorded, so it stays for ever. */
  name: string;
  /** Any number of statements. A question mark stays one. */
  up: string;
}

export const MIGRATIONS_TABLE = 'migrations';
/** Any number, the same in all instances. */
const ADVISORY_LOCK = 7_241_106;

export function migrationClass(step: SqlMigration): { name: string; class: Constructor<Migration> } {
  class SqlStep extends Migration {
    override up(): void {
      // The connections' limit is made for requests, not for building an index.
      this.addSql('set local statement_timeout = 0');
      this.addSql(step.up);
    }
  }
  return { name: step.name, class: SqlStep };
}

/**
 * Runs what was not run yet, all in one transaction. On PostgreSQL instances that start together wait for each
 * other; on PGlite the folder's lock has seen to that, and a second session would wait for ever.
 */
export async function migrate(orm: MikroORM, kind: 'pglite' | 'postgresql'): Promise<void> {
  try {
    if (kind === 'pglite') {
      await new Migrator(orm.em).up();
      return;
    }
    // Below the entity manager, whose transaction the migrator would be told to use.
    const connection = orm.em.getConnection();
    await connection.transactional(async (transaction) => {
      for (const sql of [
        'set local statement_timeout = 0',
        'set local idle_in_transaction_session_timeout = 0',
        `select pg_advisory_xact_lock(${ADVISORY_LOCK})`,
      ]) {
        await connection.execute(sql, [], 'run', transaction);
      }
      await new Migrator(orm.em).up();
    });
  } catch (error) {
    throw DatabaseError.migrationFailed(error);
  }
}
