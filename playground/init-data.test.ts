import { createPublicKey, verify } from 'node:crypto';
import { parse, validate } from '@telegram-apps/init-data-node';
import { afterEach, expect, test } from 'vitest';
import { closeAll, startPlayground, TOKEN } from './testing.ts';

afterEach(closeAll);

test('launch data passes the check of the official library', async () => {
  const { ann } = await startPlayground();
  const data = ann.signInitData();
  expect(() => validate(data, TOKEN, { expiresIn: 60 })).not.toThrow();
  expect(() => validate(data, '4242:other', { expiresIn: 60 })).toThrow();
  expect(() => validate(data.replace('Ann', 'Eve'), TOKEN, { expiresIn: 60 })).toThrow();
  expect(parse(data).user).toMatchObject({ id: ann.person.id, first_name: 'Ann', username: 'ann' });
});

test('launch data of a link tells its start parameter and its chat', async () => {
  const { playground, ann } = await startPlayground();
  const group = playground.addGroup({ title: 'Team', members: [ann.person] });
  const url = new URL(ann.openMiniApp({ startParam: 'task_7', chat: group, theme: { bg_color: '#ffffff' } }));
  const launch = new URLSearchParams(url.hash.slice(1));
  const data = new URLSearchParams(launch.get('tgWebAppData') ?? '');
  expect(data.get('start_param')).toBe('task_7');
  expect(data.get('chat_type')).toBe('supergroup');
  expect(url.searchParams.get('tgWebAppStartParam')).toBe('task_7');
  expect(JSON.parse(launch.get('tgWebAppThemeParams') ?? '')).toEqual({ bg_color: '#ffffff' });
  expect(() => validate(data.toString(), TOKEN, { expiresIn: 60 })).not.toThrow();
});

test('old launch data is refused as such', async () => {
  const { ann } = await startPlayground();
  const old = ann.signInitData({ authDate: Math.floor(Date.now() / 1000) - 600 });
  expect(() => validate(old, TOKEN, { expiresIn: 300 })).toThrow();
  expect(() => validate(old, TOKEN, { expiresIn: 900 })).not.toThrow();
});

test('the third-party signature is checked with the key of the playground', async () => {
  const { playground, ann } = await startPlayground();
  const pairs = new URLSearchParams(ann.signInitData());
  const signature = Buffer.from(pairs.get('signature') ?? '', 'base64url');
  pairs.delete('hash');
  pairs.delete('signature');
  const lines = [...pairs].map(([key, value]) => `${key}=${value}`).sort();
  const der = Buffer.concat([
    Buffer.from('302a300506032b6570032100', 'hex'),
    Buffer.from(playground.initDataPublicKey, 'hex'),
  ]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  expect(verify(null, Buffer.from(`4242:WebAppData\n${lines.join('\n')}`), key, signature)).toBe(true);
});
