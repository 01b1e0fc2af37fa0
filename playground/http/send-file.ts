// Downloads: for the bot by file_path, for people by file id.
import type { ServerResponse } from 'node:http';
import type { Files } from '../files.ts';
import type { FileRecord } from '../world/state.ts';
import { sameToken } from './bot-api.ts';
import { respondJson } from './respond.ts';

/** Types that a browser may show in place; all others are downloads. */
const SHOWN = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'audio/ogg',
  'audio/webm',
  'audio/mpeg',
]);

export async function sendBotFile(files: Files, token: string, res: ServerResponse, url: URL): Promise<void> {
  const [, given = '', path = ''] = /^\/file\/bot([^/]+)\/(.+)$/u.exec(url.pathname) ?? [];
  if (!sameToken(decodeURIComponent(given), token)) {
    respondJson(res, 401, { ok: false, error_code: 401, description: 'Unauthorized' });
    return;
  }
  await sendFile(files, files.byPath(decodeURIComponent(path)), res);
}

export async function sendFile(
  files: Files,
  file: FileRecord | undefined,
  res: ServerResponse,
): Promise<void> {
  const bytes = file && (await files.read(file));
  if (!file || !bytes) {
    respondJson(res, 404, { ok: false, error_code: 404, description: 'Not Found' });
    return;
  }
  const shown = SHOWN.has(file.mime);
  res.writeHead(200, {
    'content-type': shown ? file.mime : 'application/octet-stream',
    'content-length': bytes.length,
    'content-disposition': `${shown ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(file.name)}`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private, max-age=3600',
  });
  res.end(bytes);
}
