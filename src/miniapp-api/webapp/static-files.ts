// Files of one folder over HTTP. Only what the folder held when it was listed can be named, so no path leads out of it.
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import type { ApiContext } from '../http/context.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
};

export interface StaticFile {
  path: string;
  size: number;
  etag: string;
  type: string;
}

/** The files below `folder` by their URL path (`assets/app.js`); empty when there is no such folder. */
export function listFiles(
  folder: string,
  isWanted: (name: string) => boolean = () => true,
): Map<string, StaticFile> {
  const found = new Map<string, StaticFile>();
  for (const entry of entriesOf(folder)) {
    const name = entry.split(sep).join('/');
    const path = join(folder, entry);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats?.isFile() || !isWanted(name)) continue;
    found.set(name, {
      path,
      size: stats.size,
      etag: `"${stats.size.toString(36)}-${Math.floor(stats.mtimeMs).toString(36)}"`,
      type: types[extname(name)] ?? 'application/octet-stream',
    });
  }
  return found;
}

/** Writes the file as the answer, or 304 when the client has it. */
export function sendFile(ctx: ApiContext, file: StaticFile, cacheControl: string): void {
  ctx.set('ETag', file.etag);
  ctx.set('Cache-Control', cacheControl);
  ctx.status = 200;
  if (
    ctx
      .get('if-none-match')
      .split(/\s*,\s*/)
      .includes(file.etag)
  ) {
    ctx.status = 304;
    return;
  }
  ctx.type = file.type;
  ctx.length = file.size;
  ctx.body = ctx.method === 'HEAD' ? null : createReadStream(file.path);
  if (ctx.method === 'HEAD') {
    ctx.status = 200;
    ctx.type = file.type;
    ctx.length = file.size;
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
