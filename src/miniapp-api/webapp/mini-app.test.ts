import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApi, startApi } from '../testing/start-api.ts';

let api: RunningApi;
const root = mkdtempSync(join(tmpdir(), 'mini-app-'));
const folder = join(root, 'dist');

beforeAll(async () => {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Concierge</title>');
  writeFileSync(join(folder, 'assets/app-3f2a.js'), 'console.log(1)');
  writeFileSync(join(root, 'secret.txt'), 'secret');
  api = await startApi({ webappDir: folder, environment: { PUBLIC_URL: 'https://concierge.example.org' } });
});
afterAll(async () => {
  await api.stop();
  rmSync(root, { recursive: true });
});

/** `fetch` would tidy the path up. */
function rawPath(path: string): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(api.url);
    request({ hostname, port, path }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += String(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    })
      .on('error', reject)
      .end();
  });
}

describe('the Mini App', () => {
  it('is where the root leads to, with the launch parameters', async () => {
    const answer = await api.call('/?tgWebAppStartParam=task');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/app/?tgWebAppStartParam=task']);
  });

  it('is the same page at every address inside it', async () => {
    for (const path of ['/app/', '/app/tasks/42', '/app/catalog?category=tech']) {
      const answer = await api.call(path);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-cache']);
      expect(answer.text).toContain('Concierge');
    }
    expect((await api.call('/app/assets/missing.js')).status).toBe(404);
  });

  it('may be framed by Telegram and itself only, and loads nothing from elsewhere', async () => {
    const { headers } = await api.call('/app/');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("frame-ancestors 'self' https://web.telegram.org https://*.telegram.org");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self' wss://concierge.example.org;");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-frame-options')).toBeNull();
  });

  it('has built files cached for ever, and asks again for the rest', async () => {
    const script = await api.call('/app/assets/app-3f2a.js');
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(script.headers.get('content-type')).toContain('text/javascript');
    const page = await api.call('/app/');
    const again = await api.call('/app/', { headers: { 'if-none-match': page.headers.get('etag') ?? '' } });
    expect([again.status, again.text]).toEqual([304, '']);
    const head = await api.call('/app/assets/app-3f2a.js', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), head.text]).toEqual([200, '14', '']);
  });

  it.each([
    '/app/../secret.txt',
    '/app/..%2fsecret.txt',
    '/app/%2e%2e/secret.txt',
    '/app/..\\secret.txt',
    '/app//etc/passwd',
    '/app/assets/../../../secret.txt',
    '/app/%00index.html',
    '/app/%c0%ae%c0%ae/secret.txt',
    '/app/%',
  ])('does not give out what is outside: %s', async (path) => {
    const { text } = await rawPath(path);
    expect(text).not.toContain('secret');
    expect(text).not.toContain('root:');
  });
});

describe('the documentation', () => {
  it('is a page without anything from elsewhere', async () => {
    const page = await api.call('/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(parts.length).toBeGreaterThanOrEqual(3);
    for (const part of parts) expect((await api.call(part)).status, part).toBe(200);
    expect((await api.call('/docs/package.json')).status).toBe(404);
  });

  it('shows the document of the routes', async () => {
    const { json } = await api.call('/openapi.json');
    expect(json).toMatchObject({ openapi: '3.1.1', servers: [{ url: 'https://concierge.example.org' }] });
    expect(Object.keys(json['paths'] as object)).toContain('/api/threads/{id}/messages');
  });
});
