import { Api } from 'grammy';
import type { Message } from 'grammy/types';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Source } from '#shared/contracts/threads.ts';
import type { Database } from '#shared/database/database.ts';
import { newId } from '#shared/database/id.ts';
import { telegram } from '#shared/database/migrations/2026-11-21-telegram.ts';
import { openTestDatabase } from '#shared/database/test-database.ts';
import type { PersonCaller } from '#shared/identity/caller.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { MemorySessionStore } from '#shared/session-store/memory-session-store.ts';
import { closeAll, startPlayground, TOKEN } from '../../../playground/testing.ts';
import { Outbound } from '../outbound/outbound.ts';
import { AnswerDesk, type AnswerRequest } from './answer-desk.ts';
import { TelegramAnswerEntity } from './answer-entity.ts';
import { handleOf } from './handle.ts';
import { english } from './testing/english.ts';
import { ScriptedRuns } from './testing/scripted-runs.ts';

const logger = createLogger('silent');
const timing = {
  firstMs: 20,
  placeholderMs: 60,
  draftMs: 30,
  draftRefreshMs: 150,
  privateEditMs: 40,
  groupEditMs: 60,
  typingMs: 200,
};
let db: Database;
let store: MemorySessionStore;
let desks: AnswerDesk[] = [];

beforeAll(async () => {
  db = await openTestDatabase([TelegramAnswerEntity], [telegram]);
});
beforeEach(async () => {
  store = new MemorySessionStore();
  await db.query('delete from telegram_answers');
});
afterEach(async () => {
  for (const desk of desks) await desk.drain(0);
  desks = [];
  await closeAll();
  await store.close();
});
afterAll(() => db.close());

const asker: PersonCaller = {
  kind: 'person',
  personId: newId(),
  displayName: 'Ann',
  language: 'en',
  timeZone: 'UTC',
};
const bob: PersonCaller = { ...asker, personId: newId(), displayName: 'Bob' };

async function start() {
  const town = await startPlayground();
  const { playground } = town;
  const runs = new ScriptedRuns();
  const open = () => {
    const api = new Api(TOKEN, { apiRoot: town.url });
    const outbound = new Outbound({
      store,
      botId: 4242,
      logger,
      onMigrated: (from, to) => desk.migrated(from, to),
      limits: {
        perChat: {
          private: { count: 1000, windowMs: 1000, keptForFinals: 1 },
          group: { count: 1000, windowMs: 1000, keptForFinals: 1 },
        },
      },
    });
    api.config.use(outbound.transformer);
    const desk: AnswerDesk = new AnswerDesk({
      api,
      outbound,
      db,
      runs,
      logger,
      texts: () => english,
      toolLabel: (name) => `🔧 ${name}`,
      timing,
    });
    desks.push(desk);
    return desk;
  };
  town.ann.send(playground.bot, 'hello');
  const group = playground.addGroup({
    title: 'Team',
    members: [town.ann.person, town.bob.person, playground.bot],
  });
  const chat = town.ann.person.id;
  const answers = (where: number = chat): Message[] =>
    playground.messages(where).filter(({ from, text }) => from?.is_bot && text !== undefined);
  const calls = (method: string) => playground.outbox.filter((call) => call.method === method);
  const request = (changes: Partial<AnswerRequest> = {}): AnswerRequest => ({
    caller: asker,
    chat: { id: chat, kind: 'private' },
    text: 'What is up?',
    updateId: 1,
    thread: { kind: 'person' },
    streaming: true,
    language: 'en',
    ...changes,
  });
  const inGroup = (changes: Partial<AnswerRequest> = {}): AnswerRequest =>
    request({
      chat: { id: group.id, kind: 'group' },
      thread: { kind: 'group', groupId: newId(), topicId: 0 },
      ...changes,
    });
  return { ...town, runs, open, desk: open(), group, chat, answers, calls, request, inGroup };
}

const state = async () => {
  const [row] = await db.query<{ state: string; parts_sent: number; doubts: number }>(
    'select state, parts_sent, doubts from telegram_answers order by created_at desc limit 1',
  );
  return row;
};
const ended = () =>
  expect.poll(async () => (await state())?.state, { timeout: 8000 }).not.toMatch(/streaming|sending/);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('matches its entity', async () => {
  const difference = await db.orm.schema.getUpdateSchemaSQL({ wrap: false });
  expect(difference.split('\n').filter((line) => line.includes('telegram_answers'))).toEqual([]);
});

