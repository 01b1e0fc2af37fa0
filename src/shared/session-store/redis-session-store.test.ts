import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/support/services/redis.ts';
import { describeSessionStore } from './conformance.ts';
import { RedisSessionStore } from './redis-session-store.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

describeSessionStore('RedisSessionStore', async () => ({
  store: await RedisSessionStore.connect(redis.url, { keyPrefix: 'conformance:' }),
  passTime: (ms) => sleep(ms),
}));
