import { Api } from 'grammy';
import type { Update } from 'grammy/types';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogger } from '#shared/observability/logger.ts';
import { MemorySessionStore } from '#shared/session-store/memory-session-store.ts';
import { closeAll, startPlayground, TOKEN } from '../../../playground/testing.ts';
import { Poller } from './poller.ts';

let store: MemorySessionStore;
const pollers: Poller[] = [];
beforeEach(() => {
  store = new MemorySessionStore();
});
afterEach(async () => {
  for (const poller of pollers.splice(0)) await poller.stop();
  await closeAll();
  await store.close();
});

function poll(url: string, accept: (updates: Update[]) => Promise<void>, lines: string[] = []): Poller {
  const poller = new Poller(
    {
      api: new Api(TOKEN, { apiRoot: url }),
      inbox: { accept: (updates) => accept([...updates]) },
      store,
      logger: createLogger('info', { write: (line: string) => void lines.push(line) }),
      botId: 4242,
    },
    { timeoutSeconds: 1, leaseMs: 300, maxPauseMs: 50 },
  );
  poller.start();
  pollers.push(poller);
  return poller;
}

it('confirms an update only after it was written down', async () => {
  const { playground, ann, url } = await startPlayground();
  const seen: string[] = [];
  let broken = true;
  poll(url, async (updates) => {
    if (updates.length > 0 && broken) {
      broken = false;
      throw new Error('The database is away');
    }
    seen.push(...updates.map(({ message }) => message?.text ?? ''));
  });
  ann.send(playground.bot, 'keep me');
  await playground.waitFor(() => playground.pendingUpdates.length === 0);
  expect(seen).toEqual(['keep me']);
});

it('asks for every kind of update that the bot uses', async () => {
  const { playground, ann, url } = await startPlayground();
  const kinds: string[] = [];
  poll(url, async (updates) => {
    for (const update of updates) kinds.push(...Object.keys(update).filter((key) => key !== 'update_id'));
  });
  ann.send(playground.bot, 'hi');
  ann.block();
  await expect.poll(() => kinds).toEqual(['message', 'my_chat_member']);
});

it('leaves polling to one instance, and takes over when that ends', async () => {
  const { playground, ann, url } = await startPlayground();
  const seen: string[] = [];
  const note = (who: string) => async (updates: Update[]) => {
    if (updates.length > 0) seen.push(who);
  };
  const first = poll(url, note('first'));
  ann.send(playground.bot, 'one');
  await expect.poll(() => seen).toEqual(['first']);
  poll(url, note('second'));
  ann.send(playground.bot, 'two');
  await expect.poll(() => seen).toEqual(['first', 'first']);
  await first.stop();
  ann.send(playground.bot, 'three');
  await expect.poll(() => seen, { timeout: 4000 }).toEqual(['first', 'first', 'second']);
});

it('goes on after errors, and stops for good at a token that is refused', async () => {
  const { playground, ann, url } = await startPlayground();
  playground.faults.add({ kind: 'server_error', method: 'getUpdates', times: 2 });
  const seen: string[] = [];
  poll(url, async (updates) => void seen.push(...updates.map(() => 'update')));
  ann.send(playground.bot, 'hi');
  await expect.poll(() => seen).toEqual(['update']);

  const lines: string[] = [];
  const refused = new Poller({
    api: new Api('4242:wrong-token', { apiRoot: url }),
    inbox: { accept: async () => {} },
    store: { lock: async () => ({ fence: 1, renew: async () => true, release: async () => {} }) },
    logger: createLogger('info', { write: (line: string) => void lines.push(line) }),
    botId: 1,
  });
  refused.start();
  await expect.poll(() => lines.join('')).toContain('BOT_TOKEN is not accepted');
  expect(lines.join('')).not.toContain('wrong-token');
  await refused.stop();
});
