// Who may do what with one task. `task-lists.ts` says the same in SQL for whole lists; a test holds them together.
//
// - A task that is offered to a group is seen by the group's members and worked on by one of them. Whoever leaves the
//   group loses its tasks, also those that they had taken: others may then take them over.
// - Whoever started the process sees all of its tasks, but works only on those that are given to them.
// - People who are named by the process see and work on a task whatever groups they are in.
import type { UserTask } from '../entities.ts';

export interface Viewer {
  personId: string;
  /** Of the group that the task is offered to. */
  isMember: boolean;
}

type TaskPeople = Pick<
  UserTask,
  'starterId' | 'assigneeId' | 'groupId' | 'candidateIds' | 'excludedId' | 'completedById'
>;

export function maySee(task: TaskPeople, { personId, isMember }: Viewer): boolean {
  if (task.starterId === personId || task.candidateIds.includes(personId)) return true;
  if (task.groupId !== null) return isMember;
  return task.assigneeId === personId || task.completedById === personId;
}

/** Whether it is theirs to do: given to them, or offered to them and taken by nobody. */
export function mayWork(task: TaskPeople, viewer: Viewer): boolean {
  if (task.assigneeId !== null) return task.assigneeId === viewer.personId && maySee(task, viewer);
  return mayTake(task, viewer);
}

/** Whether they are among those to whom it is offered, whoever has taken it. */
export function mayTake(task: TaskPeople, { personId, isMember }: Viewer): boolean {
  if (task.excludedId === personId) return false;
  return task.candidateIds.includes(personId) || (task.groupId !== null && isMember);
}
