// How to write an entity and use the database (both are measured on PGlite and on PostgreSQL 15):
//
//   export const NoteEntity = defineEntity({
//     name: 'Note',
//     tableName: 'notes',
//     properties: {
//       id: p.uuid().primary(),                                  // newId(), set by the caller
//       chatId: p.bigint('number'),                              // a number in code, bigint in SQL
//       title: p.text(),
//       kind: p.text().$type<'short' | 'long'>(),
//       tags: p.json<string[]>(),                                // jsonb; assign a new value, do not mutate
//       closedAt: p.datetime().nullable(),                       // timestamptz, a Date
//       createdAt: p.datetime().defaultRaw('now()'),             // optional in em.create()
//       version: p.integer().default(1),                         // likewise
//     },
//   });
//   export type Note = InferEntity<typeof NoteEntity>;
//
//   await database.transaction(async (em) => {
//     em.create(NoteEntity, { id: newId(), … });                 // flushed at the end of the transaction
//     await em.upsert(NoteEntity, { … }, { onConflictFields: ['chatId'] });
//   });
//   const note = await database.em.findOne(NoteEntity, { id });
import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager, EntitySchema } from '@mikro-orm/postgresql';
import { MikroORM, TransactionContext } from '@mikro-orm/postgresql';
import { DatabaseError } from './database-error.ts';
import { type DatabaseLogger, silentLogger } from './database-logger.ts';
import { MIGRATIONS_TABLE, migrate, migrationClass, type SqlMigration } from './migrate.ts';
import { EmbeddedServer } from './pglite/embedded-server.ts';
import { guardPool, type Pool, parseValues } from './pool-guard.ts';
import { rawStatement } from './raw-statement.ts';
import { TransactionScope } from './transaction-scope.ts';

const PING_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 15_000;
const IDLE_IN_TRANSACTION_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5_000;

export interface DatabaseOptions {
  /** A PostgreSQL server (15 or later). Without one, PGlite in `dataDir` is used. */
  databaseUrl?: string | undefined;
  /** Undefined: PGlite in memory, for tests. */
  dataDir: string | undefined;
  entities: readonly EntitySchema[];
  migrations: readonly SqlMigration[];
  logger?: DatabaseLogger;
}

/**
 * The database of the application. The running transaction is found through the async context, so services never
 * pass managers around and a query can never slip out of its transaction.
 */
export class Database {
  readonly kind: 'pglite' | 'postgresql';
  /** For the schema tools of this folder only. */
  readonly orm: MikroORM;
  readonly #scopes: AsyncLocalStorage<TransactionScope | undefined>;
  readonly #server: EmbeddedServer | undefined;
  readonly #logger: DatabaseLogger;
  readonly #following = new Set<Promise<void>>();
  readonly #closed: (() => Promise<void>)[] = [];

  /** Use `openDatabase`. */
  constructor(parts: {
    orm: MikroORM;
    scopes: AsyncLocalStorage<TransactionScope | undefined>;
    server: EmbeddedServer | undefined;
    logger: DatabaseLogger;
  }) {
    this.kind = parts.server ? 'pglite' : 'postgresql';
    this.orm = parts.orm;
    this.#scopes = parts.scopes;
    this.#server = parts.server;
    this.#logger = parts.logger;
  }

  /**
   * The entity manager of the running transaction, or outside of one a fresh fork at every access.
   * Never keep it: for several steps with one manager, open a transaction.
   */
  get em(): EntityManager {
    return this.#scope?.em ?? this.orm.em.fork();
  }

