// What comes in wrong, from whoever: the answer is clear, says nothing that helps an attacker, and the process lives.
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { signInitData } from '../playground/init-data.ts';
import type { ErrorBody } from '../src/shared/contracts/common.ts';
import { type App, startApp, temporaryFolder } from './support/app.ts';
import { ChatSocket } from './support/chat-socket.ts';
import { freshStorage, type Storage } from './support/storage.ts';
import { botToken, startTelegram, type Telegram } from './support/telegram.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let storage: Storage;
let telegram: Telegram;
let app: App;

beforeAll(async () => {
  folder = await temporaryFolder();
  storage = await freshStorage();
  telegram = await startTelegram();
  app = await startApp({
    dataDir: folder.path,
    environment: {
      ...storage.environment,
      ...telegram.environment,
      // Every request may come from an address of its own, so that limits do not hide what is tested.
      TRUSTED_PROXIES: '127.0.0.1,::1',
    },
  });
});
afterAll(async () => {
  expect(await app?.stop(), 'it lived until it was asked to stop').toBe(0);
  await telegram?.close();
  await storage?.remove();
  await folder?.remove();
});

let visitors = 0;
function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  visitors += 1;
  return fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': `10.0.${visitors >> 8}.${visitors & 255}`,
      ...headers,
    },
    body,
    signal: AbortSignal.timeout(20_000),
  });
}
const json = async (response: Response) => (await response.json()) as ErrorBody;

describe('Launch data that Telegram did not sign like this', () => {
  const path = '/api/auth/telegram-miniapp';
  const ann = { id: 500_001, is_bot: false, first_name: 'Ann' };
  const now = () => Math.floor(Date.now() / 1000);
  const good = () => signInitData(botToken, { user: ann, authDate: now() });
  /** Signed as Telegram signs, whatever the fields are. */
  const signed = (pairs: [string, string][]): string => {
    const secret = createHmac('sha256', 'WebAppData').update(botToken).digest();
    const checked = pairs
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join('\n');
    const hash = createHmac('sha256', secret).update(checked).digest('hex');
    return new URLSearchParams([...pairs, ['hash', hash]]).toString();
  };
  const user: [string, string] = ['user', JSON.stringify(ann)];
  const date = (offset: number): [string, string] => ['auth_date', String(now() + offset)];
  const hashOf = (initData: string) => new URLSearchParams(initData).get('hash') ?? '';

  const wrong: Record<string, () => string> = {
    empty: () => '',
    'no launch data at all': () => 'hello',
    'a changed name': () => good().replace('Ann', 'Eve'),
    'a changed hash': () => good().replace(/hash=./, (start) => (start === 'hash=0' ? 'hash=1' : 'hash=0')),
    'the hash in capitals': () =>
      good().replace(/hash=[^&]*/, (hash) => `hash=${hash.slice(5).toUpperCase()}`),
    'a short hash': () => good().slice(0, -1),
    'no hash': () => good().replace(/&hash=[^&]*/, ''),
    'an empty hash': () => good().replace(/hash=[^&]*/, 'hash='),
    'two hashes': () => `${good()}&hash=${hashOf(good())}`,
    'a field twice': () => signed([user, user, date(0)]),
    'a field that was added': () => `${good()}&start_param=admin`,
    'signed with the token of another bot': () =>
      signInitData(`123456789:${'another-bot-'.repeat(3)}`, { user: ann, authDate: now() }),
    'no user': () => signed([date(0)]),
    'a user without an id': () => signed([['user', '{"first_name":"Ann"}'], date(0)]),
    'a user who is no JSON': () => signed([['user', 'Ann'], date(0)]),
    'an id that is a text': () => signed([['user', '{"id":"500001","first_name":"Ann"}'], date(0)]),
    'no date': () => signed([user]),
    'a date that is none': () => signed([user, ['auth_date', 'now']]),
    'too old': () => signed([user, date(-310)]),
    'from the future': () => signed([user, date(60)]),
    'longer than 4 KiB': () => signed([user, date(0), ['start_param', 'a'.repeat(4096)]]),
    'signed by the key of the signature only': () => good().replace(/hash=[^&]*/, `hash=${'0'.repeat(64)}`),
  };

  const whatStays = ({ error, message, details }: ErrorBody) => ({ error, message, details });

  it.each(Object.keys(wrong))('is refused like any other: %s', async (name) => {
    const response = await post(path, JSON.stringify({ initData: wrong[name]?.() }));
    expect(response.status).toBe(401);
    expect(whatStays(await json(response))).toEqual({
      error: 'AUTH_INVALID_SIGNATURE',
      message: 'Telegram did not vouch for this. Open the app anew.',
      details: {},
    });
  });

  it('is refused on every other door, too', async () => {
    const old = signed([user, date(-310)]);
    const response = await fetch(`${app.url}/api/profile`, { headers: { authorization: `tma ${old}` } });
    expect([response.status, (await json(response)).error]).toEqual([401, 'AUTH_INVALID_SIGNATURE']);
    const socket = new ChatSocket(app.url);
    await socket.opened();
    socket.send({ type: 'auth', token: old });
    expect(await socket.next('error')).toMatchObject({ code: 'AUTH_INVALID_SIGNATURE' });
    expect(await socket.closed).toBe(1008);
  });

  it('is taken when nothing is wrong with it', async () => {
    for (const initData of [good(), signed([user, date(-290)]), signed([user, date(20)])]) {
      expect((await post(path, JSON.stringify({ initData }))).status).toBe(200);
    }
  });
});

