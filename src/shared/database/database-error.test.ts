import { expect, it } from 'vitest';
import { folderError } from './database-error.ts';

const withCode = (code: string): Error => Object.assign(new Error(`${code}: something`), { code });

it.each([
  [withCode('ENOSPC'), 'database_disk_full'],
  [new Error('could not extend file: No space left on device'), 'database_disk_full'],
  [withCode('EACCES'), 'database_folder_not_writable'],
  [withCode('EROFS'), 'database_folder_not_writable'],
  [new Error('anything else'), 'database_start_failed'],
])('tells %s as %s, naming the folder', (cause, code) => {
  const error = folderError('/data/here', cause);
  expect(error).toMatchObject({ code, cause });
  expect(error.message).toContain('/data/here');
});
