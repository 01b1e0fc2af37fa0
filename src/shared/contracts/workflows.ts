import { z } from 'zod';
import { id, page, pageQuery, timestamp } from './common.ts';
import { form, formValues } from './forms.ts';

export const taskLists = ['inbox', 'next', 'waiting', 'scheduled', 'done'] as const;

export const userTask = z
  .object({
    id,
    name: z.string(),
    description: z.string(),
    status: z.enum(['open', 'completed', 'cancelled']),
    process_id: id,
    process_key: z.string(),
    process_name: z.string(),
    /** Who took it. */
    assignee: z.object({ id, name: z.string() }).nullable(),
    /** The group that the task is offered to. */
    group: z.object({ id, title: z.string() }).nullable(),
    started_by: z.object({ id, name: z.string() }).nullable(),
    created_at: timestamp,
    due_at: timestamp.nullable(),
    follow_up_at: timestamp.nullable(),
    completed_at: timestamp.nullable(),
    completed_by: z.object({ id, name: z.string() }).nullable(),
    /** What was decided, in words, once completed. */
    outcome: z.string().nullable(),
    /** Whether the caller may claim it now, and complete it now. */
    can_claim: z.boolean(),
    can_complete: z.boolean(),
    /** Whether completing needs no input, so that one button is enough. */
    needs_input: z.boolean(),
  })
  .meta({ id: 'UserTask' });

export const userTaskDetail = userTask.extend({ form }).meta({ id: 'UserTaskDetail' });

export const taskQuery = pageQuery.extend({ filter: z.enum(taskLists).default('inbox') });
export const taskPage = page(userTask)
  .extend({ counts: z.record(z.enum(taskLists), z.int()) })
  .meta({ id: 'TaskPage' });

export const completeTask = z.object({
  values: formValues.default({}),
  /** The name of the pressed `button` field. */
  action: z.string().max(100).optional(),
});

export const workflowDefinition = z
  .object({
    key: z.string(),
    name: z.string(),
    description: z.string(),
    icon: z.string(),
    version: z.int(),
  })
  .meta({ id: 'WorkflowDefinition' });

export const startWorkflow = z.object({ values: formValues.default({}), group_id: id.optional() });

export const processInstance = z
  .object({
    id,
    key: z.string(),
    name: z.string(),
    status: z.enum(['running', 'completed', 'cancelled', 'failed']),
    started_at: timestamp,
    ended_at: timestamp.nullable(),
    /** What it waits for now, in words. */
    waiting_for: z.array(z.string()),
    outcome: z.string().nullable(),
  })
  .meta({ id: 'ProcessInstance' });

export type TaskList = (typeof taskLists)[number];
export type UserTaskView = z.infer<typeof userTask>;
export type UserTaskDetail = z.infer<typeof userTaskDetail>;
export type TaskPage = z.infer<typeof taskPage>;
export type WorkflowDefinitionView = z.infer<typeof workflowDefinition>;
export type ProcessInstanceView = z.infer<typeof processInstance>;
