// PGlite has one session: inside a transaction, a query that takes another connection waits for the end of the
// transaction, which waits for the query. PostgreSQL would answer it, without the transaction's own changes. Both
// are mistakes of the caller, so taking a second connection inside a transaction is refused, on both.

/** What of the pool of `pg` is used here. */
export interface Pool {
  connect(...args: unknown[]): unknown;
  options: { types?: TypeParsers };
}

interface TypeParsers {
  setTypeParser(oid: number, parse: (text: string) => unknown): void;
}

/** OIDs, from pg_type. */
const INT8 = 20;
const TIMESTAMPTZ = 1184;

/**
 * @param before called before a connection is taken, in the async context of the query that needs it;
 *   what it throws is the query's error.
 */
export function guardPool(pool: Pool, before: () => Promise<void> | undefined): void {
  const connect = pool.connect.bind(pool);
  pool.connect = async (...args) => {
    await before();
    return connect(...args);
  };
}

/** MikroORM takes text as well as values; raw queries are meant to get values. */
export function parseValues(pool: Pool): void {
  pool.options.types?.setTypeParser(TIMESTAMPTZ, (text) => {
    const time = new Date(text);
    return Number.isNaN(time.getTime()) ? text : time; // 'infinity', and years before Christ
  });
  pool.options.types?.setTypeParser(INT8, (text) => {
    const value = Number(text);
    return Number.isSafeInteger(value) ? value : text;
  });
}
