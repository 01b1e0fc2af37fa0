// Tells an outage, which passes by itself or by what an operator does, from a defect of ours.
import type { DatabaseErrorCode } from './database-error.ts';

const outages: readonly string[] = [
  'database_disk_full',
  'database_restarting',
  'database_unreachable',
] satisfies DatabaseErrorCode[];

/**
 * SQLSTATE: no connection (08), no disk, memory or connections left (53), the server shuts down or starts (57P0x);
 * and what a socket says whose server is gone.
 */
const outageCode =
  /^(?:08...|53...|57P0[1-5]|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
/** pg gives these no code. */
const outageText = /connection terminated|timeout exceeded when trying to connect/i;

/** Whether the database could not do its work now; asking again later may succeed. For errors of its statements only. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // MikroORM's errors carry the code of what they stand for.
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return outages.includes(code) || outageCode.test(code) || outageText.test(error.message);
}
