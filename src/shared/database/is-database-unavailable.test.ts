import { expect, it } from 'vitest';
import { DatabaseError } from './database-error.ts';
import { isDatabaseUnavailable } from './is-database-unavailable.ts';
import { openTestDatabase } from './test-database.ts';

const withCode = (code: string) => Object.assign(new Error('failed'), { code });

it.each([
  ['a full disk', withCode('53100')],
  ['too many connections', withCode('53300')],
  ['a server that shuts down', withCode('57P01')],
  ['a server that is not there', withCode('ECONNREFUSED')],
  ['a connection that broke', new Error('Connection terminated unexpectedly')],
  ['the embedded database between two lives', DatabaseError.restarting('/data', 'its thread ended')],
  ['the embedded database on a full disk', DatabaseError.restarting('/data', 'ENOSPC')],
])('calls %s an outage', (_, error) => {
  expect(isDatabaseUnavailable(error)).toBe(true);
});

it('does not call our own mistakes one', async () => {
  const database = await openTestDatabase([], []);
  const mistake = await database.query('select nothing from nowhere').catch((error: unknown) => error);
  await database.close();
  expect(mistake).toBeInstanceOf(Error);
  expect(isDatabaseUnavailable(mistake)).toBe(false);
  expect(isDatabaseUnavailable(DatabaseError.outsideTransaction())).toBe(false);
  expect(isDatabaseUnavailable(new TypeError('x is not a function'))).toBe(false);
  expect(isDatabaseUnavailable('ECONNREFUSED')).toBe(false);
});
