import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schemaDifference } from '../database/schema-difference.ts';
import { codeOf, TestWorld, trainTickets } from './test-world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await TestWorld.open();
  await world.workflows.deployAll();
});
afterAll(() => world.database.close());

const page = { limit: 20, offset: 0 };

describe('the schema', () => {
  it('is what the entities describe', async () => {
    expect(await schemaDifference(world.database)).toBe('');
  });
});

describe('an expense in a group', () => {
  it('is approved by another member, and everybody reads by whom and how much', async () => {
    const [ann, bob] = [world.person('Ann'), world.person('Боб', 'ru')];
    const group = world.group('Finance', ann, bob);
    const started = await world.workflows.start(ann, {
      key: 'expense_approval',
      values: trainTickets,
      groupId: group,
      topicId: 7,
    });
    expect(started).toMatchObject({
      status: 'running',
      name: 'Expense approval',
      waiting_for: ['Review the expense: 120.00 EUR'],
      outcome: null,
    });
    const taskId = await world.onlyTask(bob);
    expect(world.shown.at(-1)).toEqual({
      subjectKind: 'task',
      subjectId: taskId,
      target: { kind: 'group', id: group, topicId: 7 },
    });
    const task = await world.workflows.task(bob, taskId);
    expect(task).toMatchObject({
      name: 'Проверить расход: 120,00 EUR',
      description: 'Ann просит 120,00 EUR, train tickets (20 ноября 2026 г.).',
      assignee: null,
      group: { id: group, title: 'Finance' },
      started_by: { name: 'Ann' },
      due_at: '2026-11-26T12:00:00.000Z',
      can_claim: true,
      can_complete: true,
      needs_input: true,
    });
    expect(task.form.fields.find(({ name }) => name === 'approved_amount')).toMatchObject({
      type: 'number',
      label: 'Согласованная сумма',
      value: 120,
      min: 0.01,
      max: 120,
    });
    await world.workflows.claim(bob, taskId);
    const done = await world.workflows.complete(bob, taskId, {
      values: { approved_amount: 100.5 },
      action: 'action_approve',
    });
    expect(done).toMatchObject({
      status: 'completed',
      completed_by: { name: 'Боб' },
      outcome: 'Согласовано (Боб): 100,50 EUR, train tickets',
      can_complete: false,
    });
    expect(world.changed).toContain(taskId);
    expect((await world.workflows.task(ann, taskId)).outcome).toBe(
      'Approved by Боб: 100.50 EUR for train tickets',
    );
    const [process] = await world.workflows.processes(ann);
    expect(process).toMatchObject({
      status: 'completed',
      waiting_for: [],
      outcome: 'Approved: 100.50 EUR for train tickets',
    });
  });

  it('goes back to its starter with a question and comes round again', async () => {
    const [ann, bob] = [world.person('Ann'), world.person('Bob')];
    const group = world.group('Finance', ann, bob);
    await world.workflows.start(ann, { key: 'expense_approval', values: trainTickets, groupId: group });
    const review = await world.onlyTask(bob);
    const asked = await world.workflows.complete(bob, review, {
      values: { comment: 'Which trip?' },
      action: 'action_ask',
    });
    expect(asked.outcome).toBe('Bob asks: Which trip?');
    const details = await world.onlyTask(ann);
    expect(world.shown.at(-1)).toMatchObject({
      subjectId: details,
      target: { kind: 'person', id: ann.personId },
    });
    const form = (await world.workflows.task(ann, details)).form;
    expect(form.fields.map(({ name, readonly, value }) => ({ name, readonly, value }))).toEqual([
      { name: 'text_question', readonly: true, value: 'Which trip?' },
      { name: 'amount', readonly: false, value: 120 },
      { name: 'details', readonly: false, value: null },
    ]);
    await world.workflows.complete(ann, details, { values: { amount: 80, details: 'To Berlin' } });
    const again = await world.workflows.task(bob, await world.onlyTask(bob));
    expect(again).toMatchObject({
      name: 'Review the expense: 80.00 EUR',
      description: 'Ann asks for 80.00 EUR, train tickets (November 20, 2026). To Berlin',
    });
    expect(again.form.fields.find(({ name }) => name === 'comment')?.value).toBe('');
    // What was decided earlier still reads as it was decided.
    expect((await world.workflows.task(bob, review)).name).toBe('Review the expense: 120.00 EUR');
    const rejected = await world.workflows.complete(bob, again.id, {
      values: { comment: 'Too late' },
      action: 'action_reject',
    });
    expect(rejected.outcome).toBe('Rejected by Bob: Too late');
    expect((await world.workflows.processes(ann))[0]?.outcome).toBe('Rejected: Too late');
  });

  it('is not approved by its starter while there are others, and by its starter when there are none', async () => {
    const [ann, bob] = [world.person('Ann'), world.person('Bob')];
    const group = world.group('Finance', ann, bob);
    await world.workflows.start(ann, { key: 'expense_approval', values: trainTickets, groupId: group });
    const { results, counts } = await world.workflows.tasks(ann, 'waiting', page);
    expect(counts).toEqual({ inbox: 0, next: 0, waiting: 1, scheduled: 0, done: 0 });
    const [task] = results;
    expect(task).toMatchObject({ can_claim: false, can_complete: false });
    const input = { values: {}, action: 'action_approve' };
    expect(await codeOf(world.workflows.complete(ann, task?.id ?? '', input))).toBe('PERMISSION_DENIED');
    expect(await codeOf(world.workflows.claim(ann, task?.id ?? ''))).toBe('PERMISSION_DENIED');

    const eve = world.person('Eve');
    const alone = world.group('Alone', eve);
    await world.workflows.start(eve, { key: 'expense_approval', values: trainTickets, groupId: alone });
    const own = await world.onlyTask(eve);
    expect((await world.workflows.complete(eve, own, input)).outcome).toBe(
      'Approved by Eve: 120.00 EUR for train tickets',
    );
  });
});