describe('in a private chat', () => {
  it('streams drafts with a Stop button, then sends one final', async () => {
    const { desk, runs, request, playground, chat, answers, calls } = await start();
    await desk.ask(request());
    await playground.waitFor(() => playground.isTyping(chat) || playground.draft(chat));
    runs.last.say('Hello **wor');
    const draft = await playground.waitFor(
      () => playground.draft(chat)?.text === 'Hello wor' && playground.draft(chat),
    );
    expect(draft).toMatchObject({ can_stop: true, entities: [{ type: 'bold', offset: 6, length: 3 }] });
    runs.last.say('ld**!').finish();
    await ended();
    expect(answers()).toMatchObject([
      { text: 'Hello world!', entities: [{ type: 'bold', offset: 6, length: 5 }] },
    ]);
    expect(playground.draft(chat)).toBeUndefined();
    expect(calls('sendMessage')).toHaveLength(1);
    expect(await state()).toMatchObject({ state: 'sent' });
  });

  it('shows that it thinks, keeps the draft alive while silent, and shows tools as lines in it', async () => {
    const { desk, runs, request, playground, chat, calls, answers } = await start();
    await desk.ask(request());
    await playground.waitFor(() => playground.draft(chat)?.text === '');
    runs.last.useTool('search');
    await playground.waitFor(() => playground.draft(chat)?.text === '⏳ 🔧 search');
    const before = calls('sendMessageDraft').length;
    await playground.waitFor(() => calls('sendMessageDraft').length > before + 1);
    runs.last.toolDone('search').useTool('count');
    await playground.waitFor(() => playground.draft(chat)?.text === '✓ 🔧 search\n⏳ 🔧 count');
    runs.last.toolDone('count', true).say('Done');
    await playground.waitFor(() => playground.draft(chat)?.text === 'Done');
    runs.last.finish();
    await ended();
    expect(answers().map(({ text }) => text)).toEqual(['Done']);
  });

  it('lists sources with links under the answer', async () => {
    const { desk, runs, request, answers } = await start();
    const source = (n: number, link: string | null): Source => ({
      n,
      link,
      kb_id: newId(),
      kb_name: 'Docs',
      title: `Title ${n}`,
      quote: 'q',
      sender: null,
      date: null,
    });
    await desk.ask(request());
    runs.last
      .say('It is so [1].')
      .cite([source(1, 'https://example.org/1'), source(2, null)])
      .finish();
    await ended();
    const [message] = answers();
    expect(message?.text).toBe('It is so [1].\n\nSources\n1. Title 1 · Docs\n2. Title 2 · Docs');
    expect(message?.entities).toContainEqual({
      type: 'text_link',
      url: 'https://example.org/1',
      offset: 26,
      length: 7,
    });
  });

  it('splits a long answer and sends every part once', async () => {
    const { desk, runs, request, answers } = await start();
    const lines = Array.from({ length: 600 }, (_, i) => `Line number ${i} of many`).join('\n');
    await desk.ask(request());
    runs.last.say(lines).finish();
    await ended();
    const texts = answers().map(({ text }) => text ?? '');
    expect(texts.length).toBeGreaterThan(2);
    expect(texts.join('\n')).toBe(lines);
  });

  it('leaves the draft to the first of several answers, also when the next one waits or streams', async () => {
    const { desk, runs, request, playground, chat, answers, calls } = await start();
    await desk.ask(request());
    const first = runs.last.say('One');
    await playground.waitFor(() => playground.draft(chat)?.text === 'One');
    runs.beginsAtOnce = false;
    await desk.ask(request({ updateId: 2 }));
    runs.beginsAtOnce = true;
    await desk.ask(request({ updateId: 3 }));
    const [, second, third] = runs.all;
    third?.say('Three');
    await pause(150);
    expect(new Set(calls('sendMessageDraft').map(({ payload }) => payload['draft_id'])).size).toBe(1);
    first.finish();
    second?.begin().say('Two');
    await playground.waitFor(() => playground.draft(chat)?.text === 'Two');
    second?.finish();
    await playground.waitFor(() => playground.draft(chat)?.text === 'Three');
    third?.finish();
    await playground.waitFor(() => answers().length === 3);
    expect(answers().map(({ text }) => text)).toEqual(['One', 'Two', 'Three']);
  });

  it('has something to say when the agent has not', async () => {
    const { desk, runs, request, answers } = await start();
    await desk.ask(request());
    runs.last.say('\u200b\n```\n```').finish();
    await ended();
    expect(answers().map(({ text }) => text)).toEqual(['Nothing to say.']);
  });

  it('keeps the partial text when Stop is pressed on the draft', async () => {
    const { desk, runs, request, playground, chat, answers, ann } = await start();
    await desk.ask(request());
    runs.last.say('Half of it');
    const draft = await playground.waitFor(() => {
      const shown = playground.draft(chat);
      return shown?.text === 'Half of it' ? shown : undefined;
    });
    ann.stop();
    expect(await desk.stop({ chatId: chat, draftId: draft.draft_id + 1 })).toBe('nothing');
    expect(await desk.stop({ chatId: chat, draftId: draft.draft_id })).toBe('stopped');
    await ended();
    expect(answers().map(({ text }) => text)).toEqual(['Half of it\n\nStopped.']);
    expect(await desk.stop({ chatId: chat })).toBe('nothing');
  });

  it('says that it failed, and tries again at the press of a button, once', async () => {
    const { desk, runs, request, answers } = await start();
    await desk.ask(request());
    runs.last.say('Well').fail('UPSTREAM_UNAVAILABLE');
    await ended();
    const handle = handleOf(runs.last.runId);
    expect(answers()).toMatchObject([
      {
        text: 'Well\n\nFailed (UPSTREAM_UNAVAILABLE).',
        reply_markup: { inline_keyboard: [[{ text: 'Retry', callback_data: `retry:${handle}` }]] },
      },
    ]);
    expect(await desk.retry(handle, bob.personId)).toBe('not_yours');
    expect(await desk.retry(handle, asker.personId)).toBe('started');
    expect(await desk.retry(handle, asker.personId)).toBe('started');
    expect(await desk.retry('nonsense', asker.personId)).toBe('nothing');
    expect(runs.all).toHaveLength(2);
    runs.last.say('Better').finish();
    await ended();
    expect(answers().at(-1)?.text).toBe('Better');
    expect(runs.last.question).toMatchObject({ text: 'What is up?', threadId: runs.all[0]?.threadId });
  });

  it('asks once for one update', async () => {
    const { desk, runs, request, answers } = await start();
    const [one, two] = [await desk.ask(request()), await desk.ask(request())];
    expect(one).toEqual(two);
    runs.last.say('Once').finish();
    await ended();
    await pause(100);
    expect(answers().map(({ text }) => text)).toEqual(['Once']);
  });

  it('promises nothing when the run cannot start', async () => {
    const { desk, runs, request } = await start();
    runs.start = () => Promise.reject(new Error('no'));
    await expect(desk.ask(request())).rejects.toThrow();
    expect(await state()).toBeUndefined();
  });

  it('sends the final only where streaming is switched off', async () => {
    const { desk, runs, request, calls, answers, playground, chat } = await start();
    await desk.ask(request({ streaming: false }));
    await playground.waitFor(() => playground.isTyping(chat));
    runs.last.say('A long enough text to be shown at once, if it were.');
    await pause(150);
    expect(calls('sendMessageDraft')).toEqual([]);
    runs.last.finish();
    await ended();
    expect(answers()).toHaveLength(1);
  });
});

