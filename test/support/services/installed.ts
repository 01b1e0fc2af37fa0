// Where this machine keeps the programs that tests start. Nothing is run to find out.
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function onPath(names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(executable);
}

/** Folders like /usr/lib/postgresql/15/bin, newest version first; none when the parent is missing. */
function versions(parent: string, below: string): string[] {
  try {
    return readdirSync(parent)
      .sort((a, b) => Number.parseFloat(b) - Number.parseFloat(a))
      .map((version) => join(parent, version, below));
  } catch {
    return [];
  }
}

export function findRedisServer(): string | undefined {
  return onPath(['redis-server', 'valkey-server']);
}

/** The folder with `postgres`, `initdb` and the client programs. Debian keeps it off the PATH. */
export function findPostgresBin(): string | undefined {
  const homebrew = ['/opt/homebrew/opt', '/usr/local/opt'].flatMap((opt) =>
    [18, 17, 16, 15].map((version) => join(opt, `postgresql@${version}`, 'bin')),
  );
  const folders = [
    ...versions('/usr/lib/postgresql', 'bin'),
    ...homebrew,
    ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean),
  ];
  return folders.find((folder) =>
    ['postgres', 'initdb', 'pg_isready', 'createdb'].every((program) => executable(join(folder, program))),
  );
}

export function findChromium(): string | undefined {
  const bundle = '/Applications/Chromium.app/Contents/MacOS/Chromium';
  const chrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  return (
    onPath(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) ??
    [bundle, chrome].find(executable)
  );
}

/** @throws Error that says how to get the program */
export function installed(name: string, found: string | undefined): string {
  if (found) return found;
  throw new Error(`${name} is not installed. Run: node scripts/run.mjs scripts/system-packages.ts --install`);
}
