import { ProcessFault } from '../engine/process-fault.ts';
import type { Effect } from '../engine/process-state.ts';
import type { UserTask } from '../entities.ts';
import { isUuid } from '../uuid.ts';

type CreateTask = Extract<Effect, { kind: 'createTask' }>;
type Assignment = Pick<UserTask, 'assigneeId' | 'groupId' | 'candidateIds' | 'excludedId'>;

/**
 * Whose a new task is. What the process offers to nobody goes to whoever started it. `not_by` holds only where
 * somebody else could do it: alone in a group, or in private, one does everything oneself.
 */
export async function assignTask(
  effect: CreateTask,
  starterId: string,
  membersOf: (groupId: string) => Promise<readonly string[]>,
): Promise<Assignment> {
  const { assignee, candidateUsers, candidateGroups, notBy, nodeId } = effect;
  const [groupId = null, another] = candidateGroups;
  if (another !== undefined) throw new ProcessFault(nodeId, 'a task is offered to one group at most');
  for (const id of [assignee, groupId, notBy, ...candidateUsers]) {
    if (id !== null && !isUuid(id))
      throw new ProcessFault(nodeId, `"${id}" is not the id of a person or group`);
  }
  const nobody = assignee === null && groupId === null && candidateUsers.length === 0;
  const members = notBy === null || groupId === null ? [] : await membersOf(groupId);
  const others = [...candidateUsers, ...members].some((id) => id !== notBy);
  return {
    assigneeId: nobody ? starterId : assignee,
    groupId,
    candidateIds: [...candidateUsers],
    excludedId: others ? notBy : null,
  };
}
