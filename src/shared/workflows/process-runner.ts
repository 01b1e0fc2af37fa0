import { isDeepStrictEqual } from 'node:util';
import { LockMode } from '@mikro-orm/core';
import { newId } from '../database/id.ts';
import { languages } from '../language.ts';
import type { TaskChange } from '../services.ts';
import type { ProcessModel } from './bpmn/process-model.ts';
import type { WorkflowCollaborators } from './collaborators.ts';
import { advance, startProcess } from './engine/advance.ts';
import { ProcessFault } from './engine/process-fault.ts';
import {
  type Effect,
  type ProcessEvent,
  type ProcessState,
  visibleVariables,
} from './engine/process-state.ts';
import { type ProcessInstance, ProcessInstanceEntity, type UserTask, UserTaskEntity } from './entities.ts';
import type { Variables } from './expressions/value.ts';
import { NameBook } from './name-book.ts';
import type { DeployedProcess } from './process-definitions.ts';
import { renderProcess } from './render-process.ts';
import { assignTask } from './tasks/assign-task.ts';
import { renderTask, taskForm } from './tasks/render-task.ts';

type CreateTask = Extract<Effect, { kind: 'createTask' }>;

interface StartInput {
  starterId: string;
  values: Variables;
  groupId: string | null;
  topicId: number | null;
  idempotencyKey: string | null;
}

interface Completion {
  actorId: string;
  action: string | undefined;
  values: Variables;
}

/**
 * Brings what the interpreter decided into the database: instance, tasks and notices change in the caller's
 * transaction or not at all. Live feeds are told after the commit.
 */
export class ProcessRunner {
  readonly #collaborators: WorkflowCollaborators;

  constructor(collaborators: WorkflowCollaborators) {
    this.#collaborators = collaborators;
  }

  /** The instance's id; that of the earlier one when the idempotency key was used before. */
  async start(deployed: DeployedProcess, input: StartInput): Promise<string> {
    const { database } = this.#collaborators;
    return database.transaction(async (em) => {
      const now = this.#collaborators.clock();
      const { state, effects } = startProcess(deployed.model, {
        kind: 'start',
        values: { ...input.values, group: input.groupId },
        starter: input.starterId,
        at: now.toISOString(),
      });
      assertSize(deployed.model, state);
      const id = newId();
      const ended = state.status === 'running' ? null : now;
      const inserted = await database.query(
        `insert into process_instances (id, definition_id, status, revision, state, started_by_id, group_id,
           topic_id, idempotency_key, started_at, ended_at)
         values ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9, $10, $11)
         on conflict (idempotency_key) do nothing returning id`,
        [
          id,
          deployed.definitionId,
          state.status,
          state.revision,
          JSON.stringify(state),
          input.starterId,
          input.groupId,
          input.topicId,
          input.idempotencyKey,
          now,
          ended,
        ],
      );
      if (inserted.length === 0) {
        const { idempotencyKey } = input;
        return (await em.findOneOrFail(ProcessInstanceEntity, { idempotencyKey })).id;
      }
      const process = await em.findOneOrFail(ProcessInstanceEntity, { id });
      await this.#apply({ process, deployed, state, effects, openTasks: [], actorId: input.starterId });
      return id;
    });
  }

  /** Call inside of a transaction. Everything that moves an instance locks it first, then its open tasks. */
  async lock(processId: string): Promise<{ process: ProcessInstance; openTasks: UserTask[] }> {
    const { em } = this.#collaborators.database;
    const options = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const;
    const process = await em.findOneOrFail(ProcessInstanceEntity, { id: processId }, options);
    const openTasks = await em.find(
      UserTaskEntity,
      { processId, status: 'open' },
      { ...options, orderBy: { id: 'asc' } },
    );
    return { process, openTasks };
  }

  async completeTask(
    locked: { process: ProcessInstance; openTasks: UserTask[] },
    deployed: DeployedProcess,
    task: UserTask,
    completion: Completion,
  ): Promise<void> {
    const { process, openTasks } = locked;
    const now = this.#collaborators.clock();
    const { tokenId } = task;
    const seen = visibleVariables(process.state, tokenId);
    const event: ProcessEvent = {
      kind: 'completeTask',
      tokenId,
      values: completion.values,
      at: now.toISOString(),
    };
    const { state, effects } = advance(deployed.model, process.state, event);
    assertSize(deployed.model, state);
    task.status = 'completed';
    task.completedAt = now;
    task.completedById = completion.actorId;
    task.assigneeId ??= completion.actorId;
    task.action = completion.action ?? null;
    task.variables = { ...seen, ...completion.values };
    await this.#apply({ process, deployed, state, effects, openTasks, actorId: completion.actorId });
  }

  async cancel(
    locked: { process: ProcessInstance; openTasks: UserTask[] },
    deployed: DeployedProcess,
    actorId: string,
  ): Promise<void> {
    const { process, openTasks } = locked;
    const { state, effects } = advance(deployed.model, process.state, { kind: 'cancel' });
    await this.#apply({ process, deployed, state, effects, openTasks, actorId });
  }

