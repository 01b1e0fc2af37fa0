// What keeps one socket from harming the others: bounds, close codes, time limits, slow readers, shutting down.
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { SocketClient } from '../testing/socket-client.ts';
import { type RunningApi, startApi } from '../testing/start-api.ts';

async function withApi(
  options: Parameters<typeof startApi>[0],
  work: (api: RunningApi) => Promise<void>,
): Promise<void> {
  const api = await startApi(options);
  try {
    await work(api);
  } finally {
    await api.stop();
  }
}

async function signedIn(api: RunningApi, token?: string): Promise<SocketClient> {
  const client = new SocketClient(`${api.wsUrl}/ws/chat`, { token: token ?? (await api.personToken()) });
  await client.next('auth_success');
  return client;
}

describe('the door', () => {
  it('is closed for pages of other sites, and for paths that there are not', () =>
    withApi({ environment: { ALLOWED_ORIGINS: 'https://app.example' } }, async (api) => {
      const path = `${api.wsUrl}/ws/chat`;
      const evil = new SocketClient(path, { headers: { origin: 'https://evil.example' } });
      expect((await evil.closed).code).toBe(1006);
      for (const origin of ['https://app.example', api.url]) {
        const client = new SocketClient(path, { headers: { origin }, token: await api.personToken() });
        await client.next('auth_success');
      }
      for (const unknown of ['/ws/other', '/', '/ws/chat/', '/ws']) {
        expect((await new SocketClient(api.wsUrl + unknown).closed).code).toBe(4404);
      }
    }));

  it('does not stay open for those who do not say who they are', () =>
    withApi({ tuning: { authMs: 50 } }, async (api) => {
      expect((await new SocketClient(`${api.wsUrl}/ws/chat`).closed).code).toBe(1008);
    }));

  it('lets twenty sockets of a person in', () =>
    withApi({ tuning: { socketsPerCaller: 3 } }, async (api) => {
      const token = await api.personToken();
      const three = [await signedIn(api, token), await signedIn(api, token), await signedIn(api, token)];
      const fourth = new SocketClient(`${api.wsUrl}/ws/chat`, { token });
      expect((await fourth.closed).code).toBe(4002);
      await signedIn(api, await api.personToken(2));
      three[0]?.close();
      await expect
        .poll(async () => (await api.call('/metrics')).text)
        .toContain('concierge_sockets_open{surface="chat"} 3');
      await signedIn(api, token);
    }));
});

describe('bad messages', () => {
  it('get an error each, and the tenth in a row closes', () =>
    withApi({}, async (api) => {
      const client = await signedIn(api);
      for (let i = 0; i < 9; i += 1) client.send('{not json');
      client.send({ type: 'ping' });
      await client.next('pong');
      const bad = [
        '',
        'null',
        '[]',
        '42',
        '{"type":"unheard"}',
        '{}',
        Buffer.from('{}'),
        '{"type":"resume"}',
        '"x"',
        '{"type":7}',
      ];
      for (const each of bad) client.send(each);
      expect((await client.closed).code).toBe(4001);
      const errors = client.frames.filter((frame) => frame.type === 'error');
      expect(errors).toHaveLength(19);
      expect(errors.every((frame) => frame.type === 'error' && frame.code === 'VALIDATION_ERROR')).toBe(true);
    }));

  it('of more than 1 MiB close the socket and nothing else', () =>
    withApi({}, async (api) => {
      const [client, other] = [await signedIn(api), await signedIn(api)];
      client.send(JSON.stringify({ type: 'user_message', message: 'x'.repeat(1024 * 1024) }));
      expect((await client.closed).code).toBe(1009);
      other.send({ type: 'ping' });
      await other.next('pong');
    }));

  it('do no harm, a thousand times', () =>
    withApi({}, async (api) => {
      const token = await api.personToken();
      let seed = 42;
      const random = () => {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        return seed / 2_147_483_648;
      };
      const pieces = [
        '{"type":',
        '"auth"',
        '"user_message"',
        '"command"',
        ',"message":',
        'null',
        '{}',
        '}',
        '[',
        '"x"',
        ',"args":',
        '1e400',
        '\u0000',
        '"__proto__":{}',
      ];
      for (let round = 0; round < 120; round += 1) {
        const client = await signedIn(api, token);
        for (let i = 0; i < 9; i += 1) {
          const length = Math.floor(random() * 8) + 1;
          const text = Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)]).join('');
          client.send(random() < 0.1 ? Buffer.from(text) : text);
        }
        client.send({ type: 'ping' });
        await client.until(
          () =>
            client.frames.some((frame) => frame.type === 'pong') || client.socket.readyState !== 1
              ? true
              : undefined,
          () => 'the server does not answer any more',
        );
        client.close();
      }
      expect(api.logs.filter((line) => line['level'] === 'error')).toEqual([]);
    }));

  it('that are too many at once close the socket', () =>
    withApi({}, async (api) => {
      const search = api.knowledge.search.bind(api.knowledge);
      api.knowledge.search = async (...args) => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return search(...args);
      };
      const client = await signedIn(api);
      for (let i = 0; i < 150; i += 1) client.send({ type: 'search_kb', query: 'tea' });
      expect((await client.closed).code).toBe(4002);
    }));

  it('that go on after they were refused for their number close it too', () =>
    withApi({}, async (api) => {
      const client = await signedIn(api);
      for (let i = 0; i < 60; i += 1) {
        if (client.socket.readyState !== 1) break;
        client.send({ type: 'search_kb', query: 'tea' });
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect((await client.closed).code).toBe(4002);
      expect(client.frames.filter((frame) => frame.type === 'searchResult')).toHaveLength(30);
    }));
});