describe('Frames that are none', () => {
  const signIn = () => ChatSocket.signedIn(app.url, telegram.ann.signInitData());

  it.each<[string, object | string | Buffer]>([
    ['unknown type', { type: 'reboot' }],
    ['no type', { message: 'hello' }],
    ['not JSON', '{"type":'],
    ['JSON that is no object', '42'],
    ['null', 'null'],
    ['an array', '[{"type":"ping"}]'],
    ['binary', Buffer.from([0, 255, 1, 254])],
    ['JSON as binary', Buffer.from('{"type":"ping"}')],
    ['nothing', ''],
    ['a field of the wrong type', { type: 'user_message', message: 42 }],
    ['an empty message', { type: 'user_message', message: '   ' }],
    ['nesting without end', '['.repeat(100_000)],
    ['a prototype', '{"type":"command","command":"start","args":7,"__proto__":{"type":"ping"}}'],
  ])('are answered with an error, and the socket goes on: %s', async (_, frame) => {
    const socket = await signIn();
    socket.send(frame);
    const error = await socket.next('error');
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', recoverable: true });
    expect(error.message).not.toMatch(/zod|at position|\/src\//i);
    socket.send({ type: 'ping' });
    await socket.next('pong');
    socket.close();
  });

  it('close the socket with 4001 when ten come in a row, not when good ones come between', async () => {
    const patient = await signIn();
    for (let i = 0; i < 25; i++) {
      patient.send('nonsense');
      if (i % 8 === 7) patient.send({ type: 'ping' });
    }
    await vi.waitFor(() => expect(patient.frames.filter(({ type }) => type === 'error')).toHaveLength(25));
    patient.send({ type: 'ping' });
    await vi.waitFor(() => expect(patient.frames.filter(({ type }) => type === 'pong')).toHaveLength(4));
    patient.close();

    const stubborn = await signIn();
    for (let i = 0; i < 10; i++) stubborn.send('nonsense');
    expect(await stubborn.closed).toBe(4001);
    expect(stubborn.frames.filter(({ type }) => type === 'error')).toHaveLength(10);
  });

  it('close the socket with 1009 when they are larger than 1 MiB', async () => {
    const socket = await signIn();
    socket.send({ type: 'user_message', message: 'a'.repeat(1024 * 1024) });
    expect(await socket.closed).toBe(1009);
    const other = await signIn();
    other.send({ type: 'user_message', message: 'a'.repeat(1000 * 1024) });
    expect(await other.next('error'), 'below it is too long, but a frame').toMatchObject({
      code: 'VALIDATION_ERROR',
    });
    other.close();
  });

  it('are no way in for those who have not signed in', async () => {
    const socket = new ChatSocket(app.url);
    await socket.opened();
    socket.send({ type: 'user_message', message: 'hello' });
    expect(await socket.next('error')).toMatchObject({ code: 'AUTH_REQUIRED' });
    socket.send({ type: 'auth', token: 'guest_nobody' });
    expect(await socket.closed).toBe(1008);
  });
});

describe('Bodies that are none', () => {
  const shape = {
    error: expect.any(String),
    message: expect.any(String),
    details: expect.any(Object),
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    request_id: expect.any(String),
  };

  it.each([
    ['half of a JSON', '{"initData": "a', 400, 'VALIDATION_ERROR'],
    ['a text', 'hello', 400, 'VALIDATION_ERROR'],
    ['a number', '42', 400, 'VALIDATION_ERROR'],
    ['an array', '[]', 400, 'VALIDATION_ERROR'],
    ['null', 'null', 400, 'VALIDATION_ERROR'],
    ['a field of the wrong type', '{"initData": {"hash": 1}}', 400, 'VALIDATION_ERROR'],
    ['a field that is missing', '{}', 400, 'VALIDATION_ERROR'],
    ['nesting without end', '['.repeat(200_000), 400, 'VALIDATION_ERROR'],
    ['more than 1 MiB', JSON.stringify({ initData: 'a'.repeat(1024 * 1024) }), 413, 'PAYLOAD_TOO_LARGE'],
  ])('are refused in the shape of all errors: %s', async (_, body, status, code) => {
    const response = await post('/api/auth/telegram-miniapp', body);
    expect(response.status).toBe(status);
    const error = await json(response);
    expect(error).toEqual({ ...shape, error: code });
    expect(JSON.stringify(error)).not.toMatch(/SyntaxError|at position|node_modules|\/src\//);
  });

  it('are not read to their end when they are too large', async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1;
        // 256 MiB, if anybody took them.
        if (sent > 4096) controller.close();
        else controller.enqueue(new Uint8Array(64 * 1024).fill(97));
      },
    });
    const outcome = await fetch(`${app.url}/api/auth/telegram-miniapp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '10.9.9.9' },
      body: endless,
      duplex: 'half',
    }).then(
      (response) => response.status,
      // The answer may be lost with the connection that is closed under the sender.
      () => 413,
    );
    expect(outcome).toBe(413);
    expect(sent).toBeLessThan(1024);
  });

  it('are refused when they are another kind of thing', async () => {
    const form = await post('/api/auth/guest', 'a=b', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    // What takes no body does not look at one.
    expect([201, 415]).toContain(form.status);
    const login = await post('/api/auth/telegram-miniapp', 'initData=a', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect([login.status, (await json(login)).error]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    const zipped = await post('/api/auth/telegram-miniapp', 'not gzip', { 'content-encoding': 'gzip' });
    expect([zipped.status, (await json(zipped)).error]).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('leave the service as healthy as it was', async () => {
    const health = await (await fetch(`${app.url}/health`)).json();
    expect(health).toMatchObject({
      status: 'healthy',
      dependencies: { database: 'healthy', telegram: 'healthy' },
    });
    expect(app.output()).not.toMatch(/"level":"(error|fatal)"/);
  });
});
