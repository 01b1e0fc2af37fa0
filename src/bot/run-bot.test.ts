import { Bot } from 'grammy';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '#shared/config/load-config.ts';
import type { Database } from '#shared/database/database.ts';
import { newId } from '#shared/database/id.ts';
import { telegram } from '#shared/database/migrations/2026-11-21-telegram.ts';
import { openTestDatabase } from '#shared/database/test-database.ts';
import type { PersonCaller } from '#shared/identity/caller.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import type { Services } from '#shared/services.ts';
import { MemorySessionStore } from '#shared/session-store/memory-session-store.ts';
import { closeAll, startPlayground } from '../../playground/testing.ts';
import { TelegramAnswerEntity } from './answers/answer-entity.ts';
import { english } from './answers/testing/english.ts';
import { ScriptedRuns } from './answers/testing/scripted-runs.ts';
import { TelegramUpdateEntity } from './inbox/update-entity.ts';
import { type BotDeps, type BotParts, runBot } from './run-bot.ts';

const token = '4242:AAbbCCddEEffGGhhIIjjKKllMMnn';
const secret = 'a-secret-of-more-than-32-characters';
const cleanUps: (() => Promise<void>)[] = [];
let db: Database;
beforeAll(async () => {
  db = await openTestDatabase([TelegramUpdateEntity, TelegramAnswerEntity], [telegram]);
});
afterAll(() => db.close());
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  await closeAll();
});

async function prepare(environment: Record<string, string> = {}) {
  const town = await startPlayground({ token, enforceLimits: true });
  await db.query('delete from telegram_updates');
  await db.query('delete from telegram_answers');
  const store = new MemorySessionStore();
  cleanUps.push(() => store.close());
  const runs = new ScriptedRuns();
  const lines: string[] = [];
  const deps: BotDeps = {
    config: loadConfig({ BOT_TOKEN: token, BOT_API_ROOT: town.url, PUBLIC_URL: town.url, ...environment }),
    services: { runs } as Partial<Services> as Services,
    db,
    store,
    logger: createLogger('info', { write: (line: string) => void lines.push(line) }),
    metrics: createMetrics(),
    toolLabel: (name) => name,
    useMembershipLookup: () => undefined,
  };
  return { ...town, runs, deps, lines };
}

/** Every text is a question. */
async function createBot({ token, client, botInfo, outbound, answers }: BotParts) {
  const bot = new Bot(token, { client, botInfo });
  bot.api.config.use(outbound.transformer);
  const caller: PersonCaller = {
    kind: 'person',
    personId: newId(),
    displayName: 'Ann',
    language: 'en',
    timeZone: 'UTC',
  };
  bot.on('message:text', async (ctx) => {
    await answers.ask({
      caller,
      chat: { id: ctx.chat.id, kind: 'private' },
      text: ctx.message.text,
      updateId: ctx.update.update_id,
      thread: { kind: 'person' },
      streaming: true,
      language: 'en',
    });
  });
  return { bot, start: async () => {}, stop: async () => {} };
}

const makers = { createBot, answerTexts: () => english };

it('answers a person who polls, and lets them press Stop on the draft', async () => {
  const { deps, runs, playground, ann } = await prepare();
  const running = await runBot(deps, makers);
  cleanUps.push(() => running.stop(0));
  expect(running).toMatchObject({ username: 'concierge_bot' });
  expect(running.webhook).toBeUndefined();

  const texts = () => playground.messages(ann.person).map(({ text }) => text);
  ann.send(playground.bot, 'First?');
  await expect.poll(() => runs.all.length).toBe(1);
  runs.last.say('The first answer').finish();
  await playground.waitFor(() => texts().includes('The first answer'));

  ann.send(playground.bot, 'Second?');
  await expect.poll(() => runs.all.length).toBe(2);
  runs.last.say('The second');
  await playground.waitFor(() => playground.draft(ann.person)?.text === 'The second');
  expect(ann.stop()).toBe(true);
  await playground.waitFor(() => texts().includes('The second\n\nStopped.'));
});

it('takes updates by a webhook that only Telegram can call', async () => {
  const { deps, runs, playground, ann } = await prepare({
    BOT_MODE: 'webhook',
    BOT_WEBHOOK_SECRET: secret,
  });
  const running = await runBot(deps, makers);
  cleanUps.push(() => running.stop(0));
  const set = playground.outbox.find(({ method }) => method === 'setWebhook');
  expect(set?.payload).toMatchObject({
    url: expect.stringMatching(/\/telegram\/webhook$/),
    secret_token: secret,
  });
  const update = {
    update_id: 77,
    message: {
      message_id: 1,
      date: 0,
      chat: { id: ann.person.id, type: 'private', first_name: 'Ann' },
      from: { id: ann.person.id, is_bot: false, first_name: 'Ann' },
      text: 'By webhook?',
    },
  };
  expect(await running.webhook?.('wrong', update)).toBe('unauthorized');
  expect(await running.webhook?.(secret, update)).toBe('accepted');
  expect(await running.webhook?.(secret, update)).toBe('accepted');
  await expect.poll(() => runs.all.length).toBe(1);
});

it('delivers after a restart what the process before it promised', async () => {
  const { deps, runs, playground, ann } = await prepare();
  const first = await runBot(deps, makers);
  ann.send(playground.bot, 'Long one?');
  await expect.poll(() => runs.all.length).toBe(1);
  runs.last.say('Half');
  await playground.waitFor(() => playground.draft(ann.person)?.text === 'Half');
  await first.stop(0);
  await db.query(
    `update telegram_answers set claimed_by = 'killed', claimed_until = now() + interval '1 hour'`,
  );
  runs.last.fail('INTERRUPTED');
  const second = await runBot(deps, makers);
  cleanUps.push(() => second.stop(0));
  await playground.waitFor(() =>
    playground.messages(ann.person).some(({ text }) => text === 'Half\n\nInterrupted.'),
  );
});

it('does not start with a token that Telegram refuses, and does not tell it', async () => {
  const { deps, lines } = await prepare({ BOT_TOKEN: '4242:ZZbbCCddEEffGGhhIIjjKKllMMnn' });
  const error: unknown = await runBot(deps, makers).catch((thrown: unknown) => thrown);
  expect(String(error)).toContain('BOT_TOKEN is not accepted by Telegram');
  expect(String(error) + lines.join('')).not.toContain('ZZbb');
});

it('says that Telegram cannot be reached', async () => {
  const { deps } = await prepare({ BOT_API_ROOT: 'http://127.0.0.1:1' });
  await expect(runBot(deps, makers)).rejects.toThrow(/cannot be reached at http:\/\/127\.0\.0\.1:1/);
});

it('leaves nothing of itself running when it cannot start to its end', async () => {
  const { deps, runs, playground, ann } = await prepare();
  const broken = async (parts: BotParts) => ({
    ...(await createBot(parts)),
    start: () => Promise.reject(new Error('No menus today')),
  });
  await expect(runBot(deps, { ...makers, createBot: broken })).rejects.toThrow('No menus today');
  const running = await runBot(deps, makers);
  cleanUps.push(() => running.stop(0));
  ann.send(playground.bot, 'Who answers?');
  await expect.poll(() => runs.all.length).toBe(1);
  runs.last.say('Only one').finish();
  await playground.waitFor(() => playground.messages(ann.person).some(({ text }) => text === 'Only one'));
});
