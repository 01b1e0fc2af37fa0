// Does what docs/recipes.md says, in a copy of the sources, so that the recipes cannot rot.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
/** Inside of the repository, so that packages are found; ignored by everything else. */
const scratch = join(root, '.vitest');
/** A fenced block with its language and the words after it. */
const fence = /^```(?<kind>ts|diff|xml|text) (?<heading>\S.*)\n(?<body>[\s\S]*?)^```$/gm;

interface Block {
  kind: string;
  heading: string;
  body: string;
}

let blocks: Block[];
let tree: string;

beforeAll(async () => {
  const text = await readFile(join(root, 'docs/recipes.md'), 'utf8');
  blocks = [...text.matchAll(fence)].map(({ groups }) => {
    const { kind = '', heading = '', body = '' } = groups ?? {};
    return { kind, heading, body };
  });
  tree = await copyOf(['src', 'scripts', 'playground', 'test', 'bench', 'package.json']);
});
afterAll(() => rm(tree, { recursive: true, force: true }));

describe('The recipes', () => {
  it('are all headed by a path, so that nothing stands there unchecked', async () => {
    const text = await readFile(join(root, 'docs/recipes.md'), 'utf8');
    const fences = text.match(/^```\S.*$/gm) ?? [];
    expect(fences).toHaveLength(blocks.length);
    expect(blocks.filter(({ kind }) => kind === 'ts').length).toBeGreaterThan(10);
  });

  it('fit the files that they change', async () => {
    for (const { kind, heading, body } of blocks) {
      if (kind === 'text' || heading.includes(' ')) continue;
      const file = join(tree, heading);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, kind === 'diff' ? changed(await readFile(file, 'utf8'), body, heading) : body, {
        flag: kind === 'diff' ? 'w' : 'wx',
      });
    }
  });

  it('compile', async () => {
    await writeFile(join(tree, 'tsconfig.json'), configuration('../../tsconfig.json', ['src', 'scripts']));
    const { output, code } = await run(['--bin', 'typescript:tsc', '-p', tree]);
    expect(output).toBe('');
    expect(code).toBe(0);
  });

  it('pass their tests', async () => {
    const tests = blocks.flatMap(({ heading }) => (heading.endsWith('.test.ts') ? [heading] : []));
    expect(tests.length).toBeGreaterThan(5);
    const vitest = ['--bin', 'vitest', 'run', '--root', tree, '--testTimeout', '60000'];
    const { output, code } = await run([...vitest, ...tests, 'src/entities.test.ts']);
    expect(code, output).toBe(0);
    expect(output).toMatch(new RegExp(`Test Files +${tests.length + 1} passed`));
  });

  it('fill a knowledge base, and again', async () => {
    const script = join(tree, 'scripts/import-notes.ts');
    const environment = { DATA_DIR: join(tree, 'data'), DATABASE_URL: '' };
    const first = await run([script], environment);
    expect(first.output, first.output).toMatch(/^The knowledge base \S+ is up to date$/m);
    expect(await run([script], environment)).toEqual(first);
  });

  it('name every file that a new language needs', async () => {
    const other = await copyOf(['src', 'webapp/src', 'webapp/vite.config.ts', 'package.json']);
    try {
      const [change] = blocks.filter(({ heading }) => heading === 'language src/shared/language.ts');
      const file = join(other, 'src/shared/language.ts');
      await writeFile(file, changed(await readFile(file, 'utf8'), change?.body ?? '', 'language.ts'));
      await writeFile(join(other, 'tsconfig.json'), configuration('../../tsconfig.json', ['src']));
      await writeFile(
        join(other, 'webapp/tsconfig.json'),
        configuration('../../../webapp/tsconfig.json', ['src', 'vite.config.ts']),
      );
      const outputs = await Promise.all(
        [other, join(other, 'webapp')].map((folder) => run(['--bin', 'typescript:tsc', '-p', folder])),
      );
      const named = outputs.flatMap(({ output }) =>
        [...output.matchAll(/^\.vitest\/[^/]+\/(\S+?)\(/gm)].map((match) => match[1] ?? ''),
      );
      const isTestCode = (name: string) => /\.test\.ts|\/testing\//.test(name);
      expect([...new Set(named)].filter((name) => !isTestCode(name)).sort()).toEqual(
        listed('needs-language'),
      );
      for (const name of listed('chooses-language')) {
        expect((await readFile(join(root, name), 'utf8')).includes("'ru'"), name).toBe(true);
      }
    } finally {
      await rm(other, { recursive: true, force: true });
    }
  });
});

function listed(heading: string): string[] {
  const block = blocks.find((each) => each.kind === 'text' && each.heading === heading);
  return (block?.body.trim().split('\n') ?? []).sort();
}

async function copyOf(parts: readonly string[]): Promise<string> {
  await mkdir(scratch, { recursive: true });
  const folder = await mkdtemp(join(scratch, 'recipes-'));
  for (const part of parts) await cp(join(root, part), join(folder, part), { recursive: true });
  return folder;
}

function configuration(base: string, include: readonly string[]): string {
  return JSON.stringify({ extends: base, include, exclude: [] });
}

/**
 * The text after a change: hunks parted by `@@`, each of lines that are there (` ` and `-`) and of lines that come
 * (`+`). Throws unless the present lines of a hunk stand together at exactly one place.
 */
function changed(text: string, change: string, name: string): string {
  let lines = text.split('\n');
  for (const hunk of change.trimEnd().split(/^@@\n/m)) {
    const marked = hunk.replace(/\n$/, '').split('\n');
    const present = marked.filter((line) => !line.startsWith('+')).map((line) => line.slice(1));
    const wanted = marked.filter((line) => !line.startsWith('-')).map((line) => line.slice(1));
    const places = lines.flatMap((_, at) =>
      present.every((line, offset) => lines[at + offset] === line) ? [at] : [],
    );
    const [place] = places;
    if (place === undefined || places.length > 1) {
      throw new Error(`${name} has ${places.length} places like this:\n${hunk}`);
    }
    lines = lines.toSpliced(place, present.length, ...wanted);
  }
  return lines.join('\n');
}

function run(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ code: number; output: string }> {
  const env = { ...process.env, NO_COLOR: '1', ...environment };
  return new Promise((resolve) => {
    const file = join(root, 'scripts/run.mjs');
    execFile(process.execPath, [file, ...args], { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr });
    });
  });
}
