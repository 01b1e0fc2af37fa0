import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#shared/database/database.ts';
import type { ActingPerson, Group } from '../../../playground/telegram.ts';
import { BotBench, buttonsOf, labelsOf, openBenchDatabase } from '../testing/bot-bench.ts';

let db: Database;
let bench: BotBench;
let ann: ActingPerson;
let bob: ActingPerson;
let group: Group;

beforeAll(async () => {
  db = await openBenchDatabase();
});
beforeEach(async () => {
  await db.query(
    'truncate people, groups, group_members, threads, notices, telegram_private_chats, telegram_conversations, process_instances, user_tasks',
  );
  await open();
});
afterEach(() => bench.close());
afterAll(() => db.close());

async function open(options: Parameters<typeof BotBench.open>[1] = {}): Promise<void> {
  bench = await BotBench.open(db, options);
  ann = bench.person('Ann');
  bob = bench.person('Bob');
  group = bench.group('Team', [ann, bob], { topics: ['Money'] });
  await bench.drain();
  ann.send(group, '/help');
  bob.send(group, '/help');
  await bench.drain();
}

async function startExpense(topicId?: number): Promise<string> {
  const found = await bench.services.groups.findByChat(group.id);
  await bench.services.workflows.start(await bench.callerOf(ann), {
    key: 'expense_approval',
    values: { amount: 120, currency: 'EUR', purpose: 'Train tickets', spent_on: '2026-11-20' },
    groupId: found?.id,
    topicId,
  });
  const [task] = await db.query<{ id: string }>("select id from user_tasks where status = 'open'");
  return task?.id ?? '';
}

const notices = () =>
  db.query<{ state: string; message_id: number | null; shown_revision: number; last_error: string | null }>(
    "select state, message_id, shown_revision, last_error from notices where target_kind = 'group'",
  );
const inGroup = () =>
  bench.playground.messages(group).filter(({ text }) => text?.includes('Review the expense'));

describe('a task of a group', () => {
  it('is posted once, in its topic, with what one needs to know', async () => {
    const topic = bench.playground.groups[0]?.topics[0]?.id;
    const taskId = await startExpense(topic);
    await bench.showNotices();
    await bench.showNotices();
    const [notice, ...others] = inGroup();
    expect(others).toEqual([]);
    expect(notice?.message_thread_id).toBe(topic);
    expect(notice?.text).toMatch(
      /^📋 Review the expense: 120\.00 EUR\nExpense approval, started by Ann\n\nAnn asks for 120\.00 EUR, Train tickets[^]*Due: [^]* UTC\nNobody has taken it yet$/,
    );
    expect(notice?.entities?.find(({ type }) => type === 'date_time')).toMatchObject({
      date_time_format: 'Dt',
    });
    expect(buttonsOf(notice!)).toEqual([
      { text: 'Take it', callback_data: `take:${taskId}` },
      { text: 'Open', url: `https://t.me/concierge_bot?start=task_${taskId}` },
    ]);
    expect(await notices()).toMatchObject([{ state: 'shown', message_id: notice?.message_id }]);
  });

  it('opens in the Mini App when that has a name', async () => {
    await bench.close();
    await open({ miniAppName: 'app' });
    const taskId = await startExpense();
    await bench.showNotices();
    expect(buttonsOf(inGroup()[0]!)).toContainEqual({
      text: 'Open',
      url: `https://t.me/concierge_bot/app?startapp=task_${taskId}`,
    });
  });

  it('is taken and completed, and its one message says so each time', async () => {
    await bench.tell(bob, '/start');
    const taskId = await startExpense();
    await bench.showNotices();
    expect(await bench.press(bob, 'Take it', group)).toMatchObject({
      text: 'It is yours now.',
      alert: false,
    });
    expect(labelsOf(bench.last(bob.person))).toEqual(['Fill in here', 'Open form']);
    await bench.showNotices();
    expect(inGroup()).toHaveLength(1);
    expect(inGroup()[0]?.text).toMatch(/Taken by Bob$/);
    expect(labelsOf(inGroup()[0]!)).toEqual(['Open']);

    await bench.press(bob, 'Fill in here');
    await bench.press(bob, 'Keep 120');
    await bench.press(bob, 'Skip');
    await bench.press(bob, 'Approve');
    await bench.showNotices();
    expect(inGroup()).toHaveLength(1);
    expect(inGroup()[0]?.text).toMatch(/^✅ Review[^]*Approved by Bob: 120\.00 EUR for Train tickets$/);
    expect(labelsOf(inGroup()[0]!)).toEqual([]);
    expect(await bench.services.workflows.task(await bench.callerOf(bob), taskId)).toMatchObject({
      status: 'completed',
    });
  });

  it('leads a taker who never started the bot to the private chat', async () => {
    const taskId = await startExpense();
    await bench.showNotices();
    expect(await bench.press(bob, 'Take it', group)).toMatchObject({
      text: 'It is yours now. Open our private chat to go on.',
      url: `https://t.me/concierge_bot?start=task_${taskId}`,
    });
  });

  it('is not for whoever started it, and not for two', async () => {
    await startExpense();
    await bench.showNotices();
    const message = inGroup()[0]!;
    expect(await bench.press(ann, 'Take it', group)).toMatchObject({
      text: 'You started this, so somebody else has to do this step.',
      alert: true,
    });
    const eve = bench.person('Eve');
    bench.playground.addMember(group, eve.person);
    const first = bob.press(message, 'Take it').answer();
    const second = eve.press(message, 'Take it').answer();
    await bench.drain();
    expect((await first).text).toMatch(/^It is yours now/);
    expect(await second).toMatchObject({ text: 'Bob has taken this task.', alert: true });
  });

  it('answers a press that comes twice as it did the first time', async () => {
    await bench.tell(bob, '/start');
    await startExpense();
    await bench.showNotices();
    bob.press(inGroup()[0]!, 'Take it');
    const [update] = await bench.take();
    await bench.bot.bot.handleUpdate(update!);
    await bench.bot.bot.handleUpdate(update!);
    expect(await db.query('select assignee_id from user_tasks')).toEqual([
      { assignee_id: (await bench.callerOf(bob)).personId },
    ]);
  });
});

