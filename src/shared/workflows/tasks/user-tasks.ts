import { LockMode } from '@mikro-orm/core';
import type { PageQuery } from '../../contracts/common.ts';
import type { FormValues } from '../../contracts/forms.ts';
import type { TaskList, TaskPage, UserTaskDetail } from '../../contracts/workflows.ts';
import { AppError } from '../../errors.ts';
import type { PersonCaller } from '../../identity/caller.ts';
import type { Language } from '../../language.ts';
import type { WorkflowCollaborators } from '../collaborators.ts';
import { type UserTask, UserTaskEntity } from '../entities.ts';
import { checkSubmission } from '../forms/check-submission.ts';
import { guarded } from '../guarded.ts';
import { NameBook } from '../name-book.ts';
import type { DeployedProcess, ProcessDefinitions } from '../process-definitions.ts';
import type { ProcessRunner } from '../process-runner.ts';
import { isUuid } from '../uuid.ts';
import { WorkflowError } from '../workflow-error.ts';
import { renderTask, renderTaskDetail, type TaskView, taskForm, taskNode } from './render-task.ts';
import { listTasks } from './task-lists.ts';
import { maySee, mayTake, mayWork } from './task-rights.ts';

type Viewer = NonNullable<TaskView['viewer']>;

/** Tasks as people see them, take them and complete them. Foreign and missing ones are both RESOURCE_NOT_FOUND. */
export class UserTasks {
  readonly #collaborators: WorkflowCollaborators;
  readonly #definitions: ProcessDefinitions;
  readonly #runner: ProcessRunner;

  constructor(collaborators: WorkflowCollaborators, definitions: ProcessDefinitions, runner: ProcessRunner) {
    this.#collaborators = collaborators;
    this.#definitions = definitions;
    this.#runner = runner;
  }

