import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { silentLogger } from '../database-logger.ts';
import { EmbeddedServer } from './embedded-server.ts';

it('a cache that cannot be used costs time, but is no error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'concierge-cache-'));
  await writeFile(join(folder, 'file'), '');
  const server = await EmbeddedServer.start({
    dataDir: undefined,
    logger: silentLogger,
    templateFile: join(folder, 'file', 'template.tar.gz'),
  });
  expect(await server.ping(2_000)).toBe(true);
  await server.close();
  await rm(folder, { recursive: true });
});
