import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permissions } from '#shared/contracts/auth.ts';
import { errorBody } from '#shared/contracts/common.ts';
import { initDataOf, type RunningApi, startApi } from '../testing/start-api.ts';
import { limits } from './limits.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe('the table of routes', () => {
  it('gives every route a permission, a limit and a place in the OpenAPI document', () => {
    const document = api.api.openapi() as {
      openapi: string;
      paths: Record<string, Record<string, Record<string, unknown>>>;
      components: { schemas: Record<string, unknown> };
    };
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(api.api.routes.length).toBeGreaterThan(35);
    for (const route of api.api.routes) {
      expect([...permissions, 'public', 'internal'], route.path).toContain(route.permission);
      expect([...Object.keys(limits), 'none'], route.path).toContain(route.limit);
      const operation = document.paths[route.path]?.[route.method];
      expect(operation, `${route.method} ${route.path}`).toBeDefined();
      expect(operation?.['responses']).toHaveProperty(String(route.status));
      expect(operation?.['x-permission']).toBe(route.permission);
    }
  });

  it('names every path parameter in the document, and resolves every reference', () => {
    const document = api.api.openapi() as {
      paths: Record<
        string,
        Record<string, { parameters?: { name: string; in: string; required: boolean }[] }>
      >;
      components: { schemas: Record<string, unknown> };
    };
    for (const [path, item] of Object.entries(document.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => String(match[1]));
      for (const operation of Object.values(item)) {
        const declared = (operation.parameters ?? []).filter((each) => each.in === 'path');
        expect(declared.map((each) => each.name).sort(), path).toEqual(named.sort());
        expect(declared.every((each) => each.required)).toBe(true);
      }
    }
    for (const [, name = ''] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(Object.keys(document.components.schemas)).toContain(name);
    }
  });

  it('has no two operations of one name', () => {
    const ids = [...JSON.stringify(api.api.openapi()).matchAll(/"operationId":"(\w+)"/g)].map(
      (match) => match[1],
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('lets nobody without credentials into what is not public', async () => {
    const secured = api.api.routes.filter(
      (route) => !['public', 'internal', 'read:public_kb'].includes(route.permission),
    );
    for (const route of secured) {
      const path = route.path.replaceAll(/\{\w+\}/g, '0190a0b0-0000-7000-8000-000000000000');
      const answer = await api.call(path, { method: route.method.toUpperCase() });
      expect([answer.status, answer.json['error']], path).toEqual([401, 'AUTH_REQUIRED']);
    }
  });

  it('asks guests to sign in for what needs an account', async () => {
    const token = await api.guestToken();
    for (const path of ['/api/threads', '/api/tasks', '/api/profile', '/api/workflows']) {
      const answer = await api.call(path, { token });
      expect(answer.status).toBe(403);
      expect(answer.json).toMatchObject({
        error: 'UPGRADE_REQUIRED',
        details: { upgrade_url: '/api/auth/telegram-miniapp', feature: expect.any(String) },
      });
    }
  });
});

describe('errors', () => {
  it('have one shape, with the id of the request', async () => {
    const answer = await api.call('/nowhere', { headers: { 'x-request-id': 'my-request.1' } });
    expect(answer.status).toBe(404);
    expect(errorBody.parse(answer.json)).toMatchObject({
      error: 'RESOURCE_NOT_FOUND',
      request_id: 'my-request.1',
    });
    expect(answer.headers.get('x-request-id')).toBe('my-request.1');
  });

  it('do not take over an id that could break a log', async () => {
    const answer = await api.call('/nowhere', { headers: { 'x-request-id': 'a b"c' } });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('say 405 and what is allowed where only the method is wrong', async () => {
    const answer = await api.call('/api/threads', { method: 'DELETE' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
    expect(answer.json['error']).toBe('RESOURCE_NOT_FOUND');
  });

  it('name every wrong field', async () => {
    const token = await api.personToken();
    const answer = await api.call('/api/search', { token, body: { query: '', max_results: 500 } });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({
      error: 'VALIDATION_ERROR',
      details: { issues: [{ path: 'query' }, { path: 'max_results' }] },
    });
  });

  it('refuse bodies that are no JSON, and other types', async () => {
    const token = await api.personToken();
    const broken = await api.call('/api/search', { token, body: '{"query": ' });
    expect([broken.status, broken.json['error']]).toEqual([400, 'VALIDATION_ERROR']);
    const form = await api.call('/api/search', {
      token,
      body: 'query=tea',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect([form.status, form.json['error']]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    const bomb = await api.call('/api/search', {
      token,
      body: 'not gzip',
      headers: { 'content-encoding': 'gzip' },
    });
    expect([bomb.status, bomb.json['error']]).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('stop reading a body that is too large', async () => {
    const token = await api.personToken(77);
    let sent = 0;
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const req = request(`${api.url}/api/search`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      });
      const chunk = Buffer.alloc(64 * 1024, 'x');
      req.on('response', (res) => {
        res.resume();
        expect(res.headers['connection']).toBe('close');
        resolve(res.statusCode);
      });
      req.on('error', reject);
      const write = () => {
        if (sent > 64 * 1024 * 1024 || req.destroyed) return;
        sent += chunk.length;
        req.write(chunk, () => setImmediate(write));
      };
      write();
    });
    expect(status).toBe(413);
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  it('tell nothing of a defect to the client and log it once', async () => {
    const { catalog } = api.services;
    const list = catalog.list.bind(catalog);
    catalog.list = () => Promise.reject(new Error('select * from secrets failed'));
    const before = api.logs.length;
    const answer = await api.call('/api/catalog');
    catalog.list = list;
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secrets');
    expect(answer.text).not.toContain('.ts:');
    const logged = api.logs.slice(before).filter((line) => line['level'] === 'error');
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({ request_id: answer.json['request_id'], path: '/api/catalog' });
  });
});

describe('headers', () => {
  it('keep an answer from being framed or sniffed', async () => {
    const { headers } = await api.call('/health');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-powered-by')).toBeNull();
  });
});

describe('what cannot be understood', () => {
  it('does no harm, a thousand times', async () => {
    // Every call comes from another address and every batch from another person, so that limits don't hide defects.
    const open = await startApi({ environment: { TRUSTED_PROXIES: '127.0.0.0/8' } });
    const random = mulberry(7);
    const paths = [
      '/api/search',
      '/api/threads',
      '/api/agent/assistant',
      '/api/auth/refresh',
      '/%',
      '/api/kb/%zz',
    ];
    const statuses = new Map<number, number>();
    for (let batch = 0; batch < 50; batch += 1) {
      const token = await open.personToken(2000 + batch);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          open.call(paths[Math.floor(random() * paths.length)] ?? '/', {
            token,
            body: noise(random),
            headers: { 'x-forwarded-for': `198.51.${batch}.${index}` },
          }),
        ),
      );
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
    expect(statuses.get(400)).toBeGreaterThan(300);
    expect(open.logs.filter((line) => line['level'] === 'error')).toEqual([]);
    expect((await open.call('/health/live')).status).toBe(200);
    await open.stop();
  });

  it('includes requests that are no HTTP', async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () =>
        socket.write('\0\u0001 nonsense\r\n\r\n'),
      );
      let text = '';
      socket.on('data', (data) => {
        text += String(data);
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toContain('400 Bad Request');
    expect((await api.call('/health/live')).status).toBe(200);
  });
});

describe('signing in', () => {
  // A server of its own: calls of the other tests count against the same address.
  let api: RunningApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.stop());

  const login = (initData: unknown, headers?: Record<string, string>) =>
    api.call('/api/auth/telegram-miniapp', { body: { initData }, headers: headers ?? {} });

  it('answers every kind of bad launch data with the same 401', async () => {
    const fresh = await startApi({ environment: { TRUSTED_PROXIES: '127.0.0.1' } });
    const now = Math.floor(Date.now() / 1000);
    const good = initDataOf();
    const bad = [
      '',
      'nonsense',
      'hash=00',
      good.replace(/hash=./, 'hash=z'),
      good.replace('Ann', 'Eve'),
      `${good}&hash=${'0'.repeat(64)}`,
      initDataOf({ at: now - 301 }),
      initDataOf({ at: now + 60 }),
      initDataOf({ token: `${'9'.repeat(9)}:${'B'.repeat(35)}` }),
      initDataOf({ fields: { user: '{}' } }),
      initDataOf({ fields: { user: 'not json' } }),
      initDataOf({ fields: { padding: 'x'.repeat(5000) } }),
    ];
    const bodies: string[] = [];
    for (const [index, initData] of bad.entries()) {
      const answer = await fresh.call('/api/auth/telegram-miniapp', {
        body: { initData },
        headers: { 'x-forwarded-for': `192.0.2.${index + 1}`, 'x-request-id': 'same' },
      });
      expect(answer.status, initData.slice(0, 80)).toBe(401);
      const { timestamp: _at, ...rest } = answer.json;
      bodies.push(JSON.stringify(rest));
      const header = await fresh.call('/api/profile', {
        headers: { authorization: `tma ${initData || '-'}`, 'x-forwarded-for': `192.0.2.${index + 1}` },
      });
      expect([header.status, header.json['error']]).toEqual([401, 'AUTH_INVALID_SIGNATURE']);
    }
    expect(new Set(bodies).size).toBe(1);
    expect(bodies[0]).toContain('AUTH_INVALID_SIGNATURE');
    const reasons = fresh.logs.flatMap((line) =>
      typeof line['reason'] === 'string' ? [line['reason']] : [],
    );
    expect(new Set(reasons).size).toBeGreaterThan(5);
    await fresh.stop();
  });

  it('gives tokens and cookies that work, and refreshes each once', async () => {
    const answer = await login(initDataOf());
    expect(answer.status).toBe(200);
    expect(answer.json['user']).toMatchObject({
      telegram_user_id: 42,
      first_name: 'Ann',
      camunda_user_id: null,
    });
    const cookies = answer.headers.getSetCookie();
    expect(cookies.find((each) => each.startsWith('access_token='))).toMatch(
      /; Path=\/; .*HttpOnly; SameSite=Strict/,
    );
    expect(cookies.find((each) => each.startsWith('refresh_token='))).toContain('Path=/api/auth;');
    expect(cookies.join()).not.toContain('Secure');
    const token = String(answer.json['jwt_token']);
    expect((await api.call('/api/profile', { token })).json['first_name']).toBe('Ann');

    const cookie = cookies.map((each) => each.split(';')[0]).join('; ');
    const own = { cookie, origin: api.url };
    const renewed = await api.call('/api/auth/refresh', { method: 'POST', headers: own });
    expect(renewed.status).toBe(200);
    const again = await api.call('/api/auth/refresh', { method: 'POST', headers: own });
    expect([again.status, again.json['error']]).toEqual([401, 'AUTH_INVALID_TOKEN']);
    // Re-use of a spent token ends the whole family.
    expect((await api.call('/api/profile', { token: String(renewed.json['jwt_token']) })).status).toBe(401);
  });

  it('marks cookies Secure when the service is reached over https', async () => {
    const secure = await startApi({ environment: { PUBLIC_URL: 'https://concierge.example.org' } });
    const answer = await secure.call('/api/auth/telegram-miniapp', { body: { initData: initDataOf() } });
    expect(answer.headers.getSetCookie().every((each) => each.endsWith('; Secure'))).toBe(true);
    expect(answer.headers.get('strict-transport-security')).toContain('max-age');
    await secure.stop();
  });

  it('takes a cookie for a change only from a page of its own', async () => {
    const cookie = `access_token=${await api.personToken(5)}`;
    const create = (headers: Record<string, string>) =>
      api.call('/api/threads', { body: { title: 'T' }, headers: { cookie, ...headers } });
    expect((await create({})).status).toBe(403);
    expect((await create({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await create({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await create({ origin: api.url })).status).toBe(201);
    expect((await create({ 'sec-fetch-site': 'same-origin' })).status).toBe(201);
    expect((await api.call('/api/threads', { headers: { cookie } })).status).toBe(200);
  });

  it('prefers the header to the cookie and never falls back to it', async () => {
    const cookie = `access_token=${await api.personToken(5)}`;
    for (const authorization of ['Bearer wrong', 'Basic YTpi', 'Bearer', 'Bearer guest_x']) {
      const answer = await api.call('/api/profile', { headers: { cookie, authorization } });
      expect([answer.status, answer.json['error']]).toEqual([401, 'AUTH_INVALID_TOKEN']);
    }
  });

  it('does not lock out of the catalog whoever has an old cookie', async () => {
    const old = { cookie: 'access_token=old' };
    expect((await api.call('/api/catalog', { headers: old })).status).toBe(200);
    expect((await api.call('/api/profile', { headers: old })).status).toBe(401);
  });

  it('makes a guest in the language of the browser', async () => {
    const answer = await api.call('/api/auth/guest', {
      method: 'POST',
      headers: { 'accept-language': 'ru-RU,ru;q=0.9' },
    });
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({
      token_type: 'guest',
      expires_in: 3600,
      upgrade_url: '/api/auth/telegram-miniapp',
    });
    expect(answer.json['message']).toMatch(/[а-я]/);
    expect((await api.call('/api/catalog', { token: String(answer.json['token']) })).status).toBe(200);
  });

  it('revokes on logout', async () => {
    const { telegramUserId, ...person } = await api.services.people.fromTelegram({ id: 9, first_name: 'Bo' });
    const pair = await api.services.tokens.issue({ telegramUserId, ...person });
    const out = await api.call('/api/auth/logout', { body: { refresh_token: pair.refresh_token } });
    expect(out.status).toBe(204);
    expect(out.headers.getSetCookie()[0]).toContain('Max-Age=0');
    const refreshed = await api.call('/api/auth/refresh', { body: { refresh_token: pair.refresh_token } });
    expect(refreshed.status).toBe(401);
  });
});

/** A small seeded generator, so that a failure can be repeated. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function noise(random: () => number): string {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    'null',
    '1e999',
    '"__proto__"',
    '"messages"',
    '\u0000',
    'é',
    '{"a":1}',
  ];
  return Array.from(
    { length: Math.floor(random() * 12) + 1 },
    () => pieces[Math.floor(random() * pieces.length)],
  ).join('');
}