describe('in a group', () => {
  it('edits one message, replies to the asker, and leaves no button behind', async () => {
    const { desk, runs, inGroup, group, answers, playground, ann, calls } = await start();
    const question = ann.send(group, '@concierge_bot what?');
    await desk.ask(inGroup({ replyTo: question.message_id }));
    runs.last.say('First part');
    const message = await playground.waitFor(() => answers(group.id)[0]);
    expect(message).toMatchObject({
      text: 'First part',
      reply_to_message: { message_id: question.message_id },
      reply_markup: {
        inline_keyboard: [[{ text: '⏹ Stop', callback_data: `stop:${handleOf(runs.last.runId)}` }]],
      },
    });
    runs.last.say(' and second part');
    await playground.waitFor(() => answers(group.id)[0]?.text === 'First part and second part');
    runs.last.say('.').finish();
    await ended();
    const all = answers(group.id);
    expect(all.map(({ text }) => text)).toEqual(['First part and second part.']);
    expect(all[0]?.reply_markup).toBeUndefined();
    expect(calls('sendMessageDraft')).toEqual([]);
  });

  it('lets the asker and admins stop, and nobody else', async () => {
    const { desk, runs, inGroup, group, answers } = await start();
    await desk.ask(inGroup());
    runs.last.say('Some');
    const handle = handleOf(runs.last.runId);
    const where = { chatId: group.id, handle };
    expect(await desk.stop({ ...where, personId: bob.personId })).toBe('not_yours');
    expect(await desk.stop({ ...where, chatId: -1, personId: asker.personId })).toBe('nothing');
    const asAdmin = (is: boolean) => ({ ...where, personId: bob.personId, mayStop: async () => is });
    expect(await desk.stop(asAdmin(false))).toBe('not_yours');
    expect(await desk.stop(asAdmin(true))).toBe('stopped');
    await ended();
    expect(answers(group.id).map(({ text }) => text)).toEqual(['Some\n\nStopped.']);
  });

  it('goes on in the supergroup that the group became', async () => {
    const { desk, runs, inGroup, group, answers, playground } = await start();
    const old = group.id;
    await desk.ask(inGroup());
    runs.last.say('Before');
    await playground.waitFor(() => answers(old)[0]);
    const now = playground.migrate(group);
    runs.last.say(' and after').finish();
    await ended();
    expect(answers(now).at(-1)?.text).toBe('Before and after');
  });
});

