// How long `npm start` takes until the service is ready, and what it needs when nobody uses it.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApp, temporaryFolder } from '../test/support/app.ts';
import type { Figure } from './run.ts';

const root = join(import.meta.dirname, '..');
const rounds = 3;

/** First start: nothing is built, no template of the database is cached, the data folder is empty. */
export async function start(): Promise<Figure[]> {
  const first: number[] = [];
  const later: number[] = [];
  const memory: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const folder = await temporaryFolder();
    await rm(join(root, 'webapp/dist'), { recursive: true, force: true });
    await rm(join(root, 'node_modules/.cache/concierge'), { recursive: true, force: true });
    for (const values of [first, later]) {
      const begun = performance.now();
      const app = await startApp({ entry: 'scripts/start.ts', dataDir: folder.path });
      values.push((performance.now() - begun) / 1000);
      if (values === later) {
        await sleep(20_000);
        memory.push(await residentMegabytes(app.pid));
      }
      await app.stop();
    }
    await folder.remove();
  }
  return [
    { name: 'First start until ready', values: first, unit: 's', bar: 10 },
    { name: 'Later start until ready', values: later, unit: 's', bar: 4 },
    {
      name: 'Idle memory with the embedded database and the playground',
      values: memory,
      unit: 'MB',
      bar: 400,
    },
  ];
}

/** Resident memory of the process in megabytes (10^6 bytes), as Linux counts it. */
async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / 1e6;
}