describe('defects', () => {
  it('are one error frame and one line of the log, and the socket lives on', () =>
    withApi({}, async (api) => {
      api.services.search.search = () => Promise.reject(new Error('select secret failed'));
      const client = await signedIn(api);
      client.send({ type: 'search_kb', query: 'tea' });
      const error = await client.next('error');
      expect(error).toMatchObject({ code: 'INTERNAL_ERROR', recoverable: true });
      expect(JSON.stringify(error)).not.toContain('secret');
      expect(api.logs.filter((line) => line['level'] === 'error')).toHaveLength(1);
      client.send({ type: 'ping' });
      await client.next('pong');
    }));

  it('at the door close with 1011', () =>
    withApi({}, async (api) => {
      api.services.tokens.verify = () => Promise.reject(new Error('database gone'));
      const client = new SocketClient(`${api.wsUrl}/ws/chat`, { headers: { authorization: 'Bearer x' } });
      expect((await client.closed).code).toBe(1011);
    }));
});

describe('time', () => {
  it('ends the socket of a peer that is gone', () =>
    withApi({ tuning: { heartbeatMs: 40, silentMs: 150 } }, async (api) => {
      const alive = await signedIn(api);
      const dead = await signedIn(api);
      // Reads nothing any more: no pong goes out.
      const inner: unknown = Reflect.get(dead.socket, '_socket');
      if (inner instanceof Socket) inner.pause();
      await expect
        .poll(async () => (await api.call('/metrics')).text)
        .toContain('concierge_sockets_open{surface="chat"} 1');
      alive.send({ type: 'ping' });
      await alive.next('pong');
    }));

  it('ends the socket of a person who does nothing, however often the app pings', () =>
    withApi({ tuning: { heartbeatMs: 20, idleMs: 150 } }, async (api) => {
      const client = await signedIn(api);
      const timer = setInterval(() => client.send({ type: 'ping' }), 20);
      expect((await client.closed).code).toBe(1000);
      clearInterval(timer);
    }));
});

describe('a slow reader', () => {
  it('gets all of a large answer, and nothing piles up for it', () =>
    withApi({}, async (api) => {
      const client = await signedIn(api);
      const before = process.memoryUsage().rss;
      client.socket.pause();
      client.send({ type: 'user_message', message: 'flood' });
      await expect.poll(() => api.runs.running, { timeout: 10_000 }).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
      client.socket.resume();
      const end = await client.next('messageComplete');
      expect(end.total_length).toBe(20_000_000);
      const length = client.frames.reduce(
        (sum, frame) => sum + (frame.type === 'textStreamDelta' ? frame.delta.length : 0),
        0,
      );
      expect(length).toBe(20_000_000);
    }));

  it('that goes on asking is given up when 4 MiB wait for it', () =>
    withApi({}, async (api) => {
      const client = await signedIn(api);
      client.socket.pause();
      // The operating system takes some megabytes before anything waits here.
      for (let batch = 0; batch < 100; batch += 1) {
        for (let i = 0; i < 3000; i += 1) client.send('{"type":"ping"}');
        await new Promise((resolve) => setImmediate(resolve));
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
      client.socket.resume();
      expect((await client.closed).code).toBe(4008);
    }));
});

describe('shutting down', () => {
  it('lets answers arrive, then sends everybody away', () =>
    withApi({}, async (api) => {
      api.agent.pause = 20;
      const busy = await signedIn(api);
      const idle = await signedIn(api, await api.personToken(2));
      busy.send({ type: 'user_message', message: 'slow' });
      const delta = await busy.next('textStreamDelta');
      const closing = api.api.close(5000);
      expect((await idle.closed).code).toBe(1001);
      await expect(fetch(`${api.url}/health`)).rejects.toThrow();
      busy.send({ type: 'user_message', message: 'too late', client_message_id: 'late' });
      expect(await busy.next('error')).toMatchObject({
        code: 'UPSTREAM_UNAVAILABLE',
        details: { client_message_id: 'late' },
      });
      busy.send({ type: 'cancel_action', action_id: delta.run_id });
      expect((await busy.closed).code).toBe(1001);
      expect(busy.frames.at(-1)).toMatchObject({ type: 'stateUpdate', status: 'cancelled' });
      await closing;
    }));

  it('does not wait longer than it may', () =>
    withApi({}, async (api) => {
      const client = await signedIn(api);
      client.send({ type: 'user_message', message: 'slow' });
      await client.next('textStreamDelta');
      const started = Date.now();
      await api.api.close(200);
      expect(Date.now() - started).toBeLessThan(2000);
      expect((await client.closed).code).toBe(1001);
    }));
});