describe('when things go wrong', () => {
  it('sends the final although Telegram limits previews and final', async () => {
    const { desk, runs, request, playground, answers, chat } = await start();
    playground.faults.add({ kind: 'too_many_requests', method: 'sendMessageDraft', retryAfter: 1 });
    playground.faults.add({ kind: 'too_many_requests', method: 'sendMessage', retryAfter: 1 });
    await desk.ask(request());
    runs.last.say('Patience');
    await playground.waitFor(() => playground.refused.some(({ method }) => method === 'sendMessageDraft'));
    await playground.waitFor(() => playground.draft(chat)?.text === 'Patience');
    runs.last.finish();
    await ended();
    expect(answers().map(({ text }) => text)).toEqual(['Patience']);
    expect(playground.refused.map(({ method }) => method).toSorted()).toEqual([
      'sendMessage',
      'sendMessageDraft',
    ]);
  });

  it('changes to edits after a draft was refused', async () => {
    const { desk, runs, request, playground, answers } = await start();
    playground.faults.add({ kind: 'bad_request', method: 'sendMessageDraft', times: 99 });
    await desk.ask(request());
    runs.last.say('Shown by');
    await playground.waitFor(() => answers()[0]?.text === 'Shown by');
    runs.last.say(' edits').finish();
    await ended();
    expect(answers().map(({ text }) => text)).toEqual(['Shown by edits']);
    expect(playground.refused).toHaveLength(1);
  });

  it('records a doubt and sends nothing twice when the answer to the final is lost', async () => {
    const { desk, runs, request, playground, answers } = await start();
    playground.faults.add({ kind: 'lost_answer', method: 'sendMessage' });
    await desk.ask(request());
    runs.last.say('Only once').finish();
    await ended();
    expect(await state()).toMatchObject({ state: 'doubt', doubts: 1 });
    await desk.recover({ alone: true });
    await pause(100);
    expect(answers().map(({ text }) => text)).toEqual(['Only once']);
  });

  it('repeats a final that edits a message when its answer is lost', async () => {
    const { desk, runs, inGroup, group, playground, answers } = await start();
    await desk.ask(inGroup());
    runs.last.say('Growing');
    await playground.waitFor(() => answers(group.id)[0]);
    playground.faults.add({ kind: 'lost_answer', method: 'editMessageText' });
    runs.last.say('.').finish();
    await ended();
    expect(answers(group.id).map(({ text }) => text)).toEqual(['Growing.']);
    expect(await state()).toMatchObject({ state: 'sent', doubts: 0 });
  });

  it('sends a new message when the preview was deleted, and a plain one when formats are refused', async () => {
    const { desk, runs, inGroup, group, playground, answers, bot } = await start();
    await desk.ask(inGroup());
    runs.last.say('**Bold**');
    const preview = await playground.waitFor(() => answers(group.id)[0]);
    await bot.api.deleteMessage(group.id, preview.message_id);
    playground.faults.add({
      kind: 'bad_request',
      method: 'sendMessage',
      description: "can't parse entities",
    });
    runs.last.say(' end').finish();
    await ended();
    expect(answers(group.id)).toMatchObject([{ text: 'Bold end' }]);
    expect(answers(group.id)[0]?.entities).toBeUndefined();
  });

  it('stops previewing when nobody knows whether the preview arrived, and sends a final of its own', async () => {
    const { desk, runs, inGroup, group, playground, answers, calls } = await start();
    playground.faults.add({ kind: 'lost_answer', method: 'sendMessage' });
    await desk.ask(inGroup());
    runs.last.say('Part');
    await playground.waitFor(() => answers(group.id)[0]);
    runs.last.say(' and');
    await pause(150);
    runs.last.say(' whole').finish();
    await ended();
    expect(answers(group.id).map(({ text }) => text)).toEqual(['Part', 'Part and whole']);
    expect(calls('editMessageText')).toEqual([]);
    expect(await state()).toMatchObject({ state: 'sent' });
  });

  it('gives up on a person who blocked the bot', async () => {
    const { desk, runs, request, ann: person, answers } = await start();
    await desk.ask(request());
    person.block();
    runs.last.say('Nobody reads this').finish();
    await ended();
    expect(await state()).toMatchObject({ state: 'dead' });
    expect(answers()).toEqual([]);
  });
});

