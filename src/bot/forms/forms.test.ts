import type { Message } from 'grammy/types';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Database } from '#shared/database/database.ts';
import type { ActingPerson, Group } from '../../../playground/telegram.ts';
import { BotBench, buttonsOf, labelsOf, openBenchDatabase } from '../testing/bot-bench.ts';

let db: Database;
let bench: BotBench;
let ann: ActingPerson;
let bob: ActingPerson;

beforeAll(async () => {
  db = await openBenchDatabase();
});
beforeEach(async () => {
  await db.query(
    'truncate people, groups, group_members, threads, notices, telegram_private_chats, telegram_conversations, process_instances, user_tasks',
  );
  bench = await BotBench.open(db);
  ann = bench.person('Ann');
  bob = bench.person('Bob');
});
afterEach(() => bench.close());
afterAll(() => db.close());

const asked = () => bench.last(ann.person).text ?? '';
const processes = () => db.query<{ id: string }>('select id from process_instances');

/** Everything up to the summary of an expense. */
async function fillInExpense(): Promise<void> {
  await bench.tell(ann, '/run expense_approval');
  await bench.tell(ann, '120');
  await bench.press(ann, 'Keep EUR');
  await bench.tell(ann, 'Train tickets');
  await bench.press(ann, 'Yesterday');
  await bench.press(ann, 'Skip');
}

