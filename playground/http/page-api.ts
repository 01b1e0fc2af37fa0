// Everything under /playground: the page, its JSON API, its events.
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import type { ActingPerson } from '../acting-person.ts';
import { BotApiError } from '../checks/errors.ts';
import { isObject } from '../checks/params.ts';
import type { Files } from '../files.ts';
import type { Playground } from '../telegram.ts';
import type { World } from '../world/world.ts';
import { readBytes } from './body.ts';
import { streamEvents } from './events.ts';
import { ACTIONS, PageError } from './page-actions.ts';
import { respondJson } from './respond.ts';
import { sendFile } from './send-file.ts';
import { snapshot } from './snapshot.ts';

interface PageParts {
  playground: Playground;
  world: World;
  files: Files;
  closed: AbortSignal;
}

const MAX_ACTION_BYTES = 1024 * 1024;
const MAX_UPLOAD = 20 * 1024 * 1024;
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export async function handlePage(
  parts: PageParts,
  req: IncomingMessage,
  res: ServerResponse,
  url: URL,
): Promise<void> {
  try {
    const path = url.pathname.slice('/playground'.length).replace(/^\//u, '');
    if (path.startsWith('api/')) await handleApi(parts, path.slice('api/'.length), req, res, url);
    else if (path.startsWith('file/'))
      await sendFile(parts.files, parts.files.byId(path.slice('file/'.length)), res);
    else await sendPage(parts, path === '' ? 'index.html' : path, res);
  } catch (error) {
    // The person at the page is told in plain words; only our own failures are logged.
    const expected = error instanceof PageError || error instanceof BotApiError || error instanceof Error;
    respondJson(res, 400, { error: expected ? error.message : 'The playground failed' });
  }
}

async function handleApi(
  parts: PageParts,
  path: string,
  req: IncomingMessage,
  res: ServerResponse,
  url: URL,
): Promise<void> {
  const { playground, world } = parts;
  const acting = whoActs(playground, url.searchParams.get('as'));
  if (req.method === 'GET' && path === 'state') {
    respondJson(res, 200, acting ? snapshot(playground, world, acting.person) : { people: [] });
    return;
  }
  if (!acting) throw new PageError('Nobody lives here yet');
  if (req.method === 'GET' && path === 'events') {
    streamEvents(parts, acting.person, res);
    return;
  }
  const action = ACTIONS[path];
  if (req.method !== 'POST' || (path !== 'upload' && !action)) {
    respondJson(res, 404, { error: 'Not found' });
    return;
  }
  if (path === 'upload') {
    respondJson(res, 200, { message_id: await upload(acting, req, url.searchParams) });
    return;
  }
  // A foreign page cannot send this type without asking first, which the guard refuses.
  if (!req.headers['content-type']?.startsWith('application/json')) throw new PageError('JSON is needed');
  const body: unknown = JSON.parse((await readBytes(req, MAX_ACTION_BYTES)).toString('utf8') || '{}');
  if (!isObject(body)) throw new PageError('An object is needed');
  respondJson(res, 200, (await action?.(acting, body, playground)) ?? {});
}

/** The first person acts when the page names none. */
function whoActs(playground: Playground, name: string | null): ActingPerson | undefined {
  const id = Number(name);
  const known = playground.people.find((person) => person.username === name || person.id === id);
  const person = known ?? playground.people[0];
  return person && playground.as(person);
}

async function upload(acting: ActingPerson, req: IncomingMessage, query: URLSearchParams): Promise<number> {
  const bytes = new Uint8Array(await readBytes(req, MAX_UPLOAD));
  if (bytes.length === 0) throw new PageError('The file is empty');
  const type = req.headers['content-type'] ?? 'application/octet-stream';
  const kind = query.get('kind');
  const file = { name: (query.get('name') ?? 'file').slice(0, 200), type, bytes };
  const topic = Number(query.get('topic') ?? 0);
  const replyTo = Number(query.get('replyTo') ?? 0);
  const caption = query.get('caption') ?? '';
  const message = await acting.upload(Number(query.get('chat')), file, {
    as: kind === 'photo' || kind === 'voice' ? kind : 'document',
    ...(topic ? { topic } : {}),
    ...(replyTo ? { replyTo } : {}),
    ...(caption ? { caption: caption.slice(0, 1024) } : {}),
  });
  return message.message_id;
}

async function sendPage({ playground }: PageParts, name: string, res: ServerResponse): Promise<void> {
  const type = TYPES[extname(name)];
  const bytes =
    type && /^[a-z0-9-]+\.[a-z]+$/u.test(name)
      ? await readFile(join(import.meta.dirname, '../page', name)).catch(() => undefined)
      : undefined;
  if (!bytes || !type) {
    respondJson(res, 404, { error: 'Not found' });
    return;
  }
  const frame = new URL(playground.options.miniAppUrl).origin;
  res.writeHead(200, {
    'content-type': type,
    'content-length': bytes.length,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; frame-src 'self' ${frame} http://localhost:* http://127.0.0.1:*; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  });
  res.end(bytes);
}
