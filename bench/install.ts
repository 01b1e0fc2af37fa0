// What `npm ci` costs on an empty cache, in a copy of the repository's package files.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../test/support/app.ts';
import type { Figure } from './run.ts';

const root = join(import.meta.dirname, '..');

export async function install(): Promise<Figure[]> {
  const folder = await temporaryFolder();
  try {
    for (const file of ['package.json', 'package-lock.json'])
      await cp(join(root, file), join(folder.path, file));
    const begun = performance.now();
    const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--cache', join(folder.path, 'cache')], {
      cwd: folder.path,
      stdio: 'ignore',
    });
    const [code] = await once(npm, 'exit');
    if (code !== 0) throw new Error(`npm ci ended with ${code}`);
    const seconds = (performance.now() - begun) / 1000;
    const { stdout } = await promisify(execFile)('du', ['-sk', join(folder.path, 'node_modules')]);
    const megabytes = (Number.parseInt(stdout, 10) * 1024) / 1e6;
    return [
      { name: 'npm ci with an empty cache', values: [seconds], unit: 's' },
      { name: 'Size of node_modules', values: [megabytes], unit: 'MB' },
    ];
  } finally {
    await folder.remove();
  }
}
