import { LockMode } from '@mikro-orm/core';
import { join } from 'node:path';
import type { PageQuery } from '../contracts/common.ts';
import type { Form, FormValues } from '../contracts/forms.ts';
import type {
  ProcessInstanceView,
  TaskList,
  TaskPage,
  UserTaskDetail,
  WorkflowDefinitionView,
} from '../contracts/workflows.ts';
import { AppError } from '../errors.ts';
import type { PersonCaller } from '../identity/caller.ts';
import type { Language } from '../language.ts';
import type { Workflows } from '../services.ts';
import type { WorkflowCollaborators } from './collaborators.ts';
import { ProcessFault } from './engine/process-fault.ts';
import { type ProcessInstance, ProcessInstanceEntity, type UserTask, UserTaskEntity } from './entities.ts';
import { ExpressionError } from './expressions/expression-error.ts';
import { type BuiltForm, buildForm } from './forms/build-form.ts';
import { fieldFault } from './forms/check-field.ts';
import { checkSubmission } from './forms/check-submission.ts';
import { fieldMessage, noSuchField } from './forms/field-messages.ts';
import { NameBook } from './name-book.ts';
import { type DeployedProcess, ProcessDefinitions } from './process-definitions.ts';
import { ProcessRunner } from './process-runner.ts';
import { renderProcess } from './render-process.ts';
import { renderTask, renderTaskDetail, taskForm, taskNode, type TaskView } from './tasks/render-task.ts';
import { listTasks } from './tasks/task-lists.ts';
import { maySee, mayTake, mayWork } from './tasks/task-rights.ts';
import { valuesInWords } from './words.ts';
import { WorkflowError } from './workflow-error.ts';

const shippedProcesses = join(import.meta.dirname, 'processes');
/** Instances that `processes` answers at most, newest first. */
const maximumProcesses = 100;
const maximumIdempotencyKeyLength = 200;

type Viewer = NonNullable<TaskView['viewer']>;

/**
 * Processes and their tasks as people use them: who may do what, forms, words. What moves an instance is in
 * `ProcessRunner`. Foreign and missing objects are both RESOURCE_NOT_FOUND.
 */
export class WorkflowService implements Workflows {
  readonly #collaborators: WorkflowCollaborators;
  readonly #definitions: ProcessDefinitions;
  readonly #runner: ProcessRunner;

  constructor(collaborators: WorkflowCollaborators) {
    this.#collaborators = collaborators;
    this.#definitions = new ProcessDefinitions(collaborators.database);
    this.#runner = new ProcessRunner(collaborators);
  }

  /** Deploys the processes that ship with the application. Call it at every start, on every instance. */
  async deployAll(): Promise<void> {
    await this.#definitions.deployFolder(shippedProcesses);
  }

  /** Deploys one BPMN 2.0 file. Throws VALIDATION_ERROR that names each element that is refused. */
  async deploy(xml: string): Promise<void> {
    await this.#definitions.deploy(xml);
  }

  async definitions(language: Language): Promise<WorkflowDefinitionView[]> {
    const latest = await this.#definitions.latest();
    return latest.map(({ model, version }) => ({
      key: model.key,
      name: model.name[language],
      description: model.description[language],
      icon: model.icon,
      version,
    }));
  }

  async startForm(key: string, language: Language): Promise<Form> {
    return this.#startForm(await this.#latest(key, language), language);
  }

