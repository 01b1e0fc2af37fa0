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

/** @param refuse called before a connection is taken; throws when a transaction is running in this async context. */
export function guardPool(pool: Pool, refuse: () => void): void {
  const connect = pool.connect.bind(pool);
  pool.connect = (...args) => {
    refuse();
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
