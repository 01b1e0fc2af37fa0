import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderLock } from './folder-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'concierge-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Another process that takes the lock and keeps it until it is killed. */
async function otherOwner() {
  const script = `
    const { FolderLock } = await import(${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)});
    await FolderLock.take(${JSON.stringify(folder)});
    console.log('taken');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

it('keeps a second owner out and names the first', async () => {
  const child = await otherOwner();
  await expect(FolderLock.take(folder)).rejects.toMatchObject({
    code: 'database_folder_in_use',
    message: expect.stringContaining(`process ${child.pid}`),
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
});

it('takes over from an owner that was killed', async () => {
  const child = await otherOwner();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = await FolderLock.take(folder);
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
});

it('takes over when the pid of the dead owner belongs to another process by now', async () => {
  const lock = await FolderLock.take(folder);
  const path = join(folder, 'lock');
  const holder = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  await lock.release();
  await writeFile(path, JSON.stringify({ ...holder, started: '1' }));
  await (await FolderLock.take(folder)).release();
});

it('takes over a file that a crash left empty', async () => {
  await writeFile(join(folder, 'lock'), '');
  await (await FolderLock.take(folder)).release();
});

it('believes an owner on another host as long as its heart beats', async () => {
  const path = join(folder, 'lock');
  await writeFile(path, JSON.stringify({ pid: 1, started: '', host: 'elsewhere', nonce: 'n' }));
  await expect(FolderLock.take(folder)).rejects.toMatchObject({ code: 'database_folder_in_use' });
  const { utimes } = await import('node:fs/promises');
  const before = new Date(Date.now() - 60_000);
  await utimes(path, before, before);
  await (await FolderLock.take(folder)).release();
});

it('has one winner when many find the same dead owner', async () => {
  for (let round = 0; round < 20; round++) {
    await writeFile(join(folder, 'lock'), '');
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => FolderLock.take(folder)));
    const won = tries.filter((attempt) => attempt.status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const attempt of won) await attempt.value.release();
    expect(await readdir(folder)).toEqual([]);
  }
});
