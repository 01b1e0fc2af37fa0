import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'webapp/dist');
const stampFile = join(dist, 'build-stamp');
const bundleFlag = '--bundle';
const sources = [
  'webapp/index.html',
  'webapp/vite.config.ts',
  'webapp/src/**/*',
  'src/shared/contracts/*.ts',
  'src/shared/errors.ts',
  'src/shared/language.ts',
  'package-lock.json',
];

export interface BuildWebappOptions {
  /** Builds even when nothing has changed. @default false */
  force?: boolean;
  logger?: { info: (text: string) => void };
}

/**
 * Builds the Mini App into `webapp/dist`, unless what lies there was made from the same sources and packages. Throws
 * with the reason when it cannot be built; an older build then stays in place, but its stamp is not renewed.
 */
export async function buildWebapp(options: BuildWebappOptions = {}): Promise<{ built: boolean; ms: number }> {
  const startedAt = performance.now();
  const stamp = await stampOfSources();
  const isFresh =
    existsSync(join(dist, 'index.html')) &&
    (await readFile(stampFile, 'utf8').catch(() => undefined)) === stamp;
  if (isFresh && options.force !== true) return { built: false, ms: since(startedAt) };

  options.logger?.info('Building the Mini App …');
  await bundle();
  await writeFile(stampFile, stamp);
  const ms = since(startedAt);
  options.logger?.info(`The Mini App is built (${(ms / 1000).toFixed(1)} s).`);
  return { built: true, ms };
}

/**
 * In a process of its own: Vite and its plugins decide by NODE_ENV whether to build for production, and ours may be
 * running under another one. The bundler's memory goes with it, too.
 */
async function bundle(): Promise<void> {
  const child = spawn(process.execPath, [import.meta.filename, bundleFlag], {
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [reason, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  if (code !== 0)
    throw new Error(
      `The Mini App could not be built: ${stripVTControlCharacters(reason).trim() || `exit code ${code}`}`,
    );
}

/** Names and contents of all that the bundle is made from; tests change nothing in it. */
async function stampOfSources(): Promise<string> {
  const files: string[] = [];
  for await (const entry of glob(sources, { cwd: root, withFileTypes: true })) {
    if (entry.isFile() && !/\.test\.tsx?$/.test(entry.name)) files.push(join(entry.parentPath, entry.name));
  }
  const hash = createHash('sha256');
  for (const file of files.toSorted()) {
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(await readFile(file))
      .update('\0');
  }
  return hash.digest('hex');
}

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}

async function runAsProgram(): Promise<void> {
  if (process.argv.includes(bundleFlag)) {
    // Loaded only here: who finds a fresh build does not pay for the bundler.
    const { build } = await import('vite');
    await build({ configFile: join(root, 'webapp/vite.config.ts'), logLevel: 'silent' });
    return;
  }
  const { built } = await buildWebapp({ force: process.argv.includes('--force'), logger: console });
  if (!built) console.info('The Mini App is up to date.');
}

if (import.meta.main) {
  try {
    await runAsProgram();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