describe('an expense in private', () => {
  it('is its starter’s own task, without a notice', async () => {
    const ann = world.person('Ann');
    const before = world.shown.length;
    await world.workflows.start(ann, { key: 'expense_approval', values: trainTickets });
    const task = await world.workflows.task(ann, await world.onlyTask(ann));
    expect(task).toMatchObject({
      assignee: { name: 'Ann' },
      group: null,
      can_claim: false,
      can_complete: true,
    });
    expect(world.shown).toHaveLength(before);
    await world.workflows.complete(ann, task.id, { values: {}, action: 'action_approve' });
    expect((await world.workflows.processes(ann))[0]?.status).toBe('completed');
  });
});

describe('what a person fills in', () => {
  it('is refused with a sentence for each field that is wrong', async () => {
    const ann = world.person('Ann', 'ru');
    const values = { amount: 'much', currency: 'XXX', spent_on: '2026-02-30' };
    await expect(world.workflows.start(ann, { key: 'expense_approval', values })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      message: 'Сумма: нужно число от 0,01 до 100\u00a0000; это не число.',
      details: {
        issues: [
          { path: 'amount' },
          { path: 'currency', message: 'Нужен один из вариантов: EUR, USD, GBP, RUB; такого варианта нет.' },
          { path: 'purpose' },
          { path: 'spent_on' },
        ],
      },
    });
    expect(await world.workflows.processes(ann)).toEqual([]);
  });

  it('needs a comment to reject, at most the asked amount to approve, and one of the buttons', async () => {
    const ann = world.person('Ann');
    await world.workflows.start(ann, { key: 'expense_approval', values: trainTickets });
    const taskId = await world.onlyTask(ann);
    const complete = (values: Record<string, string | number>, action?: string) =>
      world.workflows.complete(ann, taskId, { values, action });
    await expect(complete({}, 'action_reject')).rejects.toMatchObject({
      message: 'Comment: text of at most 1,000 characters is needed; nothing was given.',
    });
    await expect(complete({ approved_amount: 121 }, 'action_approve')).rejects.toMatchObject({
      message: 'Approved amount: a number from 0.01 to 120 is needed; this is too large.',
    });
    await expect(complete({})).rejects.toMatchObject({
      message: 'Choose what to do: "Approve", "Reject", "Ask back".',
    });
    await expect(complete({ nonsense: 1 }, 'action_approve')).rejects.toMatchObject({
      details: { issues: [{ path: 'nonsense', message: 'This form has no such field.' }] },
    });
    expect((await world.workflows.task(ann, taskId)).status).toBe('open');
  });
});
