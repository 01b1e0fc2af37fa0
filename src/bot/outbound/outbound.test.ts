import { Api } from 'grammy';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import { MemorySessionStore } from '#shared/session-store/memory-session-store.ts';
import { closeAll, startPlayground, TOKEN } from '../../../playground/testing.ts';
import type { OutboundLimits } from './limits.ts';
import { Outbound } from './outbound.ts';
import { attempt } from './outcome.ts';

const quick: OutboundLimits['perChat'] = {
  private: { count: 100, windowMs: 1000, keptForFinals: 1 },
  group: { count: 20, windowMs: 60_000, keptForFinals: 3 },
};

async function start(limits: Partial<OutboundLimits> = {}) {
  const telegram = await startPlayground();
  const metrics = createMetrics();
  const events: string[] = [];
  const outbound = new Outbound({
    store,
    botId: 4242,
    logger: createLogger('silent'),
    metrics,
    limits: { perChat: quick, ...limits },
    onMigrated: async (from, to) => void events.push(`migrated ${from} ${to}`),
    onDeadChat: async (chatId) => void events.push(`dead ${chatId}`),
  });
  const api = new Api(TOKEN, { apiRoot: telegram.url });
  api.config.use(outbound.transformer);
  telegram.ann.send(telegram.playground.bot, 'hello');
  const texts = (chat: number | { id: number }) =>
    telegram.playground.messages(chat).flatMap(({ from, text }) => (from?.is_bot ? [text] : []));
  return { ...telegram, outbound, api, metrics, events, texts, ann: telegram.ann.person };
}

let store: MemorySessionStore;
beforeEach(() => {
  store = new MemorySessionStore();
});
afterEach(async () => {
  await closeAll();
  await store.close();
});

it('keeps the order of messages of one chat, also when one is sent again after a 429', async () => {
  const { api, ann, playground, texts } = await start();
  playground.faults.add({ kind: 'too_many_requests', method: 'sendMessage', retryAfter: 1 });
  await Promise.all(['a', 'b', 'c', 'd'].map((text) => api.sendMessage(ann.id, text)));
  expect(texts(ann)).toEqual(['a', 'b', 'c', 'd']);
});

it('sends finals before notifications, and previews only when nothing else waits', async () => {
  const { api, ann, playground, outbound, texts } = await start();
  playground.faults.add({ kind: 'too_many_requests', method: 'sendMessage', retryAfter: 1 });
  const first = api.sendMessage(ann.id, 'first');
  await playground.waitFor(() => playground.refused.length > 0);
  const notice = outbound.inLane('notification', () => api.sendMessage(ann.id, 'notice'));
  const final = api.sendMessage(ann.id, 'final');
  const preview = await attempt(() => api.sendMessageDraft(ann.id, 7, 'draft'));
  expect(preview).toMatchObject({ status: 'unsent', error: { reason: 'dropped' } });
  await Promise.all([first, notice, final]);
  expect(texts(ann)).toEqual(['first', 'final', 'notice']);
});

it('obeys retry_after for the chat that it was told for, while others go on', async () => {
  const { api, ann, bob, playground } = await start();
  bob.send(playground.bot, 'hi');
  playground.faults.add({ kind: 'too_many_requests', method: 'sendMessage', chat: ann.id, retryAfter: 1 });
  const started = Date.now();
  const toAnn = api.sendMessage(ann.id, 'slow').then(() => Date.now() - started);
  const toBob = api.sendMessage(bob.person.id, 'fast').then(() => Date.now() - started);
  expect(await toBob).toBeLessThan(700);
  expect(await toAnn).toBeGreaterThanOrEqual(1000);
});

it('lets only the newest preview of a draft wait', async () => {
  const { api, ann, playground } = await start();
  const outcomes = await Promise.all(
    ['one', 'two', 'three', 'four'].map((text) => attempt(() => api.sendMessageDraft(ann.id, 7, text))),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(['unsent', 'unsent', 'unsent', 'ok']);
  expect(playground.outbox.filter(({ method }) => method === 'sendMessageDraft')).toHaveLength(1);
  expect(playground.draft(ann)?.text).toBe('four');
});

it('repeats what was certainly not written, and nothing whose answer was lost', async () => {
  const { api, ann, playground, outbound, texts } = await start();
  playground.faults.add({ kind: 'lost_answer', method: 'sendMessage' });
  expect(await attempt(() => api.sendMessage(ann.id, 'once'))).toMatchObject({ status: 'lost' });
  expect(texts(ann)).toEqual(['once']);

  const message = await api.sendMessage(ann.id, 'to edit');
  playground.faults.add({ kind: 'lost_answer', method: 'editMessageText' });
  await api.editMessageText(ann.id, message.message_id, 'edited');
  expect(texts(ann)).toEqual(['once', 'edited']);

  // Nobody listens on port 1, so no connection is made.
  const unreachable = new Api(TOKEN, { apiRoot: 'http://127.0.0.1:1' });
  unreachable.config.use(outbound.transformer);
  let writes = 0;
  const refused = await outbound.inLane('final', () => attempt(() => unreachable.sendMessage(ann.id, 'hi')), {
    writing: async () => void writes++,
  });
  expect(refused).toMatchObject({ status: 'unsent' });
  expect(writes).toBe(3);
});

it('follows a group that became a supergroup, and says so', async () => {
  const { api, ann, playground, events, texts } = await start();
  const group = playground.addGroup({ title: 'Team', members: [ann, playground.bot] });
  const old = group.id;
  playground.faults.add({ kind: 'migrate', chat: old });
  const message = await api.sendMessage(old, 'hello');
  expect(message.chat.id).not.toBe(old);
  expect(events).toEqual([`migrated ${old} ${message.chat.id}`]);
  await api.sendMessage(old, 'again');
  expect(texts(message.chat.id)).toContain('again');
});

it('reports a chat that is dead', async () => {
  const { api, ann, playground, events } = await start();
  playground.as(ann).block();
  expect(await attempt(() => api.sendMessage(ann.id, 'hi'))).toMatchObject({ status: 'dead_chat' });
  expect(events).toEqual([`dead ${ann.id}`]);
});

it('takes an unchanged edit and a button that nobody waits for as success', async () => {
  const { api, ann } = await start();
  const message = await api.sendMessage(ann.id, 'same');
  await api.editMessageText(ann.id, message.message_id, 'same');
  await api.answerCallbackQuery('12345', { text: 'late' });
});

it('stays under the limits of a group without being told', async () => {
  const { api, ann, playground, outbound } = await start();
  const group = playground.addGroup({ title: 'Team', members: [ann, playground.bot] });
  const sends = Array.from({ length: 25 }, (_, i) => attempt(() => api.sendMessage(group.id, `m${i}`)));
  await playground.waitFor(
    () => playground.outbox.filter(({ method }) => method === 'sendMessage').length === 20,
  );
  expect(await attempt(() => api.sendChatAction(group.id, 'typing'))).toMatchObject({ status: 'unsent' });
  await outbound.close(0);
  const statuses = (await Promise.all(sends)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 'ok')).toHaveLength(20);
  expect(playground.refused).toEqual([]);
});