describe('when something is in the way', () => {
  it('a deleted message is sent anew', async () => {
    await startExpense();
    await bench.showNotices();
    const [notice] = await notices();
    await bench.bot.bot.api.deleteMessage(group.id, notice?.message_id ?? 0);
    const [task] = await db.query<{ id: string }>('select id from user_tasks');
    await bench.services.workflows.claim(await bench.callerOf(bob), task?.id ?? '');
    await bench.showNotices();
    expect(inGroup()).toHaveLength(1);
    expect(inGroup()[0]?.text).toMatch(/Taken by Bob$/);
    expect((await notices())[0]?.message_id).toBe(inGroup()[0]?.message_id);
  });

  it('a removed bot stops trying', async () => {
    await startExpense();
    ann.removeBot(group);
    await bench.showNotices();
    expect(await notices()).toMatchObject([{ state: 'dead' }]);
    expect(await bench.services.groups.findByChat(group.id)).toMatchObject({ active: false });
  });

  it('a deleted topic does not hide the task', async () => {
    await startExpense(987_654);
    await bench.showNotices();
    expect(inGroup()).toHaveLength(1);
  });

  it('a lost answer doubles a message once at most', async () => {
    bench.playground.faults.add({ kind: 'lost_answer', method: 'sendMessage', times: 10 });
    await startExpense();
    await bench.showNotices();
    expect(inGroup().length).toBeLessThanOrEqual(2);
    expect(await notices()).toMatchObject([
      { state: 'dead', last_error: expect.stringContaining('in doubt') },
    ]);
  });

  it('an outage of Telegram is waited out', async () => {
    bench.playground.faults.add({ kind: 'too_many_requests', method: 'sendMessage', retryAfter: 1 });
    await startExpense();
    await bench.showNotices();
    expect(inGroup()).toHaveLength(1);
    expect(await notices()).toMatchObject([{ state: 'shown' }]);
  });

  it('a group that becomes a supergroup gets its notice there', async () => {
    await startExpense();
    bench.playground.migrate(group);
    await bench.showNotices();
    expect(inGroup()).toHaveLength(1);
    expect(await bench.services.groups.findByChat(group.id)).toMatchObject({ active: true });
  });
});

describe('a person’s notice', () => {
  it('reaches the private chat, unless the person muted it or never came', async () => {
    await bench.tell(bob, '/start');
    const taskId = await startExpense();
    await bench.services.workflows.claim(await bench.callerOf(bob), taskId);
    for (const who of [ann, bob]) {
      const { personId } = await bench.callerOf(who);
      await bench.notices.show({
        subjectKind: 'task',
        subjectId: taskId,
        target: { kind: 'person', id: personId },
      });
    }
    await bench.showNotices();
    expect(bench.last(bob.person).text).toMatch(/Review the expense/);
    expect(bench.playground.messages(ann.person)).toEqual([]);
    const rows = await db.query("select state from notices where target_kind = 'person' order by state");
    expect(rows).toEqual([{ state: 'dead' }, { state: 'shown' }]);
  });
});
