import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Notice } from '#shared/notifications/entities.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { NoticeSender } from './notice-sender.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A sender whose messages end when the test says so. */
function bench(count: number, group: (index: number) => string) {
  const due = Array.from({ length: count }, (_, index) => ({
    id: `n${index}`,
    subjectId: `t${index}`,
    targetKind: 'group',
    targetId: group(index),
    messageId: null,
    wantedRevision: 1,
    attempts: 1,
  })) as object[] as Notice[];
  const sent: string[] = [];
  const waiting: (() => void)[] = [];
  const shown: string[] = [];
  let claims: Notice[][] = [due];
  const api = {
    sendMessage: async (chatId: number, text: string) => {
      sent.push(`${chatId} ${text}`);
      await new Promise<void>((resolve) => void waiting.push(resolve));
      return { message_id: sent.length };
    },
  };
  const deps = {
    api,
    outbound: {
      inLane: async <T>(_: string, work: () => Promise<T>, hooks: { writing?: () => Promise<void> }) => {
        await hooks.writing?.();
        return work();
      },
    },
    services: {
      notices: {
        claimDue: async (limit: number) => {
          const [next = [], ...rest] = claims;
          const now = next.slice(0, limit);
          claims = next.length > limit ? [next.slice(limit), ...rest] : rest;
          return now;
        },
        shown: async (id: string) => void shown.push(id),
        retry: async () => undefined,
        dead: async () => undefined,
        onDue: () => () => undefined,
      },
      workflows: {
        taskForNotice: async (id: string) => ({
          name: id,
          process_name: 'P',
          description: '',
          form: { fields: [] },
        }),
      },
      groups: { find: async (id: string) => ({ active: true, telegramChatId: Number(id), language: 'en' }) },
      people: {},
    },
    privateChats: {},
    links: { task: () => 'https://t.me/bot' },
    logger: createLogger('silent'),
  };
  const sender = new NoticeSender(deps as object as ConstructorParameters<typeof NoticeSender>[0]);
  return { sender, sent, shown, waiting, claimAgain: (notices: Notice[]) => claims.push(notices), due };
}

const settle = () => vi.advanceTimersByTimeAsync(1);

it('sends to chats beside each other, and to one chat one after the other', async () => {
  const { sender, sent, shown, waiting } = bench(4, (index) => String(-1 - (index % 2)));
  sender.start();
  await settle();
  expect(sent.map((line) => line.split(' ')[0])).toEqual(['-1', '-2']);
  waiting[0]?.();
  await settle();
  expect(shown).toEqual(['n0']);
  expect(sent).toHaveLength(3);
  for (const end of waiting) end();
  await settle();
  waiting.at(-1)?.();
  await settle();
  expect(shown).toHaveLength(4);
  await sender.stop();
});

it('does not send what it holds a second time when that is claimed again, and drops what it held too long', async () => {
  const { sender, sent, waiting, claimAgain, due } = bench(2, () => '-1');
  sender.start();
  await settle();
  claimAgain(due.slice(0, 1));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent, 'the first is still on its way').toHaveLength(1);
  waiting[0]?.();
  await settle();
  expect(sent, 'the second may be with somebody else by now').toHaveLength(1);
  await sender.stop();
});

it('holds no more for one chat than it takes in a minute', async () => {
  const { sender, sent, waiting } = bench(70, () => '-1');
  sender.start();
  await settle();
  for (let i = 0; i < 70; i++) {
    waiting[i]?.();
    await settle();
  }
  expect(sent).toHaveLength(20);
  await sender.stop();
});