  /**
   * Runs `work` in one transaction and flushes and commits at its end; whatever it throws rolls everything back.
   * A call inside a transaction joins it: its failure rolls all of it back, even when somebody in between catches
   * the error (then the outer call throws `database_transaction_doomed`). Do not wait for outside systems inside:
   * with PGlite everybody else waits, too.
   */
  async transaction<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    const running = this.#scope;
    if (running) {
      try {
        return await work(running.em);
      } catch (error) {
        running.doom ??= { cause: error };
        throw error;
      }
    }
    let scope: TransactionScope | undefined;
    const result = await this.orm.em.fork().transactional(async (em) => {
      const mine = new TransactionScope(em);
      scope = mine;
      try {
        const value = await this.#scopes.run(mine, () => work(em));
        if (mine.doom) throw DatabaseError.transactionDoomed(mine.doom.cause);
        return value;
      } finally {
        mine.open = false;
      }
    });
    for (const follower of scope?.afterCommit ?? []) this.#follow(follower);
    return result;
  }

  /**
   * Runs `work` once the surrounding transaction is committed, at once when there is none; never when it is rolled
   * back. Nobody waits for it and its errors are only logged: for wake-ups and publishing, not for what must happen.
   */
  afterCommit(work: () => void | Promise<void>): void {
    const scope = this.#scope;
    if (scope) scope.afterCommit.push(work);
    else this.#follow(work);
  }

  /**
   * Raw SQL with `$1` parameters, in the running transaction or outside. Entities that were changed but not flushed
   * are not seen: `await em.flush()` before. Rows have `timestamptz` as Date, `jsonb` parsed, `bigint` (and
   * `count(*)`) as number, `numeric` as text. Errors are those of MikroORM, such as UniqueConstraintViolationException.
   */
  async query<T extends object>(sql: string, params: readonly unknown[] = []): Promise<T[]> {
    const scope = this.#scope;
    const connection = this.orm.em.getConnection();
    await connection.ensureConnection();
    const client = scope?.em.getTransactionContext() ?? connection.getClient();
    try {
      const result = await client.executeQuery(rawStatement(sql, params));
      return result.rows;
    } catch (error) {
      throw error instanceof Error
        ? this.orm.em.getPlatform().getExceptionConverter().convertException(error)
        : error;
    }
  }

  /** Whether the database answers within 2 s. Never throws. */
  async ping(): Promise<boolean> {
    if (this.#server) return this.#server.ping(PING_MS);
    const late = new Promise<boolean>((resolve) => setTimeout(resolve, PING_MS, false).unref());
    // The first connection out of the pool may be one that the server has just closed.
    const answers = this.#scopes.run(
      undefined,
      async () => (await this.orm.isConnected()) || this.orm.isConnected(),
    );
    return Promise.race([answers, late]);
  }

  /** Whether the embedded database has space on its disk; a PostgreSQL server looks after its own. Never throws. */
  async hasSpace(): Promise<boolean> {
    return (await this.#server?.hasSpace()) ?? true;
  }

  /** Waits for what `afterCommit` started, then closes. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#following);
    await this.orm.close(true);
    await this.#server?.close();
    for (const work of this.#closed.splice(0)) await work();
  }

  /** Runs at the end of `close`. */
  onClosed(work: () => Promise<void>): void {
    this.#closed.push(work);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #scope(): TransactionScope | undefined {
    const scope = this.#scopes.getStore();
    return scope?.open ? scope : undefined;
  }

  #follow(work: () => void | Promise<void>): void {
    const done = this.#scopes
      .run(undefined, async () => work())
      .catch((error: unknown) => this.#logger.error({ err: error }, 'Work after a commit failed'))
      .finally(() => this.#following.delete(done));
    this.#following.add(done);
  }
}

/** Opens the database and brings its schema up to date. Throws a DatabaseError that says what to do. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const logger = options.logger ?? silentLogger;
  const scopes = new AsyncLocalStorage<TransactionScope | undefined>();
  const server =
    options.databaseUrl === undefined
      ? await EmbeddedServer.start({ dataDir: options.dataDir, logger })
      : undefined;
  const beforeConnection = (): Promise<void> | undefined => {
    if (scopes.getStore()?.open || (orm && inManagerTransaction(orm)))
      throw DatabaseError.outsideTransaction();
    return server?.whenUp(CONNECT_TIMEOUT_MS);
  };
  let orm: MikroORM | undefined;
  try {
    orm = await MikroORM.init({
      entities: [...options.entities],
      ...(server ? { host: server.host, user: 'postgres', dbName: 'postgres' } : {}),
      ...(options.databaseUrl === undefined ? {} : { clientUrl: options.databaseUrl }),
      pool: { min: 0, max: server ? 4 : 10 },
      driverOptions: {
        onPoolCreated(pool: Pool) {
          guardPool(pool, beforeConnection);
          parseValues(pool);
        },
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        application_name: 'concierge',
        ...(options.databaseUrl === undefined
          ? {}
          : {
              connectionString: options.databaseUrl,
              statement_timeout: STATEMENT_TIMEOUT_MS,
              idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
            }),
      },
      discovery: { warnWhenNoEntities: false },
      metadataCache: { enabled: false },
      migrations: {
        tableName: MIGRATIONS_TABLE,
        migrationsList: options.migrations.map(migrationClass),
        snapshot: false,
        disableForeignKeys: false,
        silent: true,
      },
      logger: (message) => logger.warn({}, message),
      colors: false,
    });
    const failure = await reachable(orm);
    if (failure) {
      throw DatabaseError.unreachable(address(options.databaseUrl), failure.message, failure);
    }
    await migrate(orm, server ? 'pglite' : 'postgresql');
    return new Database({ orm, scopes, server, logger });
  } catch (error) {
    await orm?.close(true);
    await server?.close();
    throw error;
  }
}

/** Inside of somebody's own `em.transactional()`, which `database.transaction()` makes unnecessary. */
function inManagerTransaction(orm: MikroORM): boolean {
  const em = TransactionContext.currentTransactionContext()?.em;
  if (em?.getDriver() !== orm.driver) return false;
  const running = em.getTransactionContext<{ isCommitted: boolean; isRolledBack: boolean }>();
  return running !== undefined && !running.isCommitted && !running.isRolledBack;
}

async function reachable(orm: MikroORM): Promise<Error | undefined> {
  try {
    await orm.connect();
    const state = await orm.checkConnection();
    return state.ok ? undefined : (state.error ?? new Error(state.reason));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** `host:port` of a database URL, without its password. */
function address(databaseUrl: string | undefined): string {
  if (databaseUrl === undefined) return 'the embedded server';
  const { hostname, port } = new URL(databaseUrl);
  return `${hostname || 'localhost'}:${port || '5432'}`;
}