describe('a start form in the private chat', () => {
  it('is asked field by field, summed up and sent', async () => {
    await bench.tell(ann, '/run');
    await bench.press(ann, '💶 Expense approval');
    expect(asked()).toMatch(/^Expense approval\n[^]*5 questions[^]*1\/5 · Amount$/);
    await bench.tell(ann, '12,50');
    expect(asked()).toMatch(/^2\/5 · Currency/);
    expect(labelsOf(bench.last(ann.person))).toEqual(['EUR', 'USD', 'GBP', 'RUB', 'Keep EUR', 'Cancel']);
    await bench.press(ann, 'USD');
    expect(bench.playground.messages(ann.person).at(-2)?.text).toBe('2/5 · Currency: USD');
    expect(asked()).toMatch(/^3\/5 · What for/);
    await bench.tell(ann, 'Train tickets');
    expect(asked()).toMatch(/^4\/5 · Date of the expense\n[^]*2026-11-21/);
    await bench.tell(ann, '20.11.2026');
    expect(asked()).toMatch(/^5\/5 · Details \(optional\)\nAnything that helps to decide\./);
    await bench.tell(ann, '/skip');
    expect(asked()).toBe(
      'Expense approval\nAmount: 12.5\nCurrency: USD\nWhat for: Train tickets\nDate of the expense: November 20, 2026\nDetails: —\n\nIs everything right?',
    );
    expect(labelsOf(bench.last(ann.person))).toEqual(['Send', 'Edit', 'Cancel']);
    await bench.press(ann, 'Send');
    expect(asked()).toMatch(/✅ “Expense approval” is under way\.\nNext: Review the expense: 12\.50 USD$/);
    expect(await processes()).toHaveLength(1);
    expect(bench.answers.asked, 'no answer went to the assistant').toEqual([]);
    await bench.tell(ann, 'Hello');
    expect(bench.answers.last.text, 'and the dialogue is over').toBe('Hello');
  });

  it('repeats a question with the reason when the answer does not fit', async () => {
    await bench.tell(ann, '/run expense_approval');
    await bench.tell(ann, 'a lot');
    expect(asked()).toMatch(/^⚠️ A number [^]*not a number[^]*1\/5 · Amount/);
    await bench.tell(ann, '-5');
    expect(asked()).toMatch(/^⚠️ [^]*too small[^]*1\/5 · Amount/);
    await bench.tell(ann, '/skip');
    expect(asked()).toMatch(/^⚠️ This one is needed[^]*1\/5/);
    await ann.upload(bench.playground.bot, { name: 'a.txt', type: 'text/plain', bytes: Buffer.from('12') });
    await bench.drain();
    expect(asked()).toBe('Please answer with text, or with a button.');
    await bench.tell(ann, '5');
    expect(asked()).toMatch(/^2\/5/);
    await bench.tell(ann, 'Yen');
    expect(asked()).toMatch(/^⚠️ One of these is needed: EUR, USD/);
    await bench.tell(ann, 'gbp');
    expect(asked()).toMatch(/^3\/5/);
  });

  it('is changed field by field before it is sent', async () => {
    await fillInExpense();
    await bench.press(ann, 'Edit');
    expect(asked()).toBe('What would you like to change?');
    await bench.press(ann, 'Amount');
    expect(asked()).toMatch(/1\/5 · Amount/);
    await bench.tell(ann, '80');
    expect(asked()).toMatch(/Amount: 80\n[^]*Is everything right\?$/);
    await bench.tell(ann, 'yes please');
    expect(asked()).toMatch(/Use the buttons above/);
    await bench.press(ann, 'Edit');
    await bench.press(ann, '‹ Back');
    await bench.press(ann, 'Send');
    expect(await processes()).toHaveLength(1);
  });

  it('is left by /cancel, by its button, and by another command with a word', async () => {
    await bench.tell(ann, '/run expense_approval');
    expect((await bench.tell(ann, '/cancel'))[0]?.text).toBe('Left. Nothing was sent.');
    await bench.tell(ann, '/run expense_approval');
    await bench.press(ann, 'Cancel');
    expect(asked()).toBe('Left. Nothing was sent.');
    await bench.tell(ann, '/run expense_approval');
    const said = await bench.tell(ann, '/tasks');
    expect(said.map(({ text }) => text)).toEqual([
      'I put the form away, nothing was sent.',
      expect.stringMatching(/^Your tasks/),
    ]);
    await bench.tell(ann, '42');
    expect(bench.answers.last.text).toBe('42');
    expect(await processes()).toHaveLength(0);
  });

  it('goes on where it was after a restart', async () => {
    await bench.tell(ann, '/run expense_approval');
    await bench.tell(ann, '120');
    bench.restart();
    await bench.press(ann, 'EUR');
    bench.restart();
    await bench.tell(ann, 'Train tickets');
    expect(asked()).toMatch(/^4\/5/);
    await bench.press(ann, 'Today');
    bench.restart();
    await bench.press(ann, 'Skip');
    await bench.press(ann, 'Send');
    expect(await processes()).toHaveLength(1);
  });

  it('does not take one update for two answers, and starts one process for two presses of Send', async () => {
    await bench.tell(ann, '/run expense_approval');
    ann.send(bench.playground.bot, '5');
    const [answer] = await bench.take();
    await bench.bot.bot.handleUpdate(answer!);
    await bench.bot.bot.handleUpdate(answer!);
    expect(asked()).toMatch(/^2\/5 · Currency/);
    expect(bench.playground.messages(ann.person).filter(({ text }) => text?.startsWith('⚠️'))).toEqual([]);
    await bench.tell(ann, '/cancel');

    await fillInExpense();
    const summary = bench.withButton(ann.person, 'Send');
    ann.press(summary, 'Send');
    const second = ann.press(summary, 'Send').answer();
    await bench.drain();
    expect(await second).toMatchObject({ text: 'This form is closed.', alert: true });
    expect(await processes()).toHaveLength(1);
  });

  it('does not hand its last answer on when that comes twice', async () => {
    await bench.tell(ann, '/run expense_approval');
    ann.send(bench.playground.bot, '/cancel');
    const [update] = await bench.take();
    await bench.bot.bot.handleUpdate(update!);
    const before = bench.playground.messages(ann.person).length;
    await bench.bot.bot.handleUpdate(update!);
    expect(bench.playground.messages(ann.person)).toHaveLength(before);
  });

  it('says what went wrong and goes on when a service fails', async () => {
    await bench.tell(ann, '/run expense_approval');
    const broken = vi.spyOn(bench.services.workflows, 'checkField').mockImplementationOnce(() => {
      throw new Error('broken');
    });
    await bench.tell(ann, '120');
    expect(asked()).toBe('It did not work just now. Please send it once more.');
    broken.mockRestore();
    await bench.tell(ann, '120');
    expect(asked()).toMatch(/^2\/5/);
  });

  it('is offered by a list when the workflow is not known', async () => {
    await bench.tell(ann, '/run holiday');
    expect(asked()).toMatch(/^I know no workflow called “holiday”\. These are there:[^]*Expense approval/);
  });

  it('takes a button of an earlier question for what it is', async () => {
    await bench.tell(ann, '/run expense_approval');
    await bench.tell(ann, '5');
    const currency = bench.last(ann.person);
    await bench.tell(ann, 'EUR');
    const popup = ann.press(currency, 'USD').answer();
    await bench.drain();
    expect(await popup).toMatchObject({ text: 'This is answered already. “Edit” at the end changes it.' });
    await bench.tell(ann, 'Train tickets');
    expect(asked()).toMatch(/^4\/5/);
  });

  it('speaks the language of the person, dates and numbers too', async () => {
    const olga = bench.person('Olga', 'ru');
    await bench.tell(olga, '/run expense_approval');
    expect(bench.last(olga.person).text).toMatch(/5 вопросов[^]*1\/5 · Сумма/);
    await bench.tell(olga, 'много');
    expect(bench.last(olga.person).text).toMatch(/^⚠️ Нужно число/);
    await bench.tell(olga, '1 234,50');
    await bench.press(olga, 'RUB');
    await bench.tell(olga, 'Билеты');
    await bench.tell(olga, '20.11.2026');
    await bench.press(olga, 'Пропустить');
    expect(bench.last(olga.person).text).toMatch(/Сумма: 1\u00a0234,5\n[^]*Дата расхода: 20 ноября 2026/);
  });
});

