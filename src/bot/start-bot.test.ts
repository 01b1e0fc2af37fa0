// The whole bot as a person meets it: real handlers, desk, gateway, inbox and poller over the local Telegram.
import { EventType } from '@ag-ui/core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Agent } from '#shared/agents/agent.ts';
import { loadConfig } from '#shared/config/load-config.ts';
import { MessageEntity, RunEntity, ThreadEntity } from '#shared/conversations/entities.ts';
import { RunLog } from '#shared/conversations/run-log.ts';
import { RunService } from '#shared/conversations/run-service.ts';
import { ThreadService } from '#shared/conversations/thread-service.ts';
import type { Database } from '#shared/database/database.ts';
import { openTestDatabase } from '#shared/database/test-database.ts';
import { GroupEntity, GroupMemberEntity } from '#shared/groups/entities.ts';
import { GroupService } from '#shared/groups/group-service.ts';
import { PersonEntity } from '#shared/identity/entities.ts';
import { GuestService } from '#shared/identity/guest-service.ts';
import { PeopleService } from '#shared/identity/people-service.ts';
import { NoticeEntity } from '#shared/notifications/entities.ts';
import { NoticeBoard } from '#shared/notifications/notice-board.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import type { Services } from '#shared/services.ts';
import { MemorySessionStore } from '#shared/session-store/memory-session-store.ts';
import { closeAll, startPlayground } from '../../playground/testing.ts';
import { TelegramAnswerEntity } from './answers/answer-entity.ts';
import { TelegramUpdateEntity } from './inbox/update-entity.ts';
import { startBot } from './start-bot.ts';
import { DialogueEntity, PrivateChatEntity } from './state/entities.ts';

const token = '4242:AAbbCCddEEffGGhhIIjjKKllMMnn';
const logger = createLogger('silent');
const cleanUps: (() => Promise<void>)[] = [];
let db: Database;

beforeAll(async () => {
  db = await openTestDatabase([
    PersonEntity,
    GroupEntity,
    GroupMemberEntity,
    ThreadEntity,
    MessageEntity,
    RunEntity,
    NoticeEntity,
    PrivateChatEntity,
    DialogueEntity,
    TelegramUpdateEntity,
    TelegramAnswerEntity,
  ]);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  await closeAll();
});
afterAll(() => db.close());

/** Repeats the question; one that begins with "long" is never finished. */
const echo: Agent = {
  id: 'echo',
  describe: () => ({ id: 'echo', name: 'Echo', description: '', icon: '🗣' }),
  async *run({ messageId, messages, signal }) {
    const text = messages.at(-1)?.content ?? '';
    yield { type: EventType.TEXT_MESSAGE_START, messageId, role: 'assistant' };
    yield { type: EventType.TEXT_MESSAGE_CONTENT, messageId, delta: `You said: **${text}**` };
    if (text.includes('long')) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
    yield { type: EventType.TEXT_MESSAGE_END, messageId };
  },
};

async function start() {
  const town = await startPlayground({ token });
  const store = new MemorySessionStore();
  const metrics = createMetrics();
  const threads = new ThreadService({ db, defaultAgentId: 'echo', requireReadable: async () => undefined });
  const agents = { defaultId: 'echo', list: () => [echo], find: () => echo };
  const runs = new RunService({
    db,
    store,
    log: new RunLog(store),
    threads,
    agents,
    guests: new GuestService({ store }),
    names: async () => new Map(),
    modelOf: async () => undefined,
    emojiOf: () => '🔧',
    logger,
    metrics,
  });
  await runs.open();
  const people = new PeopleService({
    db,
    profileSources: {
      messagesSent: async () => 0,
      tasksCompleted: async () => 0,
      groupsManaged: async () => 0,
      knowledgeSize: async () => 0,
      activeProcesses: async () => [],
    },
  });
  const services: Partial<Services> = {
    people,
    threads,
    runs,
    agents,
    groups: new GroupService({ db, lookup: async () => 'member' }),
    notices: new NoticeBoard({ db, store }),
  };
  const running = await startBot({
    config: loadConfig({ BOT_TOKEN: token, BOT_API_ROOT: town.url, PUBLIC_URL: town.url }),
    services: services as Services,
    db,
    store,
    logger,
    metrics,
    toolLabel: (name) => name,
    useMembershipLookup: () => undefined,
  });
  cleanUps.push(async () => {
    await running.stop(2_000);
    await runs.close(0);
    await store.close();
  });
  const said = (chat: { id: number }) =>
    town.playground.messages(chat).flatMap(({ from, text }) => (from?.is_bot ? [text] : []));
  return { ...town, said, running };
}

it('answers in private and in groups, and stops at a press of Stop', async () => {
  const { playground, ann, bob, said } = await start();
  ann.send(playground.bot, 'good morning');
  await playground.waitFor(() => said(ann.person).includes('You said: good morning'));

  const group = playground.addGroup({ title: 'Team', members: [ann.person, bob.person, playground.bot] });
  bob.send(group, 'not for you');
  const question = bob.send(group, `@${playground.bot.username} and you?`);
  const answer = await playground.waitFor(() =>
    playground.messages(group).find(({ from, text }) => from?.is_bot && text?.includes('and you?')),
  );
  expect(answer.reply_to_message?.message_id).toBe(question.message_id);

  ann.send(playground.bot, 'a long one');
  await playground.waitFor(() => playground.draft(ann.person)?.text === 'You said: a long one');
  ann.stop();
  await playground.waitFor(() =>
    said(ann.person).some((text) => text?.startsWith('You said: a long one\n\n')),
  );

  bob.send(group, `@${playground.bot.username} a long one, too`);
  const preview = await playground.waitFor(() =>
    playground
      .messages(group)
      .find(({ text }) => text?.includes('a long one, too') && text.startsWith('You')),
  );
  const button = preview.reply_markup?.inline_keyboard[0]?.[0]?.text ?? '';
  await bob.press(preview, button).answer();
  await playground.waitFor(() =>
    playground.messages(group).some(({ message_id, text, reply_markup }) => {
      const over = text?.includes('too\n\n') && reply_markup === undefined;
      return message_id === preview.message_id && over;
    }),
  );
  expect(playground.refused).toEqual([]);
});
