// The desk over the real run service and database: what a chat sees when an agent speaks, and when processes die.
import { EventType } from '@ag-ui/core';
import { Api } from 'grammy';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Agent, AgentEvent, AgentTask } from '#shared/agents/agent.ts';
import { MessageEntity, RunEntity, ThreadEntity } from '#shared/conversations/entities.ts';
import { RunLog } from '#shared/conversations/run-log.ts';
import { RunService } from '#shared/conversations/run-service.ts';
import { ThreadService } from '#shared/conversations/thread-service.ts';
import type { Database } from '#shared/database/database.ts';
import { newId } from '#shared/database/id.ts';
import { openTestDatabase } from '#shared/database/test-database.ts';
import { AppError } from '#shared/errors.ts';
import type { PersonCaller } from '#shared/identity/caller.ts';
import { PersonEntity } from '#shared/identity/entities.ts';
import { GuestService } from '#shared/identity/guest-service.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import { MemorySessionStore } from '#shared/session-store/memory-session-store.ts';
import { closeAll, startPlayground, TOKEN } from '../../../playground/testing.ts';
import { Outbound } from '../outbound/outbound.ts';
import { AnswerDesk } from './answer-desk.ts';
import { TelegramAnswerEntity } from './answer-entity.ts';
import { english } from './testing/english.ts';

const logger = createLogger('silent');
let db: Database;
const cleanUps: (() => Promise<void>)[] = [];

beforeAll(async () => {
  db = await openTestDatabase([PersonEntity, ThreadEntity, MessageEntity, RunEntity, TelegramAnswerEntity]);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  await closeAll();
});
afterAll(() => db.close());

/** Says what it is asked to: "say x", "hang after x" or "fail after x". */
const parrot: Agent = {
  id: 'parrot',
  describe: () => ({ id: 'parrot', name: 'Parrot', description: '', icon: '🦜' }),
  async *run({ messageId, messages, signal }: AgentTask): AsyncGenerator<AgentEvent> {
    const [, how, text = ''] = /^(\w+)(?: after)? (.*)$/s.exec(messages.at(-1)?.content ?? '') ?? [];
    yield { type: EventType.TEXT_MESSAGE_START, messageId, role: 'assistant' };
    for (const delta of text.match(/.{1,8}/gs) ?? []) {
      yield { type: EventType.TEXT_MESSAGE_CONTENT, messageId, delta };
    }
    if (how === 'fail') throw new AppError('UPSTREAM_UNAVAILABLE', 'The model is away.');
    if (how === 'hang') {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
    yield { type: EventType.TEXT_MESSAGE_END, messageId };
  },
};

async function start() {
  const town = await startPlayground();
  const person: PersonCaller = {
    kind: 'person',
    personId: newId(),
    displayName: 'Ann',
    language: 'en',
    timeZone: 'UTC',
  };
  town.ann.send(town.playground.bot, 'hello');
  /** One process: its store in memory dies with it. */
  const boot = async () => {
    const store = new MemorySessionStore();
    const threads = new ThreadService({
      db,
      defaultAgentId: 'parrot',
      requireReadable: async () => undefined,
    });
    const runs = new RunService({
      db,
      store,
      log: new RunLog(store),
      threads,
      agents: { defaultId: 'parrot', list: () => [parrot], find: () => parrot },
      guests: new GuestService({ store }),
      names: async () => new Map(),
      modelOf: async () => undefined,
      emojiOf: () => '🔧',
      logger,
      metrics: createMetrics(),
    });
    await runs.open();
    const outbound = new Outbound({ store, botId: 4242, logger });
    const api = new Api(TOKEN, { apiRoot: town.url });
    api.config.use(outbound.transformer);
    const desk = new AnswerDesk({
      api,
      outbound,
      db,
      runs,
      logger,
      texts: () => english,
      toolLabel: (name) => name,
    });
    const stop = async () => {
      await desk.drain(0);
      await runs.close(0);
      await store.close();
    };
    cleanUps.push(stop);
    return { desk, runs, store };
  };
  const ask = (desk: AnswerDesk, text: string, updateId = 1) =>
    desk.ask({
      caller: person,
      chat: { id: town.ann.person.id, kind: 'private' },
      text,
      updateId,
      thread: { kind: 'person' },
      streaming: true,
      language: 'en',
    });
  const answers = () =>
    town.playground.messages(town.ann.person).flatMap(({ from, text }) => (from?.is_bot ? [text] : []));
  return { ...town, boot, ask, answers };
}

it('shows what the agent says, and records it', async () => {
  const { boot, ask, answers, playground } = await start();
  const { desk } = await boot();
  const { runId } = await ask(desk, 'say **Hello** there');
  await playground.waitFor(() => answers().length === 1);
  expect(answers()).toEqual(['Hello there']);
  const run = await db.em.findOneOrFail(RunEntity, { id: runId });
  expect(run.status).toBe('complete');
  expect(await ask(desk, 'say **Hello** there')).toMatchObject({ runId });
  expect(answers()).toHaveLength(1);
});

it('keeps what was said when somebody stops it, or when the model goes away', async () => {
  const { boot, ask, answers, playground, ann } = await start();
  const { desk } = await boot();
  await ask(desk, 'hang after Half of it');
  const draft = await playground.waitFor(() => {
    const shown = playground.draft(ann.person);
    return shown?.text === 'Half of it' ? shown : undefined;
  });
  expect(await desk.stop({ chatId: ann.person.id, draftId: draft.draft_id })).toBe('stopped');
  await playground.waitFor(() => answers().length === 1);
  await ask(desk, 'fail after Some words', 2);
  await playground.waitFor(() => answers().length === 2);
  expect(answers()).toEqual(['Half of it\n\nStopped.', 'Some words\n\nFailed (UPSTREAM_UNAVAILABLE).']);
});

it('writes neither question nor promise when one of them cannot be written', async () => {
  const { boot, ask } = await start();
  const { desk } = await boot();
  await db.query('alter table telegram_answers rename to telegram_answers_away');
  const before = await db.em.count(RunEntity);
  await expect(ask(desk, 'say nothing')).rejects.toThrow();
  await db.query('alter table telegram_answers_away rename to telegram_answers');
  expect(await db.em.count(RunEntity)).toBe(before);
});

it('ends an answer whose process died, with what it had said, exactly once', async () => {
  const { boot, ask, answers, playground, ann } = await start();
  const first = await boot();
  const { runId } = await ask(first.desk, 'hang after What I know so far');
  await playground.waitFor(() => playground.draft(ann.person)?.text === 'What I know so far');
  await expect
    .poll(async () => (await db.em.findOne(MessageEntity, { runId, role: 'assistant' }))?.content)
    .toBe('What I know so far');
  // As after `kill -9`: nothing of the first process writes any more, and its store is gone.
  await first.desk.drain(0);
  await db.query(
    `update telegram_answers set claimed_by = 'dead', claimed_until = now() + interval '1 hour'`,
  );

  const second = await boot();
  await second.desk.recover({ alone: true });
  await playground.waitFor(() => answers().length === 1);
  await second.desk.recover({ alone: true });
  expect(answers()).toEqual(['What I know so far\n\nInterrupted.']);
});
