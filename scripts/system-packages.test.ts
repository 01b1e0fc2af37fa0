import { expect, it } from 'vitest';
import { installCommands, missingSystemPackages } from './system-packages.ts';

it('finds nothing missing where the tests run, since they start all of it', () => {
  expect(missingSystemPackages()).toEqual([]);
});

it('reports what the search path does not have', () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '';
  try {
    expect(missingSystemPackages().map(({ name }) => name)).toContain('Redis server');
  } finally {
    process.env['PATH'] = path;
  }
});

it('names one command for each package manager, with the missing packages only', () => {
  const redis = {
    name: 'Redis server' as const,
    debian: ['redis-server'],
    fedora: ['valkey'],
    macos: ['redis'],
  };
  expect(installCommands([redis])).toEqual({
    debian: 'sudo apt-get update && sudo apt-get install -y --no-install-recommends redis-server',
    fedora: 'sudo dnf install -y valkey',
    macos: 'brew install redis',
  });
});
