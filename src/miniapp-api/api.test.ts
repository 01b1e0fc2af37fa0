import { afterEach, describe, expect, it } from 'vitest';
import { type RunningApi, type StartOptions, startApi } from './testing/start-api.ts';

const running: RunningApi[] = [];
async function start(options: StartOptions): Promise<RunningApi> {
  const api = await startApi(options);
  running.push(api);
  return api;
}
afterEach(async () => {
  for (const api of running.splice(0)) await api.stop();
});

describe('the webhook of Telegram', () => {
  it('is there only when somebody takes its updates', async () => {
    const api = await start({});
    expect((await api.call('/telegram/webhook', { body: {} })).status).toBe(404);
  });

  it('acknowledges what was accepted, refuses a wrong secret, and has failures sent again', async () => {
    const updates: unknown[] = [];
    const api = await start({
      webhook: async (secret, body) => {
        if (secret !== 'right') return 'unauthorized';
        updates.push(body);
        if (updates.length > 1) throw new Error('database gone');
        return 'accepted';
      },
    });
    const post = (secret: string, body: unknown) =>
      api.call('/telegram/webhook', { body, headers: { 'x-telegram-bot-api-secret-token': secret } });
    expect((await post('right', { update_id: 1 })).status).toBe(200);
    expect((await post('wrong', { update_id: 2 })).status).toBe(401);
    expect((await api.call('/telegram/webhook', { body: {} })).status).toBe(401);
    expect((await post('right', { update_id: 3 })).status).toBe(500);
    expect((await post('right', { text: 'x'.repeat(1024 * 1024) })).status).toBe(413);
    expect(updates).toEqual([{ update_id: 1 }, { update_id: 3 }]);
  });
});

describe('other web origins', () => {
  it('may call when they are on the list', async () => {
    const api = await start({ environment: { ALLOWED_ORIGINS: 'https://app.example' } });
    const preflight = (origin: string) =>
      api.call('/api/threads', {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        },
      });
    const allowed = await preflight('https://app.example');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(allowed.headers.get('access-control-allow-headers')).toContain('Authorization');
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    const answer = await api.call('/api/catalog', { headers: { origin: 'https://app.example' } });
    expect(answer.headers.get('access-control-expose-headers')).toContain('X-RateLimit-Remaining');
    const failure = await api.call('/nowhere', { headers: { origin: 'https://app.example' } });
    expect(failure.headers.get('access-control-allow-origin')).toBe('https://app.example');
  });
});

describe('what is mounted besides', () => {
  it('is asked first and answers as if it were alone', async () => {
    const api = await start({
      extra: (req, res) => {
        if (req.url !== '/playground') return false;
        res.end('mine');
        return true;
      },
    });
    const mine = await api.call('/playground');
    expect([mine.status, mine.text]).toEqual([200, 'mine']);
    expect(mine.headers.get('content-security-policy')).toBeNull();
    expect((await api.call('/health/live')).status).toBe(200);
    expect((await api.call('/nowhere')).status).toBe(404);
  });
});

describe('an address that is taken', () => {
  it('is reported by listen', async () => {
    const api = await start({});
    const { port } = new URL(api.url);
    await expect(startApi({ environment: { PORT: port } })).rejects.toThrow(/EADDRINUSE/);
  });
});

it('does not log clients that go away in the middle', async () => {
  const api = await start({});
  const token = await api.personToken();
  for (let i = 0; i < 20; i += 1) {
    const abort = new AbortController();
    const call = fetch(`${api.url}/api/agent/assistant`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        threadId: `t${i}`,
        runId: `r${i}`,
        messages: [{ id: 'm', role: 'user', content: 'slow' }],
      }),
      signal: abort.signal,
    });
    setTimeout(() => abort.abort(), i);
    await call.then((response) => response.text()).catch(() => undefined);
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(api.logs.filter((line) => line['level'] !== 'info')).toEqual([]);
});
