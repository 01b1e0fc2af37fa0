// Making a cluster takes seconds and a gigabyte of memory, unpacking one takes a moment. So the first one that
// is made is kept beside the installed packages, where it disappears with them.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { startParameters } from './start-parameters.ts';

/** Where the template of this PGlite version is kept. */
export async function templatePath(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const packageFolder = dirname(dirname(entry));
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const cache = join(dirname(dirname(packageFolder)), '.cache', 'concierge');
  return join(cache, `pglite-${version}.tar.gz`);
}

/** The kept template, if there is one. */
export async function cachedTemplate(path?: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const cached = await readFile(path ?? (await templatePath())).catch(() => undefined);
  return cached && new Uint8Array(cached);
}

/** A fresh cluster as a compressed tarball. A cache that cannot be read or written only costs time. */
export async function clusterTemplate(path?: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = path ?? (await templatePath());
  const cached = await cachedTemplate(file);
  if (cached) return cached;
  const fresh = await PGlite.create({ startParams: startParameters() });
  const dump = await fresh.dumpDataDir('gzip');
  await fresh.close();
  const bytes = new Uint8Array(await dump.arrayBuffer());
  const partial = `${file}.${process.pid}.${Date.now()}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(partial, bytes);
    await rename(partial, file);
  } catch {
    await rm(partial, { force: true }).catch(() => undefined);
  }
  return bytes;
}
