import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PersonCaller } from '../identity/caller.ts';
import { bpmn, end, flows, parallel, start, task } from './bpmn/test-process.ts';
import { codeOf, TestWorld, trainTickets } from './test-world.ts';

let world: TestWorld;
let ann: PersonCaller;
let bob: PersonCaller;
let group: string;
beforeAll(async () => {
  world = await TestWorld.open();
  await world.workflows.deployAll();
  [ann, bob] = [world.person('Ann'), world.person('Bob')];
  group = world.group('Finance', ann, bob);
});
afterAll(() => world.database.close());

const page = { limit: 50, offset: 0 };
const approve = { values: {}, action: 'action_approve' };

/** A fresh expense of Ann's in the group, and its review task. */
async function expense(): Promise<{ processId: string; taskId: string }> {
  const { id } = await world.workflows.start(ann, {
    key: 'expense_approval',
    values: trainTickets,
    groupId: group,
  });
  const [row] = await world.database.query<{ id: string }>(
    'select id from user_tasks where process_id = $1',
    [id],
  );
  return { processId: id, taskId: row?.id ?? '' };
}

async function count(sql: string, parameters: readonly unknown[]): Promise<unknown> {
  const [row] = await world.database.query<{ count: number }>(sql, parameters);
  return row?.count;
}

describe('the workflows', () => {
  it('are listed and their start forms shown in the language of the reader', async () => {
    expect(await world.workflows.definitions('ru')).toEqual([
      expect.objectContaining({
        key: 'expense_approval',
        name: 'Согласование расхода',
        icon: '💶',
        version: 1,
      }),
      expect.objectContaining({ key: 'support_request', name: 'Обращение в поддержку' }),
    ]);
    const form = await world.workflows.startForm('expense_approval', 'en');
    expect(form).toMatchObject({ id: 'expense_approval', title: 'Expense approval' });
    expect(form.fields.map(({ name, type, required }) => `${name} ${type} ${required}`)).toEqual([
      'amount number true',
      'currency select true',
      'purpose text true',
      'spent_on date true',
      'details textarea false',
    ]);
    expect(world.workflows.checkField(form, 'amount', 'x', 'en')).toMatch(/A number from 0.01/);
    expect(world.workflows.checkField(form, 'amount', 5, 'en')).toBeUndefined();
    expect(world.workflows.checkField(form, 'nothing', 5, 'en')).toBe('This form has no such field.');
  });

  it('that do not exist are answered with those that do', async () => {
    await expect(world.workflows.startForm('nonsense', 'en')).rejects.toMatchObject({
      code: 'RESOURCE_NOT_FOUND',
      message: 'There is no workflow "nonsense". These exist: expense_approval, support_request.',
    });
  });

  it('are started only in groups of one’s own', async () => {
    const stranger = world.person('Stranger');
    const input = { key: 'expense_approval', values: trainTickets, groupId: group };
    expect(await codeOf(world.workflows.start(stranger, input))).toBe('RESOURCE_NOT_FOUND');
  });

  it('and their tasks are not found by what is no id at all', async () => {
    expect(await codeOf(world.workflows.task(ann, 'task_1'))).toBe('RESOURCE_NOT_FOUND');
    expect(await codeOf(world.workflows.cancel(ann, "'; --"))).toBe('RESOURCE_NOT_FOUND');
    expect(await world.workflows.taskForNotice('x', 'en')).toBeUndefined();
  });
});

describe('starting twice with the same key', () => {
  it('starts one, also at the same moment', async () => {
    const eve = world.person('Eve');
    const input = { key: 'expense_approval', values: trainTickets, idempotencyKey: 'once' };
    const started = await Promise.all(Array.from({ length: 10 }, () => world.workflows.start(eve, input)));
    expect(new Set(started.map(({ id }) => id)).size).toBe(1);
    expect(await world.workflows.processes(eve)).toHaveLength(1);
    expect((await world.workflows.tasks(eve, 'inbox', page)).total).toBe(1);
  });

  it('by another person starts another', async () => {
    const [one, two] = [world.person('One'), world.person('Two')];
    const input = { key: 'expense_approval', values: trainTickets, idempotencyKey: 'same' };
    const [first, second] = [
      await world.workflows.start(one, input),
      await world.workflows.start(two, input),
    ];
    expect(first.id).not.toBe(second.id);
  });
});

