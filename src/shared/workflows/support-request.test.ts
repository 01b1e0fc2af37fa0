import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestWorld } from './test-world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await TestWorld.open();
  await world.workflows.deployAll();
});
afterAll(() => world.database.close());

const request = { subject: 'Printer', description: 'It prints nothing', urgency: 'high' };

describe('a request for support', () => {
  it('is answered by the group until whoever asked says that it is solved', async () => {
    const [ann, bob] = [world.person('Ann', 'ru'), world.person('Bob')];
    const group = world.group('Support', ann, bob);
    await world.workflows.start(ann, { key: 'support_request', values: request, groupId: group });

    const first = await world.workflows.task(bob, await world.onlyTask(bob));
    expect(first).toMatchObject({
      name: 'Answer the request: Printer',
      description: 'Ann (High): It prints nothing',
      due_at: '2026-11-21T16:00:00.000Z',
    });
    await world.workflows.complete(bob, first.id, { values: { answer: 'Switch it on' } });

    const asked = await world.workflows.tasks(ann, 'inbox', { limit: 5, offset: 0 });
    expect(asked.results[0]).toMatchObject({ name: 'Вопрос решён? Printer', description: 'Switch it on' });
    const confirm = asked.results[0]?.id ?? '';
    const rejected = world.workflows.complete(ann, confirm, { values: {}, action: 'action_no' });
    await expect(rejected).rejects.toMatchObject({
      message: 'Чего не хватает: нужен текст до 2\u00a0000 символов; ничего не указано.',
    });
    await world.workflows.complete(ann, confirm, { values: { missing: 'It is on' }, action: 'action_no' });

    const open = await world.workflows.tasks(bob, 'next', { limit: 5, offset: 0 });
    const [second] = open.results;
    expect(second?.description).toBe('Ann (High): It prints nothing — It is on');
    const form = (await world.workflows.task(bob, second?.id ?? '')).form;
    expect(form.fields).toEqual([
      {
        name: 'answer',
        type: 'textarea',
        label: 'Answer',
        required: true,
        readonly: false,
        max_length: 3000,
        value: '',
      },
    ]);
    await world.workflows.complete(bob, second?.id ?? '', { values: { answer: 'Put in paper' } });
    const solved = await world.workflows.complete(ann, await world.onlyTask(ann), {
      values: {},
      action: 'action_yes',
    });
    expect(solved.outcome).toBe('Ann: решено');
    expect((await world.workflows.processes(ann))[0]).toMatchObject({
      status: 'completed',
      outcome: 'Решено: Put in paper',
    });
  });

  it('in private is answered by oneself', async () => {
    const ann = world.person('Ann');
    await world.workflows.start(ann, { key: 'support_request', values: request });
    await world.workflows.complete(ann, await world.onlyTask(ann), { values: { answer: 'Mine' } });
    await world.workflows.complete(ann, await world.onlyTask(ann), { values: {}, action: 'action_yes' });
    expect((await world.workflows.processes(ann))[0]?.outcome).toBe('Solved: Mine');
  });
});