it('has no unbounded queue', async () => {
  const { api, ann, outbound } = await start({
    waitingPerChat: 5,
    perChat: { ...quick, private: { count: 1, windowMs: 60_000, keptForFinals: 0 } },
  });
  const sends = Array.from({ length: 10 }, (_, i) => attempt(() => api.sendMessage(ann.id, `m${i}`)));
  const early = await Promise.race(sends.slice(8));
  expect(early).toMatchObject({ status: 'unsent', error: { reason: 'full' } });
  await outbound.close(50);
  await Promise.all(sends);
});

it('shares one limit over all chats and stays under it', async () => {
  const { api, playground, ann } = await start({ perSecond: 12, burst: 2 });
  const people = Array.from({ length: 20 }, (_, i) =>
    playground.addPerson({ first_name: `P${i}`, username: `p${i}` }),
  );
  for (const person of people) playground.as(person).send(playground.bot, 'hi');
  const started = Date.now();
  await Promise.all(people.map((person) => api.sendMessage(person.id, 'hello')));
  expect(Date.now() - started).toBeGreaterThan(800);
  await api.sendMessage(ann.id, 'done');
});

it('pauses everything when two chats are limited at once', async () => {
  const { api, ann, bob, playground } = await start();
  bob.send(playground.bot, 'hi');
  const third = playground.as(playground.addPerson({ first_name: 'Eve', username: 'eve' }));
  third.send(playground.bot, 'hi');
  for (const chat of [ann.id, bob.person.id]) {
    playground.faults.add({ kind: 'too_many_requests', method: 'sendMessage', chat, retryAfter: 1 });
  }
  const limited = [api.sendMessage(ann.id, 'a'), api.sendMessage(bob.person.id, 'b')];
  await playground.waitFor(() => playground.refused.length === 2);
  // The refusals are on their way back.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const started = Date.now();
  await api.sendMessage(third.person.id, 'c');
  expect(Date.now() - started).toBeGreaterThan(600);
  await Promise.all(limited);
});

it('tells right before each write, and when a write did not happen', async () => {
  const { api, ann, playground, outbound, texts } = await start();
  const told: string[] = [];
  const hooks = {
    writing: async () => void told.push('writing'),
    unsent: async () => void told.push('unsent'),
  };
  playground.faults.add({ kind: 'too_many_requests', method: 'sendMessage', retryAfter: 1 });
  await outbound.inLane('final', () => api.sendMessage(ann.id, 'x'), hooks);
  expect(told).toEqual(['writing', 'unsent', 'writing']);

  const broken = { writing: () => Promise.reject(new Error('The database is away')) };
  const outcome = await outbound.inLane('final', () => attempt(() => api.sendMessage(ann.id, 'y')), broken);
  expect(outcome).toMatchObject({ status: 'unsent', error: { reason: 'unrecorded' } });
  expect(texts(ann)).toEqual(['x']);
});

it('counts calls by method and outcome', async () => {
  const { api, ann, playground, metrics } = await start();
  playground.faults.add({ kind: 'bad_request', method: 'sendMessage' });
  await attempt(() => api.sendMessage(ann.id, 'refused'));
  await Promise.all([1, 2].map((n) => attempt(() => api.sendMessageDraft(ann.id, 7, `draft ${n}`))));
  await api.sendMessage(ann.id, 'ok');
  const { values } = await metrics.telegramCalls.get();
  const counts = values.map(({ labels, value }) => `${labels.method} ${labels.outcome} ${value}`);
  expect(counts.toSorted()).toEqual([
    'sendMessage ok 1',
    'sendMessage refused 1',
    'sendMessageDraft dropped 1',
    'sendMessageDraft ok 1',
  ]);
});