  /** After a change of the task itself, inside of its transaction. */
  async taskChanged(task: UserTask, event: TaskChange['event']): Promise<void> {
    await this.#collaborators.notices.changed('task', task.id);
    this.#publish(task, event);
  }

  async #apply(change: {
    process: ProcessInstance;
    deployed: DeployedProcess;
    state: ProcessState;
    effects: readonly Effect[];
    openTasks: readonly UserTask[];
    actorId: string;
  }): Promise<void> {
    const { process, deployed, state, effects, openTasks } = change;
    const { em } = this.#collaborators.database;
    process.state = state;
    process.status = state.status;
    process.revision = state.revision;
    if (state.status !== 'running') {
      process.endedAt = this.#collaborators.clock();
      this.#proveOutcome(process, deployed.model);
    }
    // A task that a terminate end takes back within the same step never was.
    const cancelled = new Set(
      effects.filter(({ kind }) => kind === 'cancelTask').map((effect) => tokenOf(effect)),
    );
    for (const effect of effects) {
      const task = openTasks.find(({ tokenId }) => tokenId === tokenOf(effect));
      if (effect.kind === 'createTask' && !cancelled.has(effect.tokenId)) {
        const created = em.create(UserTaskEntity, await this.#newTask(process, state, effect));
        this.#proveTexts(created, deployed.model);
        await this.#offer(created, process, change.actorId);
      } else if (effect.kind === 'completeTask' && task) {
        this.#proveTexts(task, deployed.model);
        await this.taskChanged(task, 'completed');
      } else if (effect.kind === 'cancelTask' && task) {
        task.status = 'cancelled';
        await this.taskChanged(task, 'deleted');
      }
    }
    for (const task of openTasks.filter(({ status }) => status === 'open')) {
      const variables = visibleVariables(state, task.tokenId);
      if (isDeepStrictEqual(variables, task.variables)) continue;
      task.variables = variables;
      await this.taskChanged(task, 'updated');
    }
    await em.flush();
  }

  async #newTask(process: ProcessInstance, state: ProcessState, effect: CreateTask): Promise<UserTask> {
    return {
      id: newId(),
      processId: process.id,
      tokenId: effect.tokenId,
      definitionId: process.definitionId,
      elementId: effect.nodeId,
      status: 'open',
      starterId: process.startedById,
      ...(await assignTask(effect, process.startedById, (id) => this.#collaborators.groups.membersOf(id))),
      claimedAt: null,
      priority: effect.priority,
      dueAt: effect.dueAt === null ? null : new Date(effect.dueAt),
      followUpAt: effect.followUpAt === null ? null : new Date(effect.followUpAt),
      variables: visibleVariables(state, effect.tokenId),
      createdAt: this.#collaborators.clock(),
      completedAt: null,
      completedById: null,
      action: null,
    };
  }

  async #offer(task: UserTask, process: ProcessInstance, actorId: string): Promise<void> {
    const { notices } = this.#collaborators;
    const subject = { subjectKind: 'task', subjectId: task.id } as const;
    if (task.groupId !== null) {
      const topicId = task.groupId === process.groupId ? (process.topicId ?? undefined) : undefined;
      await notices.show({ ...subject, target: { kind: 'group', id: task.groupId, topicId } });
    }
    const people = task.assigneeId === null ? task.candidateIds : [task.assigneeId];
    for (const id of people.filter((person) => person !== actorId)) {
      await notices.show({ ...subject, target: { kind: 'person', id } });
    }
    this.#publish(task, 'created');
  }

  /** Texts that cannot be made are found now, while nothing has happened, and not by everybody who opens the list. */
  #proveTexts(task: UserTask, model: ProcessModel): void {
    for (const language of languages) {
      const names = new NameBook(this.#collaborators, language);
      const view = { task, model, names, language, viewer: undefined };
      renderTask(view);
      taskForm(view, false);
    }
  }

  #proveOutcome(process: ProcessInstance, model: ProcessModel): void {
    for (const language of languages) {
      const names = new NameBook(this.#collaborators, language);
      renderProcess({ process, model, waitingFor: [], names, language });
    }
  }

  #publish(task: UserTask, event: TaskChange['event']): void {
    const { database, groups } = this.#collaborators;
    const { id: taskId, starterId, assigneeId, candidateIds, groupId } = task;
    database.afterCommit(async () => {
      const members = groupId === null ? [] : await groups.membersOf(groupId);
      const people = [starterId, ...candidateIds, ...members, ...(assigneeId === null ? [] : [assigneeId])];
      await this.#collaborators.publish({ event, taskId }, [...new Set(people)]);
    });
  }
}

/** JSON characters that one instance may hold. */
const maximumStateLength = 250_000;

function assertSize(model: ProcessModel, state: ProcessState): void {
  if (JSON.stringify(state).length > maximumStateLength) {
    throw new ProcessFault(model.key, `it holds more than ${maximumStateLength} characters`);
  }
}

function tokenOf(effect: Effect): number | undefined {
  return effect.kind === 'endProcess' ? undefined : effect.tokenId;
}
