import type { Update } from 'grammy/types';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#shared/database/database.ts';
import { telegram } from '#shared/database/migrations/2026-11-21-telegram.ts';
import { openTestDatabase } from '#shared/database/test-database.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { type HandleUpdate, Inbox, type InboxOptions } from './inbox.ts';
import { TelegramUpdateEntity } from './update-entity.ts';
import { webhookInto } from './webhook.ts';

const logger = createLogger('silent');
let db: Database;
const started: Inbox[] = [];

beforeAll(async () => {
  db = await openTestDatabase([TelegramUpdateEntity], [telegram]);
});
beforeEach(() => db.query('delete from telegram_updates'));
afterEach(async () => {
  for (const inbox of started.splice(0)) await inbox.stop(2000);
});
afterAll(() => db.close());

function open(options: InboxOptions = {}): Inbox {
  return new Inbox({ db, logger }, { pollMs: 20, retryAfterMs: [10, 20], ...options });
}

function run(handle: HandleUpdate, options: InboxOptions = {}): Inbox {
  const inbox = open(options);
  inbox.start(handle);
  started.push(inbox);
  return inbox;
}

function message(id: number, chatId: number, text = `m${id}`): Update {
  const chat = { id: chatId, type: 'private' as const, first_name: 'Ann' };
  const from = { id: chatId, is_bot: false, first_name: 'Ann' };
  return { update_id: id, message: { message_id: id, date: 0, chat, from, text } };
}

const rows = () =>
  db.query<{ update_id: number; state: string; attempts: number; error: string | null }>(
    'select update_id, state, attempts, error from telegram_updates order by update_id',
  );

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('It did not come about within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
const allHandled = async () => (await rows()).every(({ state }) => state === 'handled');

it('matches its entity', async () => {
  const difference = await db.orm.schema.getUpdateSchemaSQL({ wrap: false });
  expect(difference.split('\n').filter((line) => line.includes('telegram_updates'))).toEqual([]);
});

it('handles a thousand updates of many chats once each, in order within each chat', async () => {
  const seen = new Map<number, number[]>();
  const inbox = run(async (update) => {
    const chat = update.message?.chat.id ?? 0;
    await new Promise((resolve) => setTimeout(resolve, chat % 3));
    seen.set(chat, [...(seen.get(chat) ?? []), update.update_id]);
  });
  const updates = Array.from({ length: 1000 }, (_, i) => message(i + 1, (i % 50) + 1));
  for (let i = 0; i < 1000; i += 100) await inbox.accept(updates.slice(i, i + 100));
  await until(allHandled);
  expect([...seen.values()].flat()).toHaveLength(1000);
  for (const ids of seen.values()) expect(ids).toEqual(ids.toSorted((a, b) => a - b));
});

it('shares the work with another instance without doing anything twice', async () => {
  const seen: number[] = [];
  const handle = async (update: Update) => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    seen.push(update.update_id);
  };
  const one = run(handle, { parallel: 4 });
  run(handle, { parallel: 4 });
  await one.accept(Array.from({ length: 100 }, (_, i) => message(i + 1, (i % 10) + 1)));
  await until(allHandled);
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
});

it('does not begin an update that came late while a later one of its chat is being handled', async () => {
  const seen: number[] = [];
  let release = () => {};
  const blocked = new Promise<void>((resolve) => {
    release = resolve;
  });
  const inbox = run(async (update) => {
    if (update.update_id === 5) await blocked;
    seen.push(update.update_id);
  });
  await inbox.accept([message(5, 1)]);
  await until(async () => (await rows())[0]?.attempts === 1);
  await inbox.accept([message(4, 1), message(6, 2)]);
  await until(() => seen.includes(6));
  await new Promise((resolve) => setTimeout(resolve, 60));
  release();
  await until(allHandled);
  expect(seen).toEqual([6, 5, 4]);
});

it('drops what it has already, also when it was handled', async () => {
  let calls = 0;
  const inbox = run(async () => void calls++);
  await inbox.accept([message(1, 1), message(1, 1), message(2, 1)]);
  await until(allHandled);
  await inbox.accept([message(1, 1), message(2, 1)]);
  await until(allHandled);
  expect(calls).toBe(2);
});

it('survives the end of the process between accepting and handling', async () => {
  await open().accept([message(1, 1)]);
  const seen: number[] = [];
  run(async (update) => void seen.push(update.update_id));
  await until(() => seen.length === 1);
});

it('takes over what a dead process had begun, after its lease', async () => {
  const dead = open({ leaseMs: 50 });
  await dead.accept([message(1, 1), message(2, 1)]);
  await db.query(
    `update telegram_updates set claimed_by = 'dead', attempts = 1, claimed_until = now() + interval '100 ms'
     where update_id = 1`,
  );
  const seen: number[] = [];
  run(async (update) => void seen.push(update.update_id));
  await until(() => seen.length === 2);
  expect(seen).toEqual([1, 2]);
});

