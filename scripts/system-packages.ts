// What the tests need from the operating system beside npm packages: a browser, Redis and PostgreSQL, all of
// which they start themselves. Reports what is missing; with --install, installs it on Debian and Ubuntu.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findChromium, findPostgresBin, findRedisServer } from '../test/support/services/installed.ts';

export interface SystemPackage {
  name: 'Chromium' | 'Redis server' | 'PostgreSQL server';
  debian: string[];
  fedora: string[];
  macos: string[];
}

const PACKAGES: (SystemPackage & { find: () => string | undefined })[] = [
  {
    name: 'Chromium',
    find: findChromium,
    debian: ['chromium', 'fonts-noto-color-emoji'],
    fedora: ['chromium', 'google-noto-color-emoji-fonts'],
    macos: ['--cask chromium'],
  },
  {
    name: 'Redis server',
    find: findRedisServer,
    debian: ['redis-server'],
    fedora: ['valkey'],
    macos: ['redis'],
  },
  {
    name: 'PostgreSQL server',
    find: findPostgresBin,
    debian: ['postgresql'],
    fedora: ['postgresql-server'],
    macos: ['postgresql@17'],
  },
];

/** Looks at files only: takes a millisecond and starts nothing. Empty when everything is there. */
export function missingSystemPackages(): SystemPackage[] {
  return PACKAGES.filter(({ find }) => find() === undefined);
}

/** One command for each package manager. */
export function installCommands(
  missing: readonly SystemPackage[],
): Record<'debian' | 'fedora' | 'macos', string> {
  const debian = missing.flatMap((entry) => entry.debian).join(' ');
  const fedora = missing.flatMap((entry) => entry.fedora).join(' ');
  const macos = missing.flatMap((entry) => entry.macos).map((formula) => `brew install ${formula}`);
  return {
    debian: `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${debian}`,
    fedora: `sudo dnf install -y ${fedora}`,
    macos: macos.join(' && '),
  };
}

function succeeds(program: string, args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

/** How to become root without being asked for a password: an empty list when we are, undefined when we can't. */
function rootPrefix(): string[] | undefined {
  if (process.getuid?.() === 0) return [];
  return succeeds('sudo', ['-n', 'true']) ? ['sudo', '-n'] : undefined;
}

function asRoot(prefix: readonly string[], command: string[]): boolean {
  const [program = '', ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command];
  return spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

/** Debian's package makes and starts a cluster on port 5432, which nobody here needs. */
function withoutMainCluster(prefix: readonly string[]): void {
  const folder = '/etc/postgresql-common';
  if (existsSync(`${folder}/createcluster.conf`)) return;
  const write = `mkdir -p ${folder} && echo 'create_main_cluster = false' > ${folder}/createcluster.conf`;
  asRoot(prefix, ['sh', '-c', write]);
}

function installOnDebian(missing: readonly SystemPackage[]): void {
  const prefix = succeeds('apt-get', ['--version']) ? rootPrefix() : undefined;
  if (!prefix) return;
  if (missing.some(({ name }) => name === 'PostgreSQL server')) withoutMainCluster(prefix);
  const packages = missing.flatMap((entry) => entry.debian);
  asRoot(prefix, ['apt-get', 'update']);
  asRoot(prefix, ['apt-get', 'install', '-y', '--no-install-recommends', ...packages]);
}

function main(args: readonly string[]): number {
  const missing = missingSystemPackages();
  if (missing.length === 0) {
    console.log('Chromium, Redis and PostgreSQL are installed.');
    return 0;
  }
  console.log(`Not installed: ${missing.map(({ name }) => name).join(', ')}.`);
  if (args.includes('--install')) installOnDebian(missing);
  const left = missingSystemPackages();
  if (left.length === 0) {
    console.log('Installed.');
    return 0;
  }
  const { debian, fedora, macos } = installCommands(left);
  console.log(
    `Install with\n  Debian, Ubuntu  ${debian}\n  Fedora          ${fedora}\n  macOS           ${macos}`,
  );
  return 1;
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));