describe('after a restart', () => {
  it('delivers what was being streamed, once', async () => {
    const { desk, open, runs, request, playground, chat, answers } = await start();
    await desk.ask(request());
    runs.last.say('Begun');
    await playground.waitFor(() => playground.draft(chat)?.text === 'Begun');
    await desk.drain(0);
    const next = open();
    runs.last.fail('INTERRUPTED');
    await next.recover();
    await ended();
    await next.recover();
    await pause(50);
    expect(answers().map(({ text }) => text)).toEqual(['Begun\n\nInterrupted.']);
  });

  it('takes over the answers of an instance that died, edits its preview, and only after its lease', async () => {
    const { desk, open, runs, inGroup, group, playground, answers } = await start();
    await desk.ask(inGroup());
    runs.last.say('Begun');
    await playground.waitFor(() => answers(group.id)[0]);
    await desk.drain(0);
    await db.query(
      `update telegram_answers set claimed_by = 'dead', claimed_until = now() + interval '300 ms'`,
    );
    const next = open();
    runs.last.say(' and ended').finish();
    await next.recover();
    await pause(50);
    expect(answers(group.id)[0]?.text).toBe('Begun');
    await pause(300);
    await next.recover();
    await ended();
    expect(answers(group.id).map(({ text }) => text)).toEqual(['Begun and ended']);
  });

  it('leaves the final to the instance that took the answer over', async () => {
    const { desk, open, runs, request, answers } = await start();
    await desk.ask(request({ streaming: false }));
    await db.query(
      `update telegram_answers set claimed_by = 'other', claimed_until = now() + interval '1 hour'`,
    );
    runs.last.say('Only by one').finish();
    await desk.drain(1000);
    expect(answers()).toEqual([]);
    await open().recover({ alone: true });
    await ended();
    expect(answers().map(({ text }) => text)).toEqual(['Only by one']);
  });

  it('does not repeat a part that was on the wire, but sends the others', async () => {
    const { desk, open, runs, request, answers } = await start();
    await desk.ask(request({ streaming: false }));
    await desk.drain(0);
    await db.query(`update telegram_answers set state = 'sending', claimed_until = null`);
    runs.last.say(`${'a'.repeat(4000)}\n\n${'b'.repeat(4000)}`).finish();
    await open().recover();
    await ended();
    expect(answers().map(({ text }) => text)).toEqual(['b'.repeat(4000)]);
    expect(await state()).toEqual({ state: 'doubt', parts_sent: 2, doubts: 1 });
  });
});
