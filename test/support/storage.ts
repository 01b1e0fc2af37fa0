// Where a started app keeps its data in a test: what is built in, or the services that the caller of the tests names
// in TEST_DATABASE_URL and TEST_REDIS_URL. Each call is a fresh place.
import { Redis } from 'ioredis';
import { createTestDatabase } from '../../src/shared/database/test-database.ts';

export interface Storage {
  /** For the app's environment; empty for what is built in. */
  environment: Record<string, string>;
  remove(): Promise<void>;
}

export async function freshStorage(): Promise<Storage> {
  const server = process.env['TEST_DATABASE_URL'];
  const redisUrl = process.env['TEST_REDIS_URL'];
  if (!server || !redisUrl) return { environment: {}, remove: async () => undefined };
  const redis = new Redis(redisUrl);
  await redis.flushdb();
  redis.disconnect();
  const database = await createTestDatabase(server);
  return { environment: { DATABASE_URL: database.url, REDIS_URL: redisUrl }, remove: database.drop };
}
