// All that must be true of this repository, in the order of what fails fastest. `npm test` and CI run this.
// With names of steps as arguments it runs only those: npm test -- format types
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startPostgres } from '../test/support/services/postgres.ts';
import { startRedis } from '../test/support/services/redis.ts';
import { missingSystemPackages } from './system-packages.ts';

const root = join(import.meta.dirname, '..');

interface Step {
  name: string;
  run: () => Promise<boolean>;
}

function script(name: string, npmScript = `check:${name}`): Step {
  return { name, run: () => npm(['run', '--silent', npmScript]) };
}

const steps: Step[] = [
  script('generated'),
  script('format'),
  script('types'),
  script('types:web'),
  script('lint'),
  script('imports'),
  script('unused'),
  { name: 'webapp', run: () => npm(['run', '--silent', 'build:webapp']) },
  { name: 'system', run: systemPackages },
  { name: 'tests', run: () => tests({}) },
  { name: 'tests:services', run: testsOnServices },
];

function npm(args: string[], environment: Record<string, string> = {}): Promise<boolean> {
  const child = spawn('npm', args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } });
  return new Promise((resolve) => child.on('close', (code) => resolve(code === 0)));
}

/** Chromium, Redis and PostgreSQL, which the tests start themselves. */
async function systemPackages(): Promise<boolean> {
  if (missingSystemPackages().length === 0) return true;
  return npm(['run', '--silent', 'setup:system']);
}

async function tests(environment: Record<string, string>): Promise<boolean> {
  const unit = await npm(['run', '--silent', 'test:unit'], environment);
  return (await npm(['run', '--silent', 'test:e2e'], environment)) && unit;
}

/** The same tests once more, on PostgreSQL and Redis instead of what is built in. */
async function testsOnServices(): Promise<boolean> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  try {
    return await tests({ TEST_DATABASE_URL: postgres.url, TEST_REDIS_URL: redis.url });
  } finally {
    await Promise.all([postgres.stop(), redis.stop()]);
  }
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. There are: ${steps.map((step) => step.name).join(', ')}`);
  process.exit(1);
}
const failed: string[] = [];
const chosen = steps.filter((step) => wanted.length === 0 || wanted.includes(step.name));
for (const step of chosen) {
  const started = performance.now();
  console.log(`\n▶ ${step.name}`);
  const passed = await step.run();
  if (!passed) failed.push(step.name);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${passed ? '✔' : '✖'} ${step.name} (${seconds} s)`);
}
if (failed.length > 0) console.error(`\nFailed: ${failed.join(', ')}`);
console.log(`\nChecks: ${chosen.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
