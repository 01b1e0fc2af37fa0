import { describe, expect, it } from 'vitest';
import { newId } from '../../database/id.ts';
import { assignTask } from './assign-task.ts';

const [ann, bob, group] = [newId(), newId(), newId()];
const effect = {
  kind: 'createTask',
  tokenId: 1,
  nodeId: 'a',
  assignee: null,
  candidateUsers: [],
  candidateGroups: [],
  notBy: null,
  dueAt: null,
  followUpAt: null,
  priority: 50,
} as const;
const assign = (more: Partial<Parameters<typeof assignTask>[0]>, members: string[] = []) =>
  assignTask({ ...effect, ...more }, ann, async () => members);

describe('a new task', () => {
  it('that is offered to nobody goes to whoever started the process', async () => {
    expect(await assign({})).toEqual({ assigneeId: ann, groupId: null, candidateIds: [], excludedId: null });
    expect(await assign({ notBy: ann })).toMatchObject({ assigneeId: ann, excludedId: null });
  });

  it('is kept from the person of `not_by` only where there is somebody else', async () => {
    const offered = { candidateGroups: [group], notBy: ann };
    expect(await assign(offered, [ann, bob])).toMatchObject({
      assigneeId: null,
      groupId: group,
      excludedId: ann,
    });
    expect(await assign(offered, [ann])).toMatchObject({ groupId: group, excludedId: null });
    expect(await assign({ candidateUsers: [ann, bob], notBy: ann })).toMatchObject({ excludedId: ann });
    expect(await assign({ candidateUsers: [ann], notBy: ann })).toMatchObject({ excludedId: null });
  });

  it('is a fault of the process when it is offered to two groups, or to what is nobody', async () => {
    await expect(assign({ candidateGroups: [group, newId()] })).rejects.toThrow(
      '"a": a task is offered to one group',
    );
    await expect(assign({ assignee: 'the boss' })).rejects.toThrow(
      '"a": "the boss" is not the id of a person',
    );
  });
});
