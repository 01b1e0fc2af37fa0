// What the process writes is read by many: operators, collectors of logs, whoever gets a bug report. Whatever goes on,
// and however much is logged, no secret is in it.
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type App, startApp, temporaryFolder } from './support/app.ts';
import { ChatSocket } from './support/chat-socket.ts';
import { type ScriptedModel, startScriptedModel } from './support/scripted-model.ts';
import { freshStorage, type Storage } from './support/storage.ts';
import { startTelegram, type Telegram } from './support/telegram.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let storage: Storage;
let telegram: Telegram;
let model: ScriptedModel;
let app: App;
const internalKey = randomBytes(32).toString('hex');
/** By what they are called, for the message when one is found. */
const secrets = new Map<string, string>();

beforeAll(async () => {
  folder = await temporaryFolder();
  storage = await freshStorage();
  telegram = await startTelegram();
  model = await startScriptedModel();
  app = await startApp({
    dataDir: folder.path,
    environment: {
      ...storage.environment,
      ...telegram.environment,
      ...model.environment,
      LOG_LEVEL: 'trace',
      GATEWAY__INTERNAL_API_KEY: internalKey,
      TRUSTED_PROXIES: '127.0.0.1,::1',
    },
  });
});
afterAll(async () => {
  await app?.kill();
  await model?.close();
  await telegram?.close();
  await storage?.remove();
  await folder?.remove();
});

let visitors = 0;
async function post(path: string, body: object, headers: Record<string, string> = {}) {
  visitors += 1;
  const response = await fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': `10.0.0.${visitors}`,
      ...headers,
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    cookies: response.headers.getSetCookie(),
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, string>,
  };
}

function keep(name: string, value: string | undefined): string {
  if (value === undefined || value.length < 16) throw new Error(`There is no ${name}`);
  secrets.set(name, value);
  return value;
}

const hashOf = (initData: string) => new URLSearchParams(initData).get('hash') ?? '';

async function launchData(name: string): Promise<string> {
  const initData = telegram.ann.signInitData();
  keep(`hash of ${name}`, hashOf(initData));
  keep(`signature of ${name}`, new URLSearchParams(initData).get('signature') ?? '');
  return initData;
}

it('keeps secrets out of everything that it writes', async () => {
  const [, botSecret] = telegram.environment['BOT_TOKEN']?.split(':') ?? [];
  keep('bot token', botSecret);
  keep('key of the model', model.apiKey);
  keep('internal key', internalKey);
  const password = new URL(storage.environment['DATABASE_URL'] ?? 'postgres://localhost').password;
  if (password !== '') keep('database password', password);

  // Signing in, rightly and wrongly.
  const initData = await launchData('login');
  const login = await post('/api/auth/telegram-miniapp', { initData });
  expect(login.status).toBe(200);
  keep('access token', login.body['jwt_token']);
  const refresh = keep('refresh token', login.body['refresh_token']);
  for (const cookie of login.cookies) keep(`cookie ${cookie.split('=')[0]}`, cookie.split(/[=;]/)[1]);
  const forged = (await launchData('forged login')).replace('Ann', 'Eve');
  expect((await post('/api/auth/telegram-miniapp', { initData: forged })).status).toBe(401);
  const tma = await launchData('header');
  expect((await fetch(`${app.url}/api/profile`, { headers: { authorization: `tma ${tma}` } })).status).toBe(
    200,
  );

  // Exchanging tokens, and the theft of one.
  const second = await post('/api/auth/refresh', { refresh_token: refresh });
  expect(second.status).toBe(200);
  keep('second access token', second.body['jwt_token']);
  keep('second refresh token', second.body['refresh_token']);
  expect((await post('/api/auth/refresh', { refresh_token: refresh })).status).toBe(401);
  const unknown = keep(
    'unknown token',
    `eyJ${randomBytes(20).toString('hex')}.${randomBytes(20).toString('hex')}`,
  );
  const wrong = await fetch(`${app.url}/api/profile`, { headers: { authorization: `Bearer ${unknown}` } });
  expect(wrong.status).toBe(401);

  // Guests and tickets.
  const guest = keep('guest token', (await post('/api/auth/guest', {})).body['token']);
  const bearer = { authorization: `Bearer ${guest}` };
  const ticket = keep('ticket', (await post('/api/auth/ws-ticket', {}, bearer)).body['ticket']);
  const byTicket = new WebSocket(`${app.url.replace('http', 'ws')}/ws/chat?ticket=${ticket}`);
  await new Promise((resolve) => byTicket.once('message', resolve));
  byTicket.terminate();
  const reused = new WebSocket(`${app.url.replace('http', 'ws')}/ws/chat?ticket=${ticket}`);
  expect(await new Promise((resolve) => reused.once('close', resolve))).toBe(1008);
  expect(
    (await fetch(`${app.url}/metrics`, { headers: { authorization: `Bearer ${internalKey}` } })).status,
  ).toBe(200);

  // A provider that repeats what it was sent, as providers do.
  const socket = await ChatSocket.signedIn(app.url, await launchData('socket'));
  for (const [status, code] of [
    [401, 'refused'],
    [500, 'unreachable'],
    [400, 'rejected'],
  ] as const) {
    const message = `Incorrect API key provided: ${model.apiKey} (Bearer ${model.apiKey})`;
    model.refuseWith({ status, body: JSON.stringify({ error: { message } }) });
    socket.send({ type: 'user_message', message: `Question ${code}` });
    await vi.waitFor(
      () => expect(app.output().split('run failed').length - 1).toBe([401, 500, 400].indexOf(status) + 1),
      { timeout: 20_000 },
    );
  }
  socket.close();

  // A Telegram whose errors name the address, which holds the token.
  const { playground, ann } = telegram;
  playground.faults.add({ kind: 'disconnect', method: 'getUpdates', times: 1 });
  playground.faults.add({ kind: 'disconnect', method: 'sendMessage', times: 1 });
  ann.send(playground.bot, '/help');
  await telegram.message(ann.person, /\/new – |Something went wrong/, 30_000);
  await vi.waitFor(() => expect(app.output()).toContain('Updates could not be fetched'), { timeout: 60_000 });

  const secretsFolder = join(folder.path, 'secrets');
  for (const name of await readdir(secretsFolder)) {
    keep(`kept secret ${name}`, await readFile(join(secretsFolder, name), 'utf8'));
  }
  expect(await app.stop()).toBe(0);
  const output = app.output();
  expect(output.length, 'much was written').toBeGreaterThan(2_000);
  const found = [...secrets].filter(([, secret]) => output.includes(secret)).map(([name]) => name);
  expect(found).toEqual([]);
});