describe('a task of a group', () => {
  it('is seen by members and by its starter, and by nobody else', async () => {
    const { taskId } = await expense();
    const stranger = world.person('Stranger');
    const late = world.person('Late');
    for (const act of [
      () => world.workflows.task(stranger, taskId),
      () => world.workflows.claim(stranger, taskId),
      () => world.workflows.complete(stranger, taskId, approve),
    ]) {
      expect(await codeOf(act())).toBe('RESOURCE_NOT_FOUND');
    }
    expect((await world.workflows.tasks(stranger, 'inbox', page)).total).toBe(0);
    expect(await world.workflows.task(bob, taskId)).toMatchObject({ can_claim: true, can_complete: true });
    expect(await world.workflows.task(ann, taskId)).toMatchObject({ can_claim: false, can_complete: false });
    world.members.get(group)?.add(late.personId);
    expect((await world.workflows.task(late, taskId)).can_claim).toBe(true);
    world.members.get(group)?.delete(late.personId);
    expect(await codeOf(world.workflows.task(late, taskId))).toBe('RESOURCE_NOT_FOUND');
  });

  it('shows a form without anything to write or press to whoever may only look', async () => {
    const { taskId } = await expense();
    const { form } = await world.workflows.task(ann, taskId);
    expect(form.fields.map(({ name, readonly }) => ({ name, readonly }))).toEqual([
      { name: 'approved_amount', readonly: true },
      { name: 'comment', readonly: true },
    ]);
  });

  it('is taken by one, who may take it again; the next is told by whom', async () => {
    const { taskId } = await expense();
    const carl = world.person('Carl');
    world.members.get(group)?.add(carl.personId);
    const taken = await world.workflows.claim(bob, taskId);
    expect(taken).toMatchObject({ assignee: { name: 'Bob' }, can_claim: false, can_complete: true });
    const notified = world.changed.length;
    expect((await world.workflows.claim(bob, taskId)).assignee?.name).toBe('Bob');
    expect(world.changed).toHaveLength(notified);
    const told = {
      code: 'CONFLICT',
      message: 'Bob has taken this task.',
      details: { assignee: { name: 'Bob' } },
    };
    await expect(world.workflows.claim(carl, taskId)).rejects.toMatchObject(told);
    await expect(world.workflows.complete(carl, taskId, approve)).rejects.toMatchObject(told);
    const inList = async (caller: PersonCaller) =>
      (await world.workflows.tasks(caller, 'next', page)).results.some(({ id }) => id === taskId);
    expect(await inList(bob)).toBe(true);
    expect(await inList(carl)).toBe(false);
    world.members.get(group)?.delete(carl.personId);
  });

  it('is taken by one of many who reach for it at the same moment', async () => {
    const { taskId } = await expense();
    const people = Array.from({ length: 20 }, (_, index) => world.person(`Member ${index}`));
    for (const { personId } of people) world.members.get(group)?.add(personId);
    const outcomes = await Promise.all(people.map((person) => codeOf(world.workflows.claim(person, taskId))));
    for (const { personId } of people) world.members.get(group)?.delete(personId);
    expect(outcomes.filter((code) => code === 'CONFLICT')).toHaveLength(19);
    expect(world.changed.filter((id) => id === taskId)).toHaveLength(1);
  });

  it('that somebody took who then left the group is free for the others', async () => {
    const { taskId } = await expense();
    const carl = world.person('Carl');
    world.members.get(group)?.add(carl.personId);
    await world.workflows.claim(carl, taskId);
    world.members.get(group)?.delete(carl.personId);
    expect(await codeOf(world.workflows.task(carl, taskId))).toBe('RESOURCE_NOT_FOUND');
    expect(await codeOf(world.workflows.complete(carl, taskId, approve))).toBe('RESOURCE_NOT_FOUND');
    expect((await world.workflows.tasks(carl, 'next', page)).total).toBe(0);
    expect((await world.workflows.task(bob, taskId)).can_claim).toBe(true);
    expect((await world.workflows.claim(bob, taskId)).assignee?.name).toBe('Bob');
  });

  it('is told live to everybody whom it concerns', async () => {
    const { taskId } = await expense();
    await world.workflows.claim(bob, taskId);
    await world.workflows.complete(bob, taskId, approve);
    await expect
      .poll(() =>
        world.published.filter(({ change }) => change.taskId === taskId).map(({ change }) => change.event),
      )
      .toEqual(['created', 'updated', 'completed']);
    const [first] = world.published.filter(({ change }) => change.taskId === taskId);
    expect([...(first?.personIds ?? [])].sort()).toEqual([ann.personId, bob.personId].sort());
  });

  it('is shown in the group’s notice without a caller and without a form', async () => {
    const { taskId } = await expense();
    expect(await world.workflows.taskForNotice(taskId, 'ru')).toMatchObject({
      name: 'Проверить расход: 120,00 EUR',
      can_claim: true,
      form: { id: taskId, fields: [] },
    });
    await world.workflows.complete(bob, taskId, approve);
    expect(await world.workflows.taskForNotice(taskId, 'en')).toMatchObject({
      status: 'completed',
      can_claim: false,
      outcome: 'Approved by Bob: 120.00 EUR for train tickets',
    });
    expect(await world.workflows.taskForNotice('00000000-0000-7000-8000-000000000000', 'en')).toBeUndefined();
  });
});

