import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { closeAll, startPlayground } from '../testing.ts';

afterEach(closeAll);

/** fetch does not let the Host be chosen. */
async function statusFor(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    request(url, { headers }, (res) => {
      res.resume();
      resolve(res.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

const post = async (url: string, body: unknown, headers = {}) =>
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

test('only pages and programs of this machine are served', async () => {
  const { url } = await startPlayground();
  const page = `${url}/playground`;
  expect(await statusFor(page, { host: 'localhost:8080' })).toBe(200);
  expect(await statusFor(page, { host: '[::1]:8080' })).toBe(200);
  expect(await statusFor(page, { host: 'evil.example' })).toBe(403);
  expect(await statusFor(page, { host: 'localhost', origin: 'https://evil.example' })).toBe(403);
  expect(await statusFor(page, { host: 'localhost', origin: 'null' })).toBe(403);
  expect(await statusFor(`${url}/bot4242:test-token/getMe`, { host: 'evil.example' })).toBe(403);
});

test('the page and its parts are served with a strict policy, and nothing else of the folder', async () => {
  const { url } = await startPlayground();
  const page = await fetch(`${url}/playground/`);
  const html = await page.text();
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  expect(html).not.toMatch(/<style|style="|<script>|onclick=/u);
  const parts = [...html.matchAll(/(?:src|href)="(\/playground\/[^"]+)"/gu)].map((match) => match[1]);
  expect(parts.length).toBeGreaterThan(2);
  for (const part of parts) expect((await fetch(url + part)).status).toBe(200);
  for (const other of ['../telegram.ts', '%2e%2e/telegram.ts', 'telegram.ts', 'nothing.js']) {
    expect((await fetch(`${url}/playground/${other}`)).status).toBe(404);
  }
});

test('the page shows each person their own chats and commands in their language', async () => {
  const { playground, bot, ann, bob, url } = await startPlayground();
  playground.addGroup({ title: 'Team', members: [ann.person] });
  await bot.api.setMyCommands([{ command: 'start', description: 'Begin' }]);
  await bot.api.setMyCommands([{ command: 'start', description: 'Anfangen' }], { language_code: 'de' });
  ann.send(playground.bot, 'secret of Ann');
  const read = async (as: string) => await (await fetch(`${url}/playground/api/state?as=${as}`)).text();
  expect(await read('ann')).toContain('secret of Ann');
  expect(await read('ann')).toContain('Begin');
  expect(await read('bob')).not.toContain('secret of Ann');
  expect(await read('bob')).toContain('Anfangen');
  expect(bob.person.language_code).toBe('de');
});

test('a person at the page writes, and longer texts are split as clients do', async () => {
  const { playground, ann, url } = await startPlayground();
  const send = (body: object) => post(`${url}/playground/api/send?as=ann`, { chat: ann.person.id, ...body });
  expect((await send({ text: 'Hello' })).status).toBe(200);
  await send({ text: `${'x'.repeat(4095)}😀tail` });
  expect(playground.messages(ann.person).map((message) => message.text?.length)).toEqual([5, 4095, 6]);
  expect((await send({ text: '  ' })).status).toBe(400);
  expect((await send({ chat: -1, text: 'x' })).status).toBe(400);
  const plain = await post(
    `${url}/playground/api/send?as=ann`,
    { text: 'x' },
    { 'content-type': 'text/plain' },
  );
  expect(plain.status).toBe(400);
});

test('the event stream tells a person what happens in their chats only', async () => {
  const { playground, bot, ann, bob, url } = await startPlayground();
  const stream = await fetch(`${url}/playground/api/events?as=bob`);
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  ann.send(playground.bot, 'for Ann only');
  bob.send(playground.bot, 'for Bob');
  await bot.api.raw.sendMessageDraft({ chat_id: bob.person.id, draft_id: 1, text: 'Let me' });
  let text = '';
  while (!text.includes('Let me')) text += (await reader?.read())?.value ?? '';
  await reader?.cancel();
  expect(text).toContain('event: hello');
  expect(text).toContain('for Bob');
  expect(text).toContain('event: draft');
  expect(text).not.toContain('for Ann only');
});
