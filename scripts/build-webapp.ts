import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'webapp/dist');
const stampFile = join(dist, 'build-stamp');
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
  // A process of its own: the bundler's memory goes with it, and under another NODE_ENV than production (a test's,
  // say) it would bundle React's development build.
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const bundler = spawn(
    process.execPath,
    [vite, 'build', '--config', join(root, 'webapp/vite.config.ts'), '--logLevel', 'error'],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, NODE_ENV: 'production' } },
  );
  const [code] = await once(bundler, 'exit');
  if (code !== 0) throw new Error('The Mini App could not be built; the reason stands above.');
  await writeFile(stampFile, stamp);
  const ms = since(startedAt);
  options.logger?.info(`The Mini App is built (${(ms / 1000).toFixed(1)} s).`);
  return { built: true, ms };
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

if (import.meta.main) {
  try {
    const { built } = await buildWebapp({ force: process.argv.includes('--force'), logger: console });
    if (!built) console.info('The Mini App is up to date.');
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