it('takes over at once what its own past had begun, where there is no other instance', async () => {
  const inbox = open();
  started.push(inbox);
  await inbox.accept([message(1, 1), message(2, 1)]);
  await db.query(
    `update telegram_updates set claimed_by = 'past', attempts = 1, claimed_until = now() + interval '1 hour'
     where update_id = 1`,
  );
  const seen: number[] = [];
  inbox.start(async (update) => void seen.push(update.update_id), { alone: true });
  await until(allHandled);
  expect(seen).toEqual([1, 2]);
  expect(await rows()).toMatchObject([{ attempts: 2 }, { attempts: 1 }]);
});

it('repeats a failed update before later ones of its chat, then parks it and goes on', async () => {
  const calls: string[] = [];
  const inbox = run(async (update) => {
    calls.push(update.message?.text ?? '');
    if (update.message?.text === 'poison') throw new Error(`cannot read 123456789:${'x'.repeat(35)}`);
  });
  await inbox.accept([message(1, 1, 'poison'), message(2, 1, 'after'), message(3, 2, 'other')]);
  await until(async () => (await rows()).every(({ state }) => state !== 'pending'));
  expect(calls.filter((text) => text !== 'other')).toEqual(['poison', 'poison', 'poison', 'after']);
  expect(await rows()).toMatchObject([
    { state: 'parked', attempts: 3, error: 'Error: cannot read [bot token]' },
    { state: 'handled' },
    { state: 'handled' },
  ]);
});

it('parks an update that kills the process again and again', async () => {
  await open().accept([message(1, 1)]);
  await db.query('update telegram_updates set attempts = 3');
  let calls = 0;
  run(async () => void calls++);
  await until(async () => (await rows())[0]?.state === 'parked');
  expect(calls).toBe(0);
});

it('handles presses of Stop while their chat is busy and every worker, too', async () => {
  const seen: string[] = [];
  let release = () => {};
  const blocked = new Promise<void>((resolve) => {
    release = resolve;
  });
  const inbox = run(
    async (update) => {
      if (update.message?.text === 'question') await blocked;
      seen.push(update.message?.text ?? update.callback_query?.data ?? 'stopped_message_generation');
    },
    { parallel: 1 },
  );
  await inbox.accept([message(1, 1, 'question')]);
  const chat = { id: 1, type: 'private' as const, first_name: 'Ann' };
  const from = { id: 1, is_bot: false, first_name: 'Ann' };
  await inbox.accept([
    { update_id: 2, stopped_message_generation: { chat, draft_id: 5 } },
    message(3, 1, '/stop@concierge_bot'),
    { update_id: 4, callback_query: { id: '1', from, chat_instance: '1', data: 'stop:abc' } },
    message(5, 1, 'next'),
  ]);
  await until(() => seen.length === 3);
  expect(seen.toSorted()).toEqual(['/stop@concierge_bot', 'stop:abc', 'stopped_message_generation']);
  release();
  await until(() => seen.length === 5);
  expect(seen.slice(3)).toEqual(['question', 'next']);
});

it('stores texts that the database cannot', async () => {
  const texts: string[] = [];
  const inbox = run(async (update) => void texts.push(update.message?.text ?? ''));
  await inbox.accept([message(1, 1, 'a\0b\ud800c'), message(2, 1, String.raw`\u0000`)]);
  await until(() => texts.length === 2);
  expect(texts).toEqual(['ab\ufffdc', String.raw`\u0000`]);
});

it('gives back what it could not finish when it ends', async () => {
  const inbox = run(() => new Promise(() => {}));
  await inbox.accept([message(1, 1)]);
  await until(async () => (await rows())[0]?.attempts === 1);
  started.length = 0;
  await inbox.stop(10);
  const [row] = await db.query<{ claimed_until: Date | null; attempts: number }>(
    'select claimed_until, attempts from telegram_updates',
  );
  expect(row).toEqual({ claimed_until: null, attempts: 0 });
});

describe('the webhook', () => {
  it('takes updates with the secret only', async () => {
    const inbox = open();
    const webhook = webhookInto(inbox, 'right-secret', logger);
    expect(await webhook(undefined, message(1, 1))).toBe('unauthorized');
    expect(await webhook('wrong', message(1, 1))).toBe('unauthorized');
    expect(await rows()).toEqual([]);
    expect(await webhook('right-secret', message(1, 1))).toBe('accepted');
    expect(await webhook('right-secret', message(1, 1))).toBe('accepted');
    expect(await webhook('right-secret', 'nonsense')).toBe('accepted');
    expect(await rows()).toMatchObject([{ update_id: 1, state: 'pending' }]);
  });
});