describe('completing', () => {
  it('at the same moment is won by one; the others are told who did it', async () => {
    const { processId, taskId } = await expense();
    const people = Array.from({ length: 20 }, (_, index) => world.person(`Member ${index}`));
    for (const { personId } of people) world.members.get(group)?.add(personId);
    const outcomes = await Promise.allSettled(
      people.map((person, index) =>
        world.workflows.complete(person, taskId, {
          values: { approved_amount: index + 1 },
          action: 'action_approve',
        }),
      ),
    );
    for (const { personId } of people) world.members.get(group)?.delete(personId);
    const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(won).toHaveLength(1);
    const winner = won[0]?.completed_by?.name;
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toMatchObject({
          code: 'CONFLICT',
          message: `${winner} has completed this task already.`,
          details: { completed_by: { name: winner } },
        });
      }
    }
    expect(await count('select count(*) as count from user_tasks where process_id = $1', [processId])).toBe(
      1,
    );
    expect(await count('select revision as count from process_instances where id = $1', [processId])).toBe(2);
  });

  it('twice by the same person is a conflict, too', async () => {
    const { taskId } = await expense();
    await world.workflows.complete(bob, taskId, approve);
    expect(await codeOf(world.workflows.complete(bob, taskId, approve))).toBe('CONFLICT');
    expect(await codeOf(world.workflows.claim(bob, taskId))).toBe('CONFLICT');
  });

  it('changes nothing when a notice cannot be written', async () => {
    const { processId, taskId } = await expense();
    const read = () =>
      Promise.all([
        world.database.query('select * from process_instances where id = $1', [processId]),
        world.database.query('select * from user_tasks where process_id = $1', [processId]),
      ]);
    const before = await read();
    const published = world.published.length;
    world.noticesFail = true;
    await expect(
      world.workflows.complete(bob, taskId, { values: { comment: 'Why?' }, action: 'action_ask' }),
    ).rejects.toThrow('the notices are broken');
    await expect(world.workflows.claim(bob, taskId)).rejects.toThrow('the notices are broken');
    world.noticesFail = false;
    expect(await read()).toEqual(before);
    expect(world.published).toHaveLength(published);
    expect((await world.workflows.complete(bob, taskId, approve)).status).toBe('completed');
  });

  it('starts nothing when a notice cannot be written', async () => {
    const eve = world.person('Eve');
    world.members.get(group)?.add(eve.personId);
    world.noticesFail = true;
    const input = { key: 'support_request', values: { subject: 'abc', description: 'd' }, groupId: group };
    await expect(world.workflows.start(eve, input)).rejects.toThrow('the notices are broken');
    world.noticesFail = false;
    world.members.get(group)?.delete(eve.personId);
    expect(await world.workflows.processes(eve)).toEqual([]);
  });
});

