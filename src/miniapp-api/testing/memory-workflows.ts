import type { PageQuery } from '#shared/contracts/common.ts';
import type { Form, FormValues } from '#shared/contracts/forms.ts';
import type {
  ProcessInstanceView,
  TaskList,
  TaskPage,
  UserTaskDetail,
  WorkflowDefinitionView,
} from '#shared/contracts/workflows.ts';
import { newId } from '#shared/database/id.ts';
import { AppError } from '#shared/errors.ts';
import type { PersonCaller } from '#shared/identity/caller.ts';
import type { PersonFeed, TaskChange, Workflows } from '#shared/services.ts';
import { pageOf } from './memory-conversations.ts';

const form: Form = {
  id: 'leave',
  title: 'Leave request',
  description: 'Ask for leave',
  fields: [{ name: 'days', type: 'number', label: 'Days', required: true, readonly: false }],
};

/** One workflow, `leave`; starting it gives its starter one task. */
export class MemoryWorkflows implements Workflows, PersonFeed {
  readonly #tasks: { owner: string; task: UserTaskDetail }[] = [];
  readonly #processes: { owner: string; view: ProcessInstanceView; key: string | undefined }[] = [];
  readonly #listeners = new Map<string, Set<(change: TaskChange) => void>>();

  async definitions(): Promise<WorkflowDefinitionView[]> {
    return [{ key: 'leave', name: 'Leave', description: 'Ask for leave', icon: '🏖', version: 1 }];
  }

  async startForm(key: string): Promise<Form> {
    if (key !== 'leave') throw AppError.notFound('workflow');
    return form;
  }

  async start(
    caller: PersonCaller,
    input: { key: string; values: FormValues; idempotencyKey?: string | undefined },
  ): Promise<ProcessInstanceView> {
    await this.startForm(input.key);
    const earlier = this.#processes.find(
      (each) => each.owner === caller.personId && each.key !== undefined && each.key === input.idempotencyKey,
    );
    if (earlier) return earlier.view;
    const view: ProcessInstanceView = {
      id: newId(),
      key: 'leave',
      name: 'Leave',
      status: 'running',
      started_at: new Date().toISOString(),
      ended_at: null,
      waiting_for: ['Approve'],
      outcome: null,
    };
    this.#processes.push({ owner: caller.personId, view, key: input.idempotencyKey });
    const task = taskOf(view);
    this.#tasks.push({ owner: caller.personId, task });
    this.#tell(caller.personId, { event: 'created', taskId: task.id });
    return view;
  }

  async processes(caller: PersonCaller): Promise<ProcessInstanceView[]> {
    return this.#processes.filter((each) => each.owner === caller.personId).map((each) => each.view);
  }

  async cancel(caller: PersonCaller, processId: string): Promise<ProcessInstanceView> {
    const found = this.#processes.find(
      (each) => each.owner === caller.personId && each.view.id === processId,
    );
    if (!found) throw AppError.notFound('process');
    found.view = { ...found.view, status: 'cancelled' };
    return found.view;
  }

  async tasks(caller: PersonCaller, filter: TaskList, query: PageQuery): Promise<TaskPage> {
    const all = this.#tasks.filter((each) => each.owner === caller.personId).map((each) => each.task);
    const open = all.filter((task) => task.status === 'open');
    const done = all.filter((task) => task.status === 'completed');
    return {
      ...pageOf(filter === 'done' ? done : open, query),
      counts: { inbox: open.length, next: 0, waiting: 0, scheduled: 0, done: done.length },
    };
  }

  async task(caller: PersonCaller, taskId: string): Promise<UserTaskDetail> {
    return this.#require(caller, taskId).task;
  }

  async taskForNotice(taskId: string): Promise<UserTaskDetail | undefined> {
    return this.#tasks.find((each) => each.task.id === taskId)?.task;
  }

  async claim(caller: PersonCaller, taskId: string): Promise<UserTaskDetail> {
    return this.#require(caller, taskId).task;
  }

  async complete(
    caller: PersonCaller,
    taskId: string,
    input: { values: FormValues },
  ): Promise<UserTaskDetail> {
    const kept = this.#require(caller, taskId);
    if (kept.task.status !== 'open') throw AppError.conflict('This task is completed already.');
    if (typeof input.values['days'] !== 'number') {
      throw AppError.validation([{ path: 'days', message: 'expected a number' }]);
    }
    kept.task = { ...kept.task, status: 'completed', can_complete: false };
    this.#tell(caller.personId, { event: 'completed', taskId });
    return kept.task;
  }

  checkField(): undefined {
    return undefined;
  }

  async subscribe(personId: string, listener: (change: TaskChange) => void): Promise<() => Promise<void>> {
    const listeners = this.#listeners.get(personId) ?? new Set();
    this.#listeners.set(personId, listeners.add(listener));
    return async () => void listeners.delete(listener);
  }

  listenersOf(personId: string): number {
    return this.#listeners.get(personId)?.size ?? 0;
  }

  #tell(personId: string, change: TaskChange): void {
    for (const listener of this.#listeners.get(personId) ?? []) listener(change);
  }

  #require(caller: PersonCaller, taskId: string) {
    const kept = this.#tasks.find((each) => each.owner === caller.personId && each.task.id === taskId);
    if (!kept) throw AppError.notFound('task');
    return kept;
  }
}

function taskOf(process: ProcessInstanceView): UserTaskDetail {
  return {
    id: newId(),
    name: 'Approve',
    description: 'Approve the leave',
    status: 'open',
    process_id: process.id,
    process_key: process.key,
    process_name: process.name,
    assignee: null,
    group: null,
    started_by: null,
    created_at: process.started_at,
    due_at: null,
    follow_up_at: null,
    completed_at: null,
    completed_by: null,
    outcome: null,
    can_claim: false,
    can_complete: true,
    needs_input: true,
    form,
  };
}
