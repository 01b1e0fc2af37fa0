// Files that are made from code: `npm run generate` writes them, `--check` fails when they are out of date.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { envExample } from '../src/shared/config/env-example.ts';

const root = join(import.meta.dirname, '..');
const check = process.argv.includes('--check');
const files: Record<string, () => string | Promise<string>> = {
  '.env.example': envExample,
};

for (const [name, make] of Object.entries(files)) {
  const file = join(root, name);
  const wanted = await make();
  const present = await readFile(file, 'utf8').catch(() => '');
  if (present === wanted) continue;
  if (check) {
    console.error(`${name} is out of date. Run: npm run generate`);
    process.exitCode = 1;
  } else {
    await writeFile(file, wanted);
    console.log(`${name} written`);
  }
}
