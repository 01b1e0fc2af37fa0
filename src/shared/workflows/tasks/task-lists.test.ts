import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { taskLists } from '../../contracts/workflows.ts';
import { newId } from '../../database/id.ts';
import { type UserTask, UserTaskEntity } from '../entities.ts';
import { TestWorld } from '../test-world.ts';
import { listTasks } from './task-lists.ts';
import { maySee, mayWork } from './task-rights.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await TestWorld.open();
});
afterAll(() => world.database.close());

const now = new Date('2026-11-21T12:00:00.000Z');
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000);
const [me, other, mine, foreign] = [newId(), newId(), newId(), newId()];

const blank = (): UserTask => ({
  id: newId(),
  processId: newId(),
  tokenId: 1,
  definitionId: newId(),
  elementId: 'a',
  status: 'open',
  starterId: other,
  assigneeId: null,
  claimedAt: null,
  groupId: null,
  candidateIds: [],
  excludedId: null,
  priority: 50,
  dueAt: null,
  followUpAt: null,
  variables: {},
  createdAt: now,
  completedAt: null,
  completedById: null,
  action: null,
});

async function listsOf(tasks: Partial<UserTask>[]): Promise<Record<string, string[]>> {
  const rows = tasks.map((task) => ({ ...blank(), ...task }));
  await world.database.query('delete from user_tasks');
  await world.database.transaction(async (em) => {
    for (const row of rows) em.create(UserTaskEntity, row);
  });
  const scope = { personId: me, groupIds: [mine], now };
  const found: Record<string, string[]> = {};
  for (const list of taskLists) {
    const {
      tasks: listed,
      counts,
      total,
    } = await listTasks(world.database, scope, list, { limit: 5000, offset: 0 });
    expect(total).toBe(listed.length);
    expect(counts[list]).toBe(total);
    found[list] = listed.map(({ id }) => id);
  }
  return found;
}

async function listOf(task: Partial<UserTask>): Promise<string | undefined> {
  const lists = await listsOf([task]);
  return Object.keys(lists).find((list) => lists[list]?.length);
}

describe('a task is in', () => {
  it.each<[string | undefined, string, Partial<UserTask>]>([
    ['inbox', 'offered to my group', { groupId: mine }],
    ['inbox', 'offered to me', { candidateIds: [other, me] }],
    ['inbox', 'just assigned to me', { assigneeId: me }],
    ['inbox', 'due in more than three days', { assigneeId: me, dueAt: inDays(3.1) }],
    ['inbox', 'to be followed up in the past', { assigneeId: me, followUpAt: inDays(-1) }],
    ['next', 'taken by me', { groupId: mine, assigneeId: me, claimedAt: now }],
    ['next', 'due within three days', { assigneeId: me, dueAt: inDays(2.9) }],
    ['next', 'overdue', { groupId: mine, dueAt: inDays(-5) }],
    [
      'scheduled',
      'to be followed up later, though taken',
      { assigneeId: me, claimedAt: now, followUpAt: inDays(1) },
    ],
    ['waiting', 'of my process, assigned to another', { starterId: me, assigneeId: other }],
    ['waiting', 'of my process, and not mine to approve', { starterId: me, groupId: mine, excludedId: me }],
    ['waiting', 'of my process, offered to a group that I left', { starterId: me, groupId: foreign }],
    ['inbox', 'of my process, offered to my group', { starterId: me, groupId: mine }],
    ['done', 'completed by me', { status: 'completed', completedById: me, completedAt: now }],
    [
      'done',
      'of my process, completed by another',
      { status: 'completed', starterId: me, completedById: other },
    ],
    [undefined, 'taken by another of my group', { groupId: mine, assigneeId: other, claimedAt: now }],
    [undefined, 'of a foreign group', { groupId: foreign }],
    [
      undefined,
      'of a foreign group, taken by me before I left',
      { groupId: foreign, assigneeId: me, claimedAt: now },
    ],
    [
      undefined,
      'of a group that I left, completed by me',
      { groupId: foreign, status: 'completed', completedById: me },
    ],
    [
      undefined,
      'of my group, completed by another',
      { groupId: mine, status: 'completed', completedById: other },
    ],
    [undefined, 'cancelled', { assigneeId: me, status: 'cancelled' }],
    [undefined, 'somebody else’s', { assigneeId: other }],
  ])('%s when it is %s', async (list, _why, task) => {
    expect(await listOf(task)).toBe(list);
  });

  it('the order of what is due first, urgent before others, new before old', async () => {
    const [late, soon, urgent, fresh, old] = [newId(), newId(), newId(), newId(), newId()];
    const lists = await listsOf([
      { id: old, assigneeId: me, createdAt: inDays(-2) },
      { id: urgent, assigneeId: me, priority: 90, createdAt: inDays(-3) },
      { id: late, assigneeId: me, dueAt: inDays(9) },
      { id: soon, assigneeId: me, dueAt: inDays(4) },
      { id: fresh, assigneeId: me, createdAt: inDays(-1) },
    ]);
    expect(lists['inbox']).toEqual([soon, late, urgent, fresh, old]);
  });
});

describe('the rule in SQL and the rule for one task', () => {
  it('agree on every combination of people', async () => {
    const tasks: UserTask[] = [];
    for (const starterId of [me, other])
      for (const assigneeId of [null, me, other])
        for (const groupId of [null, mine, foreign])
          for (const candidateIds of [[], [me], [other]])
            for (const excludedId of [null, me, other])
              for (const completedById of [null, me, other]) {
                const people = { starterId, assigneeId, groupId, candidateIds, excludedId, completedById };
                tasks.push({ ...blank(), ...people, status: completedById === null ? 'open' : 'completed' });
              }
    const lists = await listsOf(tasks);
    const listOfId = new Map(
      Object.entries(lists).flatMap(([list, ids]) => ids.map((id) => [id, list] as const)),
    );
    for (const task of tasks) {
      const viewer = { personId: me, isMember: task.groupId === mine };
      const sees = maySee(task, viewer);
      const isMine = task.starterId === me || task.completedById === me;
      let expected: string | undefined;
      if (task.status === 'completed') expected = sees && isMine ? 'done' : undefined;
      else if (mayWork(task, viewer)) expected = 'inbox';
      else if (task.starterId === me) expected = 'waiting';
      expect({ ...task, list: listOfId.get(task.id) }).toEqual({ ...task, list: expected });
    }
  });
});
