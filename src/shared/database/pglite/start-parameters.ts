import { PGlite } from '@electric-sql/pglite';

/** PGlite's own settings, and ours: 16 MB of buffers keep the process at half of its memory. */
export function startParameters(): string[] {
  return [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB', '-c', 'max_wal_size=64MB'];
}
