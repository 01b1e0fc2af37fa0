import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildWebapp } from './build-webapp.ts';

const dist = join(import.meta.dirname, '../webapp/dist');
let page: string;

beforeAll(async () => {
  await buildWebapp({ force: true });
  page = await readFile(join(dist, 'index.html'), 'utf8');
});

describe('the built Mini App', () => {
  it('is not built again while its sources are the same', async () => {
    expect(await buildWebapp()).toMatchObject({ built: false });
  });

  it('loads less than 150 KiB of compressed JavaScript at first', async () => {
    const scripts = [...page.matchAll(/(?:src|href)="\/app\/(assets\/[^"]+\.js)"/g)].map(
      (match) => match[1] ?? '',
    );
    expect(scripts.length).toBeGreaterThan(0);
    const sizes = await Promise.all(
      scripts.map(async (name) => gzipSync(await readFile(join(dist, name))).length),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150 * 1024);
  });

  it('has no script or style in the page, and none that make code from text', async () => {
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=/i);
    for (const [, attributes, body] of page.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
      expect(attributes).toContain('src=');
      expect(body).toBe('');
    }
    for (const name of await readdir(join(dist, 'assets'))) {
      if (!name.endsWith('.js')) continue;
      expect(await readFile(join(dist, 'assets', name), 'utf8')).not.toMatch(/\beval\(|new Function\(/);
    }
  });

  it('asks no other host for anything', async () => {
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    for (const name of await readdir(join(dist, 'assets'))) {
      if (name.endsWith('.css'))
        expect(await readFile(join(dist, 'assets', name), 'utf8')).not.toMatch(
          /url\(\s*["']?https?:|@import/,
        );
    }
  });
});
