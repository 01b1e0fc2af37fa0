import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './config-error.ts';

/**
 * A secret that is made once and kept in the data folder, readable by its owner only. Not for production, where
 * several processes need the same one: there it is configured.
 * @throws ConfigError when it can be neither read nor kept
 */
export function keptSecret(dataDir: string, name: string): string {
  const folder = join(dataDir, 'secrets');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return read(join(folder, name)) ?? make(folder, name);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new ConfigError([{ path: 'DATA_DIR', message: `expected a folder that can be written${code}` }]);
  }
}

/** The file gets its name when it is whole: neither a full disk nor a crash leaves an empty secret behind. */
function make(folder: string, name: string): string {
  const file = join(folder, name);
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  try {
    writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flush: true });
    // Unlike a rename it fails when the file exists: of two starts at once, one makes it and both read it.
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8');
}

/** An empty file is what a crash of an earlier version left; it is no secret. */
function read(file: string): string | undefined {
  try {
    const secret = readFileSync(file, 'utf8');
    if (secret !== '') return secret;
    rmSync(file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  return undefined;
}
