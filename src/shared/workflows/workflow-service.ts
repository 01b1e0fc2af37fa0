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
import { type ProcessInstance, ProcessInstanceEntity, UserTaskEntity } from './entities.ts';
import { type BuiltForm, buildForm } from './forms/build-form.ts';
import { fieldFault } from './forms/check-field.ts';
import { checkSubmission } from './forms/check-submission.ts';
import { fieldMessage, noSuchField } from './forms/field-messages.ts';
import { guarded } from './guarded.ts';
import { NameBook } from './name-book.ts';
import { type DeployedProcess, ProcessDefinitions } from './process-definitions.ts';
import { ProcessRunner } from './process-runner.ts';
import { renderProcess } from './render-process.ts';
import { renderTask } from './tasks/render-task.ts';
import { UserTasks } from './tasks/user-tasks.ts';
import { isUuid } from './uuid.ts';
import { valuesInWords } from './words.ts';
import { WorkflowError } from './workflow-error.ts';

const shippedProcesses = join(import.meta.dirname, 'processes');
/** Instances that `processes` answers at most, newest first. */
const maximumProcesses = 100;
const maximumIdempotencyKeyLength = 200;

/**
 * Processes and their tasks as people use them: who may do what, forms, words. What moves an instance is in
 * `ProcessRunner`. Foreign and missing objects are both RESOURCE_NOT_FOUND.
 */
export class WorkflowService implements Workflows {
  readonly #collaborators: WorkflowCollaborators;
  readonly #definitions: ProcessDefinitions;
  readonly #runner: ProcessRunner;
  readonly #tasks: UserTasks;

  constructor(collaborators: WorkflowCollaborators) {
    this.#collaborators = collaborators;
    this.#definitions = new ProcessDefinitions(collaborators.database);
    this.#runner = new ProcessRunner(collaborators);
    this.#tasks = new UserTasks(collaborators, this.#definitions, this.#runner);
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
    const processId = await guarded(deployed.model, language, () =>
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
      const found = isUuid(processId)
        ? await em.findOne(ProcessInstanceEntity, { id: processId, startedById: personId })
        : null;
      if (!found) throw AppError.notFound('process');
      const deployed = await this.#definitions.byId(found.definitionId);
      const locked = await this.#runner.lock(processId);
      if (locked.process.status === 'completed') throw WorkflowError.processEnded(language);
      if (locked.process.status === 'running') {
        await guarded(deployed.model, language, () => this.#runner.cancel(locked, deployed, personId));
      }
      return locked.process;
    });
    return this.#processView(process, language);
  }

  tasks(caller: PersonCaller, filter: TaskList, query: PageQuery): Promise<TaskPage> {
    return this.#tasks.list(caller, filter, query);
  }

  task(caller: PersonCaller, taskId: string): Promise<UserTaskDetail> {
    return this.#tasks.get(caller, taskId);
  }

  taskForNotice(taskId: string, language: Language): Promise<UserTaskDetail | undefined> {
    return this.#tasks.forNotice(taskId, language);
  }

  claim(caller: PersonCaller, taskId: string): Promise<UserTaskDetail> {
    return this.#tasks.claim(caller, taskId);
  }

  complete(
    caller: PersonCaller,
    taskId: string,
    input: { values: FormValues; action?: string | undefined },
  ): Promise<UserTaskDetail> {
    return this.#tasks.complete(caller, taskId, input);
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
    const isMember = isUuid(groupId) && (await this.#collaborators.groups.isMember(groupId, personId));
    if (!isMember) throw AppError.notFound('group');
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
    const names = new NameBook(this.#collaborators, language);
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

function idempotencyKeyOf(personId: string, key: string | undefined): string | null {
  if (key === undefined) return null;
  if (key.length > maximumIdempotencyKeyLength) {
    const message = `at most ${maximumIdempotencyKeyLength} characters are allowed`;
    throw AppError.validation([{ path: 'idempotency_key', message }]);
  }
  return `${personId}:${key}`;
}