describe('a mistake in a process', () => {
  it('is told when it shows, and nothing has happened', async () => {
    await world.workflows.deploy(
      bpmn(
        start +
          task('a') +
          task('b', 'camunda:assignee="${unknown}"') +
          end +
          flows('start -> a', 'a -> b', 'b -> end'),
      ),
    );
    const eve = world.person('Eve');
    await world.workflows.start(eve, { key: 'test', values: {} });
    const taskId = await world.onlyTask(eve);
    await expect(world.workflows.complete(eve, taskId, { values: {} })).rejects.toMatchObject({
      code: 'WORKFLOW_ERROR',
      cause: { elementId: 'b', message: expect.stringContaining('no variable "unknown"') as string },
    });
    expect(await world.onlyTask(eve)).toBe(taskId);
  });

  it('in a text is found when its task is made, not by everybody who opens the list', async () => {
    await world.workflows.deploy(
      bpmn(start + task('a', 'name="For ${whom}"') + end + flows('start -> a', 'a -> end')),
    );
    const eve = world.person('Eve');
    expect(await codeOf(world.workflows.start(eve, { key: 'test', values: {} }))).toBe('WORKFLOW_ERROR');
    expect((await world.workflows.tasks(eve, 'inbox', page)).total).toBe(0);
  });

  it('in the words of its end is found before it has ended', async () => {
    const outcome =
      '<camunda:properties><camunda:property name="outcome" value="${whom}"/></camunda:properties>';
    const ending = `<bpmn:endEvent id="end"><bpmn:extensionElements>${outcome}</bpmn:extensionElements></bpmn:endEvent>`;
    await world.workflows.deploy(bpmn(start + task('a') + ending + flows('start -> a', 'a -> end')));
    const eve = world.person('Eve');
    await world.workflows.start(eve, { key: 'test', values: {} });
    const taskId = await world.onlyTask(eve);
    expect(await codeOf(world.workflows.complete(eve, taskId, { values: {} }))).toBe('WORKFLOW_ERROR');
    expect((await world.workflows.processes(eve))[0]?.status).toBe('running');
  });
});

describe('parallel tasks', () => {
  it('of one process are completed at the same moment without losing a branch', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    await world.workflows.deploy(
      bpmn(
        start +
          parallel('fork') +
          ids.map((id) => task(id)).join('') +
          parallel('join') +
          task('last') +
          end +
          flows(
            'start -> fork',
            ...ids.flatMap((id) => [`fork -> ${id}`, `${id} -> join`]),
            'join -> last',
            'last -> end',
          ),
      ),
    );
    const eve = world.person('Eve');
    const { waiting_for } = await world.workflows.start(eve, { key: 'test', values: {} });
    expect(waiting_for).toEqual(ids);
    const { results } = await world.workflows.tasks(eve, 'inbox', page);
    expect(results.map(({ needs_input }) => needs_input)).toEqual(ids.map(() => false));
    const changes = world.changed.length;
    await Promise.all(results.map(({ id }) => world.workflows.complete(eve, id, { values: {} })));
    // Each is told of once: what one of them changed nothing about is not told again.
    expect(world.changed).toHaveLength(changes + ids.length);
    expect((await world.workflows.processes(eve))[0]?.waiting_for).toEqual(['last']);
  });
});

describe('cancelling', () => {
  it('is for the starter, takes the tasks back, and may be repeated', async () => {
    const { processId, taskId } = await expense();
    expect(await codeOf(world.workflows.cancel(bob, processId))).toBe('RESOURCE_NOT_FOUND');
    const cancelled = await world.workflows.cancel(ann, processId);
    expect(cancelled).toMatchObject({ status: 'cancelled', waiting_for: [], outcome: null });
    expect(cancelled.ended_at).not.toBeNull();
    expect(await world.workflows.cancel(ann, processId)).toEqual(cancelled);
    expect(world.changed.filter((id) => id === taskId)).toHaveLength(1);
    expect((await world.workflows.task(bob, taskId)).status).toBe('cancelled');
    await expect(world.workflows.complete(bob, taskId, approve)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'This task was cancelled and is no longer needed.',
    });
  });

  it('is too late once the process has completed', async () => {
    const { processId, taskId } = await expense();
    await world.workflows.complete(bob, taskId, approve);
    expect(await codeOf(world.workflows.cancel(ann, processId))).toBe('CONFLICT');
  });
});

describe('another version of a process', () => {
  it('is deployed once by many at once, and leaves running instances on theirs', async () => {
    const version = (name: string) =>
      bpmn(start + task('a', `name="${name}"`) + end + flows('start -> a', 'a -> end')).replaceAll(
        'id="test"',
        'id="versions"',
      );
    const eve = world.person('Eve');
    const deploy = (name: string) =>
      Promise.all(Array.from({ length: 8 }, () => world.workflows.deploy(version(name))));
    await deploy('Old');
    await world.workflows.start(eve, { key: 'versions', values: {} });
    await deploy('New');
    await world.workflows.start(eve, { key: 'versions', values: {} });
    const { results } = await world.workflows.tasks(eve, 'inbox', page);
    expect(results.map(({ name }) => name).sort()).toEqual(['New', 'Old']);
    expect(
      await count('select max(version) as count from process_definitions where key = $1', ['versions']),
    ).toBe(2);
    await world.workflows.deployAll();
    expect(
      await count('select max(version) as count from process_definitions where key = $1', [
        'expense_approval',
      ]),
    ).toBe(1);
  });
});