describe('a task form', () => {
  let group: Group;
  let taskId: string;
  beforeEach(async () => {
    group = bench.group('Team', [ann, bob]);
    await bench.drain();
    bob.send(group, 'Hi @concierge_bot');
    ann.send(group, 'Hi @concierge_bot');
    await bench.tell(bob, '/start');
    await bench.drain();
    const found = await bench.services.groups.findByChat(group.id);
    const caller = await bench.callerOf(ann);
    await bench.services.workflows.start(caller, {
      key: 'expense_approval',
      values: { amount: 120, currency: 'EUR', purpose: 'Train tickets', spent_on: '2026-11-20' },
      groupId: found?.id,
    });
    const { results } = await bench.services.workflows.tasks(await bench.callerOf(bob), 'inbox', {
      limit: 1,
      offset: 0,
    });
    taskId = results[0]?.id ?? '';
  });
  const said = () => bench.last(bob.person).text ?? '';

  it('opens from the list, offers defaults, and ends with one of its actions', async () => {
    const [list] = await bench.tell(bob, '/tasks');
    expect(list?.text).toBe('Your tasks: Inbox');
    expect(labelsOf(list!)).toEqual(
      expect.arrayContaining(['Review the expense: 120.00 EUR', '• Inbox (1)', 'Done (0)']),
    );
    await bench.press(bob, 'Review the expense: 120.00 EUR');
    expect(said()).toMatch(/Review the expense: 120\.00 EUR\nExpense approval, started by Ann[^]*Due: /);
    expect(buttonsOf(bench.last(bob.person))).toContainEqual({
      text: 'Open form',
      web_app: { url: `https://concierge.example.org/app/tasks/${taskId}` },
    });
    await bench.press(bob, 'Take it');
    expect(said()).toMatch(/Taken by Bob$/);
    await bench.press(bob, 'Fill in here');
    expect(said()).toMatch(/1\/2 · Approved amount/);
    await bench.press(bob, 'Keep 120');
    await bench.press(bob, 'Skip');
    expect(labelsOf(bench.last(bob.person))).toEqual(['Approve', 'Reject', 'Ask back', 'Edit', 'Cancel']);
    await bench.press(bob, 'Approve');
    expect(said()).toMatch(/✅ Approved by Bob: 120\.00 EUR for Train tickets$/);
    expect(await bench.services.workflows.task(await bench.callerOf(bob), taskId)).toMatchObject({
      status: 'completed',
    });
  });

  it('asks once more for what an action needs', async () => {
    await bench.tell(bob, `/start task_${taskId}`);
    await bench.press(bob, 'Fill in here');
    await bench.press(bob, 'Keep 120');
    await bench.press(bob, 'Skip');
    await bench.press(bob, 'Reject');
    expect(said()).toMatch(/^⚠️ [^]*2\/2 · Comment/);
    await bench.tell(bob, 'Too expensive');
    await bench.press(bob, 'Reject');
    expect(said()).toMatch(/✅ Rejected by Bob: Too expensive$/);
  });

  it('ends when the task was completed in the app meanwhile, by oneself or by somebody else', async () => {
    await bench.tell(bob, `/start task_${taskId}`);
    await bench.press(bob, 'Fill in here');
    const caller = await bench.callerOf(bob);
    await bench.services.workflows.complete(caller, taskId, { values: {}, action: 'action_approve' });
    await bench.tell(bob, '100');
    expect(said()).toBe('You have already completed this task, so I close the form.');
    await bench.tell(bob, 'Hello');
    expect(bench.answers.last.text).toBe('Hello');
  });

  it('says who was faster', async () => {
    const eve = bench.person('Eve');
    bench.playground.addMember(group, eve.person);
    eve.send(group, 'Hi @concierge_bot');
    await bench.drain();
    await bench.tell(bob, `/start task_${taskId}`);
    await bench.press(bob, 'Fill in here');
    await bench.services.workflows.complete(await bench.callerOf(eve), taskId, {
      values: {},
      action: 'action_approve',
    });
    await bench.press(bob, 'Keep 120');
    expect(said()).toBe('Meanwhile Eve has completed this task, so I close the form.');
    await bench.tell(bob, `/start task_${taskId}`);
    expect(said()).toMatch(/Approved by Eve/);
  });

  it('is not for whoever started it', async () => {
    await bench.tell(ann, `/start task_${taskId}`);
    expect(labelsOf(bench.last(ann.person))).not.toContain('Fill in here');
  });
});

