// Runs a script or a tool of this repository on the Node version that it pins.
// Plain JavaScript without dependencies: it works on any Node >= 20, before anything is installed.
//   node scripts/run.mjs file.ts [args]          a TypeScript file of ours
//   node scripts/run.mjs --bin package[:bin] …   an installed tool
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const windows = process.platform === 'win32';

function fail(text) {
  console.error(text);
  process.exit(1);
}

if (!existsSync(join(root, 'node_modules'))) fail('The dependencies are not installed. Run: npm ci');

const pinned = join(root, 'node_modules/node/bin', windows ? 'node.exe' : 'node');
const node = Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : pinned;
if (!existsSync(node)) {
  fail(`Node 24 or later is needed, this is ${process.version}. Run: npm rebuild node`);
}

let args = process.argv.slice(2);
if (args[0] === '--bin') {
  const [name, bin] = (args[1] ?? '').split(':');
  const folder = join(root, 'node_modules', name);
  if (!existsSync(folder)) fail(`The package ${name} is not installed. Run: npm ci`);
  const declared = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).bin;
  const file = typeof declared === 'string' ? declared : declared[bin ?? name.split('/').at(-1)];
  args = [join(folder, file), ...args.slice(2)];
}

const child = spawn(node, args, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: dirname(node) + delimiter + process.env.PATH },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
