// MikroORM writes parameters into the SQL text itself; statements of our own send them apart, as the protocol
// can. Kysely's own factory for this is not among the packages that this application names.
import type { Kysely } from '@mikro-orm/postgresql';

type Statement = Exclude<Parameters<Kysely<unknown>['executeQuery']>[0], { compile(): unknown }>;

let count = 0;

export function rawStatement(sql: string, parameters: readonly unknown[]): Statement {
  return {
    sql,
    parameters,
    query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
    queryId: { queryId: `raw-${count++}` },
  };
}
