import { expect, it } from 'vitest';
import { startApi } from '../testing/start-api.ts';

it('is healthy, and says what it stands on', async () => {
  const api = await startApi();
  const answer = await api.call('/health');
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({
    status: 'healthy',
    dependencies: { database: 'healthy', session_store: 'healthy', telegram: 'disabled' },
  });
  expect((await api.call('/health/ready')).status).toBe(200);
  await api.stop();
});

it('is alive but not ready without its database', async () => {
  const api = await startApi({ db: { ping: () => Promise.reject(new Error('gone')), kind: 'memory' } });
  expect((await api.call('/health/live')).status).toBe(200);
  expect((await api.call('/health')).json).toMatchObject({
    status: 'unhealthy',
    dependencies: { database: 'unhealthy' },
  });
  expect((await api.call('/health/ready')).status).toBe(503);
  await api.stop();
});

it('shows its figures to this machine and to holders of the internal key only', async () => {
  const api = await startApi();
  await api.call('/api/app-config');
  const direct = await api.call('/metrics');
  expect(direct.status).toBe(200);
  expect(direct.text).toContain(
    'concierge_http_request_seconds_count{method="GET",route="/api/app-config",status="200"} 1',
  );
  const forwarded = { 'x-forwarded-for': '127.0.0.1' };
  expect((await api.call('/metrics', { headers: forwarded })).status).toBe(403);
  expect((await api.call('/metrics', { headers: forwarded, token: 'k'.repeat(32) })).status).toBe(200);
  expect((await api.call('/metrics', { token: 'wrong' })).status).toBe(403);
  await api.stop();
});
