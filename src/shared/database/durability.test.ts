import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { openDatabase } from './database.ts';

const numbers = { name: 'numbers', up: 'create table numbers (n int primary key)' };

it('keeps every acknowledged commit when the process is killed', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'concierge-killed-'));
  const script = `
    const { openDatabase } = await import(${JSON.stringify(new URL('./database.ts', import.meta.url).href)});
    const options = ${JSON.stringify({ dataDir, entities: [], migrations: [numbers] })};
    const database = await openDatabase(options);
    for (let n = 0; ; n++) {
      await database.transaction(() => database.query('insert into numbers values ($1)', [n]));
      console.log(n);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let acknowledged = -1;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    if (acknowledged === 300) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');

  const database = await openDatabase({ dataDir, entities: [], migrations: [numbers] });
  const [row] = await database.query<{ count: number }>('select count(*) from numbers');
  await database.close();
  expect(acknowledged).toBeGreaterThanOrEqual(300);
  // The one more was committed, but not told any more.
  expect([acknowledged + 1, acknowledged + 2]).toContain(row?.count);
  await rm(dataDir, { recursive: true });
});
