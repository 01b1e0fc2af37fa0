import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Update } from 'grammy/types';
import { afterEach, expect, test } from 'vitest';
import { closeAll, startPlayground } from '../testing.ts';

afterEach(closeAll);

/** A webhook that answers the given statuses in turn, then 200. */
async function startReceiver(statuses: number[]) {
  const got: { update: Update; secret: string | undefined }[] = [];
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (part: Buffer) => (body += part.toString()));
    req.on('end', () => {
      const secret = req.headers['x-telegram-bot-api-secret-token'];
      got.push({ update: JSON.parse(body) as Update, secret: String(secret) });
      res.writeHead(statuses.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook`, got, close: () => server.close() };
}

test('a webhook gets updates with its secret, again until it answers 2xx', async () => {
  const { playground, bot, ann } = await startPlayground({ webhookRetryMs: 20 });
  const receiver = await startReceiver([500, 404]);
  ann.send(playground.bot, 'waiting');
  await bot.api.setWebhook(receiver.url, { secret_token: 'quiet_Word-1' });
  ann.send(playground.bot, 'second');
  await playground.waitFor(() => playground.pendingUpdates.length === 0);
  receiver.close();
  expect(receiver.got.map(({ update }) => update.message?.text)).toEqual([
    'waiting',
    'waiting',
    'waiting',
    'second',
  ]);
  expect(new Set(receiver.got.map(({ secret }) => secret))).toEqual(new Set(['quiet_Word-1']));
  expect(new Set(receiver.got.slice(0, 3).map(({ update }) => update.update_id)).size).toBe(1);
  const info = await bot.api.getWebhookInfo();
  expect(info).toMatchObject({
    url: receiver.url,
    pending_update_count: 0,
    last_error_message: 'Wrong response from the webhook: 404 Not Found',
  });
});

test('polling and a webhook exclude each other', async () => {
  const { bot } = await startPlayground();
  const receiver = await startReceiver([]);
  await bot.api.setWebhook(receiver.url);
  await expect(bot.api.getUpdates({ timeout: 0 })).rejects.toThrow(
    "409: Conflict: can't use getUpdates method while webhook is active",
  );
  await bot.api.deleteWebhook();
  expect(await bot.api.getUpdates({ timeout: 0 })).toEqual([]);
  receiver.close();
});

test('webhooks elsewhere and secrets of other characters are refused', async () => {
  const { bot } = await startPlayground();
  await expect(bot.api.setWebhook('https://example.org/hook')).rejects.toThrow('loopback');
  await expect(bot.api.setWebhook('ftp://localhost/x')).rejects.toThrow(
    'An HTTPS URL must be provided for webhook',
  );
  await expect(bot.api.setWebhook('http://localhost/x', { secret_token: 'a b' })).rejects.toThrow(
    'unallowed characters',
  );
});
