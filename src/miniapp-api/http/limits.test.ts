import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionStoreError } from '#shared/session-store/errors.ts';
import { MemorySessionStore } from '#shared/session-store/memory-session-store.ts';
import type { TokenVerdict } from '#shared/session-store/session-store.ts';
import { type RunningApi, startApi } from '../testing/start-api.ts';
import { limits } from './limits.ts';

/** A store whose server is gone. */
class DeadStore extends MemorySessionStore {
  override async takeTokens(): Promise<TokenVerdict> {
    throw SessionStoreError.unavailable('gone');
  }
}

async function callUntilRefused(api: RunningApi, path: string, headers: Record<string, string>) {
  for (let calls = 0; calls < 1000; calls += 1) {
    const answer = await api.call(path, { headers });
    if (answer.status === 429) return { calls, answer };
  }
  throw new Error('was never refused');
}

describe('rate limits', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startApi({ environment: { TRUSTED_PROXIES: '127.0.0.1' } });
  });
  afterAll(() => api.stop());

  it('are told with every answer', async () => {
    const { headers } = await api.call('/api/catalog', { headers: { 'x-forwarded-for': '192.0.2.1' } });
    expect(headers.get('x-ratelimit-limit')).toBe('20');
    expect(headers.get('x-ratelimit-remaining')).toBe('19');
    const reset = Number(headers.get('x-ratelimit-reset'));
    expect(reset).toBeGreaterThanOrEqual(Math.floor(Date.now() / 1000));
    expect(reset).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) + 60);
  });

  it('refuse with the time to wait', async () => {
    const { calls, answer } = await callUntilRefused(api, '/api/catalog', { 'x-forwarded-for': '192.0.2.2' });
    expect(calls).toBe(limits.catalog.anonymous);
    expect(answer.json).toMatchObject({
      error: 'RATE_LIMIT_EXCEEDED',
      details: { limit: 20, window: 60, retry_after: 3 },
    });
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(answer.headers.get('x-ratelimit-remaining')).toBe('0');
  });

  it('count a person wherever they call from', async () => {
    const token = await api.personToken();
    let refused = 0;
    for (let i = 0; i < limits.profile.person + 5; i += 1) {
      const answer = await api.call('/api/profile', {
        token,
        headers: { 'x-forwarded-for': `192.0.3.${i}` },
      });
      if (answer.status === 429) refused += 1;
    }
    expect(refused).toBeGreaterThanOrEqual(4);
  });

  it('count an address whatever its visitors call themselves', async () => {
    let accepted = 0;
    for (let guest = 0; guest < 8; guest += 1) {
      const token = await api.guestToken();
      for (let i = 0; i < limits.search.guest; i += 1) {
        const answer = await api.call('/api/search', {
          token,
          body: { query: 'tea' },
          headers: { 'x-forwarded-for': '192.0.2.9' },
        });
        if (answer.status === 200) accepted += 1;
      }
    }
    expect(accepted).toBeLessThanOrEqual(limits.search.guest * 5 + 2);
  });

  it('slow down guessing of tokens', async () => {
    const guess = { authorization: 'Bearer guess', 'x-forwarded-for': '192.0.2.10' };
    const { calls } = await callUntilRefused(api, '/api/profile', guess);
    expect(calls).toBeGreaterThanOrEqual(limits.refused.anonymous);
    expect(calls).toBeLessThan(limits.refused.anonymous + 5);
  });

  it('believe nobody about an address but the proxies', async () => {
    const open = await startApi();
    const { calls } = await callUntilRefused(open, '/api/catalog', {});
    const forged = await open.call('/api/catalog', { headers: { 'x-forwarded-for': '203.0.113.77' } });
    expect(calls).toBe(limits.catalog.anonymous);
    expect(forged.status).toBe(429);
    await open.stop();
  });

  it('go on while the store is down', async () => {
    const down = await startApi({ store: new DeadStore() });
    const { calls } = await callUntilRefused(down, '/api/catalog', {});
    expect(calls).toBe(limits.catalog.anonymous);
    await down.stop();
  });
});
