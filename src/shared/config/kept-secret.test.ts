import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { keptSecret } from './kept-secret.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'concierge-secret-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is made once, is long, and is for its owner only', () => {
  const secret = keptSecret(folder, 'jwt');
  expect(secret.length).toBeGreaterThanOrEqual(43);
  expect(keptSecret(folder, 'jwt')).toBe(secret);
  expect(keptSecret(folder, 'other')).not.toBe(secret);
  expect(statSync(join(folder, 'secrets/jwt')).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'secrets')), 'no draft is left').toEqual(['jwt', 'other']);
});

it('is never empty, even when a file without content is there', () => {
  mkdirSync(join(folder, 'secrets'));
  writeFileSync(join(folder, 'secrets/jwt'), '');
  expect(keptSecret(folder, 'jwt').length).toBeGreaterThanOrEqual(43);
});

it('names the setting when it cannot be kept', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => keptSecret(file, 'jwt')).toThrow(ConfigError);
  expect(() => keptSecret(file, 'jwt')).toThrow(/DATA_DIR: expected a folder that can be written/);
});