describe('a start form in a group', () => {
  let group: Group;
  beforeEach(async () => {
    group = bench.group('Team', [ann, bob], { topics: ['Money'] });
    await bench.drain();
  });
  const newest = (): Message => bench.last(group);

  it('asks its asker, takes only their replies, and starts for the group and its topic', async () => {
    const order = ann.send(group, '/run expense_approval', { topic: 'Money' });
    await bench.drain();
    const first = newest();
    expect(first.reply_to_message?.message_id).toBe(order.message_id);
    expect(first.message_thread_id).toBe(order.message_thread_id);
    expect(bench.playground.outbox.at(-1)?.payload['reply_markup']).toMatchObject({
      force_reply: true,
      selective: true,
    });

    bob.send(group, '999', { topic: 'Money', replyTo: first });
    ann.send(group, 'Lunch?', { topic: 'Money' });
    await bench.drain();
    expect(newest().text, 'neither of these was the answer').toBe('Lunch?');

    ann.send(group, '50', { topic: 'Money', replyTo: first });
    await bench.drain();
    expect(newest().text).toMatch(/^2\/5 · Currency/);
    expect(await bench.press(bob, 'EUR', group)).toMatchObject({
      text: 'This form is somebody else’s.',
      alert: true,
    });
    await bench.press(ann, 'EUR', group);
    const question = newest();
    expect(question.text).toMatch(/^Ann\n3\/5 · What for/);
    expect(question.entities?.[0]).toMatchObject({ type: 'text_mention', user: { id: ann.person.id } });
    ann.send(group, 'Taxi', { topic: 'Money', replyTo: question });
    await bench.drain();
    await bench.press(ann, 'Today', group);
    expect(labelsOf(newest())).toEqual(['Skip', 'Cancel']);
    ann.send(group, '/skip', { topic: 'Money' });
    await bench.drain();
    await bench.press(ann, 'Send', group);
    expect(newest().text, 'the notice says what is next').toMatch(/✅ “Expense approval” is under way\.$/);
    const found = await bench.services.groups.findByChat(group.id);
    const rows = await db.query('select group_id, topic_id from process_instances');
    expect(rows).toEqual([{ group_id: found?.id, topic_id: order.message_thread_id }]);
    expect(
      bench.answers.asked.map(({ caller }) => caller.displayName),
      'Bob’s reply was a question',
    ).toEqual(['Bob']);
  });

  it('goes on beside questions and other people’s forms', async () => {
    ann.send(group, '/run expense_approval');
    bob.send(group, '/run expense_approval');
    await bench.drain();
    const [forAnn, forBob] = bench.playground.messages(group).slice(-2);
    bob.send(group, '2', { replyTo: forBob! });
    ann.send(group, '@concierge_bot what is the limit?');
    await bench.drain();
    expect(bench.answers.last.text).toBe('what is the limit?');
    const other = await bench.bot.bot.api.sendMessage(group.id, 'An answer of before');
    ann.send(group, '7', { replyTo: other });
    await bench.drain();
    expect(bench.answers.last.text, 'a reply to something else is no answer to the form').toBe('7');
    ann.send(group, '1', { replyTo: forAnn! });
    await bench.drain();
    expect(newest().text).toMatch(/^2\/5/);
  });
});
