import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, it, vi } from 'vitest';

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Starts a service from a process of its own, which then comes to the given ending. */
async function startElsewhere(ending: string) {
  const script = `
    import { ServiceProcess } from './service-process.ts';
    import { mkdtempSync } from 'node:fs';
    import { tmpdir } from 'node:os';
    import { join } from 'node:path';
    const folder = mkdtempSync(join(tmpdir(), 'concierge-guarded-'));
    const service = await ServiceProcess.start({ program: 'sleep', args: ['600'], folder, stopSignal: 'SIGTERM' });
    console.log(JSON.stringify({ folder, ...service.pids }));
    ${ending}
  `;
  const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await once(owner.stdout, 'data');
  return { owner, ...JSON.parse(String(output)) };
}

it.each([
  ['is killed', 'setInterval(() => {}, 1000);'],
  ['forgets to stop it and has nothing left to do', ''],
  ['exits', 'process.exit(1);'],
])('ends a server and removes its folder when the process that started it %s', async (_, ending) => {
  const { owner, folder, server, guard } = await startElsewhere(ending);
  if (ending.includes('setInterval')) {
    expect(alive(server)).toBe(true);
    owner.kill('SIGKILL');
  }
  await vi.waitFor(
    () => expect([alive(server), alive(guard), existsSync(folder)]).toEqual([false, false, false]),
    {
      timeout: 20_000,
    },
  );
});