  async start(
    caller: PersonCaller,
    input: {
      key: string;
      values: FormValues;
      groupId?: string | undefined;
      topicId?: number | undefined;
      idempotencyKey?: string | undefined;
    },
  ): Promise<ProcessInstanceView> {
    const { language, personId } = caller;
    const deployed = await this.#latest(input.key, language);
    await this.#requireGroup(personId, input.groupId);
    const checked = checkSubmission({
      form: this.#startForm(deployed, language),
      definitions: deployed.model.start.form,
      variables: {},
      values: input.values,
      action: undefined,
      language,
    });
    if (checked.status === 'invalid') throw checked.error;
    const processId = await this.#guarded(deployed, language, () =>
      this.#runner.start(deployed, {
        starterId: personId,
        values: checked.values,
        groupId: input.groupId ?? null,
        topicId: input.topicId ?? null,
        idempotencyKey: idempotencyKeyOf(personId, input.idempotencyKey),
      }),
    );
    const process = await this.#database.em.findOneOrFail(ProcessInstanceEntity, { id: processId });
    return this.#processView(process, language);
  }

  async processes(caller: PersonCaller): Promise<ProcessInstanceView[]> {
    const processes = await this.#database.em.find(
      ProcessInstanceEntity,
      { startedById: caller.personId },
      { orderBy: { startedAt: 'desc', id: 'desc' }, limit: maximumProcesses },
    );
    return this.#processViews(processes, caller.language);
  }

  /** Only its starter may. Cancelling twice is fine; what has completed is a CONFLICT. */
  async cancel(caller: PersonCaller, processId: string): Promise<ProcessInstanceView> {
    const { language, personId } = caller;
    const process = await this.#database.transaction(async (em) => {
      const found = await em.findOne(ProcessInstanceEntity, { id: processId, startedById: personId });
      if (!found) throw AppError.notFound('process');
      const deployed = await this.#definitions.byId(found.definitionId);
      const locked = await this.#runner.lock(processId);
      if (locked.process.status === 'completed') throw WorkflowError.processEnded(language);
      if (locked.process.status === 'running') {
        await this.#guarded(deployed, language, () => this.#runner.cancel(locked, deployed, personId));
      }
      return locked.process;
    });
    return this.#processView(process, language);
  }

  async tasks(caller: PersonCaller, filter: TaskList, query: PageQuery): Promise<TaskPage> {
    const { personId, language } = caller;
    const groupIds = (await this.#collaborators.groups.ofPerson(personId)).map(({ id }) => id);
    const scope = { personId, groupIds, now: this.#now() };
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

  async task(caller: PersonCaller, taskId: string): Promise<UserTaskDetail> {
    const { task, viewer } = await this.#seenTask(caller, taskId);
    return this.#detail(task, viewer, caller.language);
  }

  async taskForNotice(taskId: string, language: Language): Promise<UserTaskDetail | undefined> {
    const task = await this.#database.em.findOne(UserTaskEntity, { id: taskId });
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
      locked.claimedAt = this.#now();
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
      await this.#guarded(deployed, language, async () => {
        const { values, action } = await this.#checked(fresh, deployed, input, language);
        await this.#runner.completeTask(locked, deployed, fresh, { actorId: personId, action, values });
      });
      return fresh;
    });
    return this.#detail(task, viewer, language);
  }

  checkField(form: Form, name: string, value: FormValues[string], language: Language): string | undefined {
    const field = form.fields.find((each) => each.name === name);
    if (!field) return noSuchField(language);
    const fault = fieldFault(field, value);
    return fault && fieldMessage(field, fault, language);
  }

  get #database() {
    return this.#collaborators.database;
  }

  #now(): Date {
    return this.#collaborators.clock?.() ?? new Date();
  }

  async #latest(key: string, language: Language): Promise<DeployedProcess> {
    const all = await this.#definitions.latest();
    const found = all.find(({ model }) => model.key === key);
    if (found) return found;
    const known = all.map(({ model }) => model.key);
    throw WorkflowError.unknownWorkflow(key, known, language);
  }

  #startForm({ model }: DeployedProcess, language: Language): BuiltForm {
    return buildForm({
      id: model.key,
      title: model.name[language],
      description: model.description[language],
      fields: model.start.form,
      variables: {},
      show: valuesInWords(model, new Map(), language),
      language,
      readonly: false,
    });
  }

  async #requireGroup(personId: string, groupId: string | undefined): Promise<void> {
    if (groupId === undefined) return;
    if (!(await this.#collaborators.groups.isMember(groupId, personId))) throw AppError.notFound('group');
  }

  /** Asks for memberships here, before any transaction: the answer may come from Telegram. */
  async #seenTask(caller: PersonCaller, taskId: string): Promise<{ task: UserTask; viewer: Viewer }> {
    const task = await this.#database.em.findOne(UserTaskEntity, { id: taskId });
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
    const names = await this.#names([task], language);
    if (task.status === 'completed') {
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

  /** Turns mistakes of the process itself into WORKFLOW_ERROR; the transaction around it is rolled back. */
  async #guarded<T>({ model }: DeployedProcess, language: Language, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ProcessFault || error instanceof ExpressionError)) throw error;
      throw WorkflowError.stuck(model.name[language], language, error);
    }
  }

  async #names(tasks: readonly UserTask[], language: Language): Promise<NameBook> {
    const names = new NameBook(this.#collaborators, language);
    await names.load(
      tasks.flatMap(({ starterId, assigneeId, completedById }) => [starterId, assigneeId, completedById]),
      tasks.map(({ groupId }) => groupId),
    );
    return names;
  }

  async #view(task: UserTask, viewer: Viewer | undefined, language: Language): Promise<TaskView> {
    const { model } = await this.#definitions.byId(task.definitionId);
    return { task, model, names: await this.#names([task], language), language, viewer };
  }

  async #detail(task: UserTask, viewer: Viewer, language: Language): Promise<UserTaskDetail> {
    return renderTaskDetail(await this.#view(task, viewer, language));
  }

  async #processView(process: ProcessInstance, language: Language): Promise<ProcessInstanceView> {
    const [view] = await this.#processViews([process], language);
    if (!view) throw new Error(`The process ${process.id} has no definition`);
    return view;
  }

  async #processViews(processes: ProcessInstance[], language: Language): Promise<ProcessInstanceView[]> {
    const processId = { $in: processes.filter(({ status }) => status === 'running').map(({ id }) => id) };
    const tasks = await this.#database.em.find(
      UserTaskEntity,
      { processId, status: 'open' },
      { orderBy: { id: 'asc' } },
    );
    const models = await this.#definitions.byIds(processes.map(({ definitionId }) => definitionId));
    const names = await this.#names(tasks, language);
    await names.load(
      processes.map(({ startedById }) => startedById),
      processes.map(({ groupId }) => groupId),
    );
    return processes.flatMap((process) => {
      const model = models.get(process.definitionId)?.model;
      if (!model) return [];
      const own = tasks.filter((task) => task.processId === process.id);
      const waitingFor = own.map(
        (task) => renderTask({ task, model, names, language, viewer: undefined }).name,
      );
      return [renderProcess({ process, model, waitingFor, names, language })];
    });
  }
}

/** What was learnt of the assignee before the lock counts only while it is the same assignee. */
function sameAssignee(before: UserTask, now: UserTask, viewer: Viewer): Viewer {
  return { ...viewer, assigneeLeft: viewer.assigneeLeft && before.assigneeId === now.assigneeId };
}

function idempotencyKeyOf(personId: string, key: string | undefined): string | null {
  if (key === undefined) return null;
  if (key.length > maximumIdempotencyKeyLength) {
    const message = `at most ${maximumIdempotencyKeyLength} characters are allowed`;
    throw AppError.validation([{ path: 'idempotency_key', message }]);
  }
  return `${personId}:${key}`;
}
