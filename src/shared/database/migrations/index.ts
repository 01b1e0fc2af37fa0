import type { SqlMigration } from '../migrate.ts';

/** All steps, oldest first. A new one is a file beside this, `<date>-<subject>.ts`, and a line at the end here. */
export const migrations: readonly SqlMigration[] = [];