  async list(caller: PersonCaller, filter: TaskList, query: PageQuery): Promise<TaskPage> {
    const { personId, language } = caller;
    const groupIds = (await this.#collaborators.groups.ofPerson(personId)).map(({ id }) => id);
    const scope = { personId, groupIds, now: this.#collaborators.clock() };
    const { tasks, total, counts } = await listTasks(this.#database, scope, filter, query);
    const models = await this.#definitions.byIds(tasks.map(({ definitionId }) => definitionId));
    const names = await this.#names(tasks, language);
    const results = tasks.flatMap((task) => {
      const model = models.get(task.definitionId)?.model;
      const isMember = task.groupId !== null && groupIds.includes(task.groupId);
      const viewer = { personId, isMember, assigneeLeft: false };
      return model ? [renderTask({ task, model, names, language, viewer })] : [];
    });
    return { total, limit: query.limit, offset: query.offset, results, counts };
  }

  async get(caller: PersonCaller, taskId: string): Promise<UserTaskDetail> {
    const { task, viewer } = await this.#seenTask(caller, taskId);
    return this.#detail(task, viewer, caller.language);
  }

  async forNotice(taskId: string, language: Language): Promise<UserTaskDetail | undefined> {
    const task = await this.#find(taskId);
    if (!task) return undefined;
    const view = await this.#view(task, undefined, language);
    const rendered = renderTask(view);
    const form = { id: task.id, title: rendered.name, description: rendered.description, fields: [] };
    return { ...rendered, form };
  }

  /** Taking one's own again is fine. CONFLICT when somebody else has it, unless they have left the group since. */
  async claim(caller: PersonCaller, taskId: string): Promise<UserTaskDetail> {
    const { personId, language } = caller;
    const { task: seen, viewer } = await this.#seenTask(caller, taskId);
    const task = await this.#database.transaction(async (em) => {
      const options = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const;
      const locked = await em.findOneOrFail(UserTaskEntity, { id: taskId }, options);
      await this.#requireFree(locked, sameAssignee(seen, locked, viewer), language);
      if (locked.assigneeId === personId && locked.claimedAt !== null) return locked;
      if (locked.assigneeId !== personId && !mayTake(locked, viewer)) throw WorkflowError.forOthers(language);
      locked.assigneeId = personId;
      locked.claimedAt = this.#collaborators.clock();
      await this.#runner.taskChanged(locked, 'updated');
      return locked;
    });
    return this.#detail(task, { ...viewer, assigneeLeft: false }, language);
  }

  async complete(
    caller: PersonCaller,
    taskId: string,
    input: { values: FormValues; action?: string | undefined },
  ): Promise<UserTaskDetail> {
    const { personId, language } = caller;
    const { task: seen, viewer } = await this.#seenTask(caller, taskId);
    const deployed = await this.#definitions.byId(seen.definitionId);
    const task = await this.#database.transaction(async (em) => {
      const locked = await this.#runner.lock(seen.processId);
      const open = locked.openTasks.find(({ id }) => id === taskId);
      const fresh = open ?? (await em.findOneOrFail(UserTaskEntity, { id: taskId }, { refresh: true }));
      const present = sameAssignee(seen, fresh, viewer);
      await this.#requireFree(fresh, present, language);
      if (present.assigneeLeft) fresh.assigneeId = personId;
      const entitled = present.assigneeLeft ? mayTake(fresh, present) : mayWork(fresh, present);
      if (!entitled) throw WorkflowError.forOthers(language);
      await guarded(deployed.model, language, async () => {
        const { values, action } = await this.#checked(fresh, deployed, input, language);
        await this.#runner.completeTask(locked, deployed, fresh, { actorId: personId, action, values });
      });
      return fresh;
    });
    return this.#detail(task, viewer, language);
  }

  get #database() {
    return this.#collaborators.database;
  }

  async #find(taskId: string): Promise<UserTask | null> {
    return isUuid(taskId) ? this.#database.em.findOne(UserTaskEntity, { id: taskId }) : null;
  }

  /** Asks for memberships here, before any transaction: the answer may come from Telegram. */
  async #seenTask(caller: PersonCaller, taskId: string): Promise<{ task: UserTask; viewer: Viewer }> {
    const task = await this.#find(taskId);
    if (!task) throw AppError.notFound('task');
    const { personId } = caller;
    const { groups } = this.#collaborators;
    const isMember = task.groupId !== null && (await groups.isMember(task.groupId, personId));
    const viewer = { personId, isMember, assigneeLeft: false };
    if (!maySee(task, viewer)) throw AppError.notFound('task');
    if (task.groupId === null || task.assigneeId === null || task.assigneeId === personId)
      return { task, viewer };
    const assignee = {
      personId: task.assigneeId,
      isMember: await groups.isMember(task.groupId, task.assigneeId),
    };
    return { task, viewer: { ...viewer, assigneeLeft: !maySee(task, assignee) } };
  }

  /** Throws CONFLICT unless the task is open and nobody else has it. */
  async #requireFree(task: UserTask, viewer: Viewer, language: Language): Promise<void> {
    if (task.status === 'cancelled') throw WorkflowError.taskCancelled(language);
    if (task.status === 'completed') {
      const names = await this.#names([task], language);
      const by = task.completedById === null ? null : names.person(task.completedById);
      throw WorkflowError.completedBefore(by, language);
    }
    const { assigneeId } = task;
    if (
      assigneeId !== null &&
      assigneeId !== viewer.personId &&
      !viewer.assigneeLeft &&
      mayTake(task, viewer)
    ) {
      const names = await this.#names([task], language);
      throw WorkflowError.takenBy(names.person(assigneeId), language);
    }
  }

  async #checked(
    task: UserTask,
    { model }: DeployedProcess,
    input: { values: FormValues; action?: string | undefined },
    language: Language,
  ) {
    const view = { task, model, names: await this.#names([task], language), language, viewer: undefined };
    const checked = checkSubmission({
      form: taskForm(view, false),
      definitions: taskNode(view).form,
      variables: task.variables,
      values: input.values,
      action: input.action,
      language,
    });
    if (checked.status === 'invalid') throw checked.error;
    return checked;
  }

  async #names(tasks: readonly UserTask[], language: Language): Promise<NameBook> {
    const names = new NameBook(this.#collaborators, language);
    await names.loadTasks(tasks);
    return names;
  }

  async #view(task: UserTask, viewer: Viewer | undefined, language: Language): Promise<TaskView> {
    const { model } = await this.#definitions.byId(task.definitionId);
    return { task, model, names: await this.#names([task], language), language, viewer };
  }

  async #detail(task: UserTask, viewer: Viewer, language: Language): Promise<UserTaskDetail> {
    return renderTaskDetail(await this.#view(task, viewer, language));
  }
}

/** What was learnt of the assignee before the lock counts only while it is the same assignee. */
function sameAssignee(before: UserTask, now: UserTask, viewer: Viewer): Viewer {
  return { ...viewer, assigneeLeft: viewer.assigneeLeft && before.assigneeId === now.assigneeId };
}
