import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApi } from './api.ts';
import { createHttp, type Http } from './http.ts';
import { Session } from './session.ts';

let server: Server;
let http: Http;
let calls: string[];
let now: number;
/** What the server does with each path; 404 otherwise. */
let routes: Record<string, (body: Record<string, unknown>, token: string | undefined) => [number, unknown]>;

const refused: [number, unknown] = [
  401,
  { error: 'AUTH_INVALID_TOKEN', message: 'no', details: {}, timestamp: '', request_id: '' },
];
const pair = (n: number): [number, unknown] => [
  200,
  { jwt_token: `jwt${n}`, refresh_token: `refresh${n}`, expires_in: 3600 },
];

beforeEach(async () => {
  calls = [];
  now = 0;
  routes = {
    '/api/auth/telegram-miniapp': () => pair(1),
    '/api/auth/refresh': () => pair(2),
    '/api/auth/guest': () => [201, { token: 'guest_1', expires_in: 3600 }],
  };
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => {
      text += part.toString();
    });
    request.on('end', () => {
      const path = request.url ?? '';
      const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
      calls.push(`${path} ${text}`.trim());
      const [status, answer] = routes[path]?.(body, request.headers.authorization) ?? [404, {}];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  http = createHttp({ base: `http://127.0.0.1:${port}`, language: () => 'en' });
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const open = (initData: string | undefined) => new Session({ http, initData, now: () => now });

describe('a session inside Telegram', () => {
  it('signs in by the launch data', async () => {
    const session = open('data');
    await session.start();
    expect(session.state()).toEqual({ status: 'signed-in' });
    expect(await session.token()).toBe('jwt1');
    expect(calls).toEqual(['/api/auth/telegram-miniapp {"initData":"data"}']);
  });

  it('goes on by the cookie when the launch data is too old', async () => {
    routes['/api/auth/telegram-miniapp'] = () => refused;
    const session = open('old');
    await session.start();
    expect(await session.token()).toBe('jwt2');
    expect(calls.at(-1)).toBe('/api/auth/refresh {}');
  });

  it('is a guest, and says that it expired, when neither works', async () => {
    routes['/api/auth/telegram-miniapp'] = () => refused;
    routes['/api/auth/refresh'] = () => refused;
    const session = open('old');
    await session.start();
    expect(session.state()).toEqual({ status: 'guest', reason: 'expired' });
    expect(await session.token()).toBe('guest_1');
  });

  it('renews its token a minute before the end, once for all who wait', async () => {
    const session = open('data');
    await session.start();
    now = 3_541_000;
    expect(await Promise.all([session.token(), session.token(), session.token()])).toEqual([
      'jwt2',
      'jwt2',
      'jwt2',
    ]);
    expect(calls.filter((call) => call.startsWith('/api/auth/refresh'))).toEqual([
      '/api/auth/refresh {"refresh_token":"refresh1"}',
    ]);
  });

  it('signs in by the launch data again when the refresh token is used up', async () => {
    routes['/api/auth/refresh'] = () => refused;
    const session = open('data');
    await session.start();
    await session.refuse('jwt1');
    expect(await session.token()).toBe('jwt1');
    expect(calls.map((call) => call.split(' ')[0])).toEqual([
      '/api/auth/telegram-miniapp',
      '/api/auth/refresh',
      '/api/auth/telegram-miniapp',
    ]);
  });

  it('says so when the server cannot be reached, and can be started again', async () => {
    routes['/api/auth/telegram-miniapp'] = () => [503, {}];
    const session = open('data');
    await session.start();
    expect(session.state()).toMatchObject({ status: 'unreachable', error: { code: 'UPSTREAM_UNAVAILABLE' } });
    routes['/api/auth/telegram-miniapp'] = () => pair(1);
    await session.start();
    expect(session.state()).toEqual({ status: 'signed-in' });
  });

  it('stays signed in while the server is away for a while', async () => {
    const session = open('data');
    await session.start();
    routes['/api/auth/refresh'] = () => [502, {}];
    await expect(session.refuse('jwt1')).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(session.state()).toEqual({ status: 'signed-in' });
  });
});

it('outside Telegram everybody is a guest, anew when the old session is gone', async () => {
  const session = open(undefined);
  await session.start();
  expect(session.state()).toEqual({ status: 'guest', reason: 'outside-telegram' });
  routes['/api/auth/guest'] = () => [201, { token: 'guest_2', expires_in: 3600 }];
  await session.refuse('guest_1');
  expect(await session.token()).toBe('guest_2');
});

describe('a call', () => {
  it('is made again with a new token when the old one is refused', async () => {
    routes['/api/profile'] = (_body, token) =>
      token === 'Bearer jwt2' ? [200, { first_name: 'Ann' }] : refused;
    const api = createApi(http, open('data'));
    expect(await api.profile()).toEqual({ first_name: 'Ann' });
  });

  it('fails with the code, the sentence and the issues of the server', async () => {
    const issues = [{ path: 'city', message: 'Unknown.' }];
    routes['/api/tasks/t/complete'] = () => [
      400,
      {
        error: 'VALIDATION_ERROR',
        message: 'city: Unknown.',
        details: { issues },
        timestamp: '',
        request_id: '',
      },
    ];
    const api = createApi(http, open('data'));
    await expect(api.completeTask('t', {}, undefined)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      status: 400,
      issues,
    });
  });

  it('fails as NETWORK when nobody answers', async () => {
    const nobody = createHttp({ base: 'http://127.0.0.1:1', language: () => 'en' });
    await expect(nobody('/api/app-config')).rejects.toMatchObject({ code: 'NETWORK', status: 0 });
  });
});
