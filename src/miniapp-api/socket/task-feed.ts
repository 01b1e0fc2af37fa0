// Changes of a person's tasks, live, as frames of one socket.
import type { ServerFrame, TaskFrame } from '#shared/contracts/gateway-frames.ts';
import type { UserTaskDetail } from '#shared/contracts/workflows.ts';
import { AppError } from '#shared/errors.ts';
import type { PersonCaller } from '#shared/identity/caller.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { PersonFeed, TaskChange, Workflows } from '#shared/services.ts';
import { formRequestFrame, taskFrame } from './task-frames.ts';

/** Beyond it the oldest news are dropped: the list of tasks tells the same. */
const maxWaiting = 100;

export interface TaskFeedOptions {
  feed: PersonFeed;
  workflows: Workflows;
  caller: PersonCaller;
  send: (frame: ServerFrame) => Promise<void>;
  /** Whether a new task is followed by its form. */
  withForms: boolean;
  onChange: () => void;
  logger: Logger;
}

/** Answers what ends it. */
export async function followTasks(options: TaskFeedOptions): Promise<() => Promise<void>> {
  const waiting: TaskChange[] = [];
  let working = false;
  const work = async () => {
    if (working) return;
    working = true;
    for (let change = waiting.shift(); change; change = waiting.shift()) {
      try {
        for (const frame of await framesOf(change, options)) await options.send(frame);
      } catch (error) {
        options.logger.warn({ error, task_id: change.taskId }, 'a change of a task was not shown');
      }
    }
    working = false;
    options.onChange();
  };
  return options.feed.subscribe(options.caller.personId, (change) => {
    if (waiting.length >= maxWaiting) waiting.shift();
    waiting.push(change);
    void work();
  });
}

async function framesOf(change: TaskChange, options: TaskFeedOptions): Promise<ServerFrame[]> {
  const task = await visibleTask(change, options);
  const notification: ServerFrame = {
    type: 'taskNotification',
    event: change.event,
    task: task ? taskFrame(task) : goneTask(change.taskId),
  };
  const asks = options.withForms && change.event === 'created' && task?.can_complete === true;
  return asks ? [notification, formRequestFrame(task)] : [notification];
}

async function visibleTask(
  change: TaskChange,
  { workflows, caller }: TaskFeedOptions,
): Promise<UserTaskDetail | undefined> {
  try {
    return await workflows.task(caller, change.taskId);
  } catch (error) {
    if (error instanceof AppError && error.code === 'RESOURCE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** All that is known of a task that is deleted, or not this person's any more. */
function goneTask(id: string): TaskFrame {
  return {
    id,
    name: '',
    description: '',
    process_id: '',
    process_name: '',
    created: '',
    due: null,
    assignee: null,
  };
}
