import type { ProcessInstanceView, UserTaskDetail } from '#shared/contracts/workflows.ts';
import { AppError, type Issue } from '#shared/errors.ts';
import type { BotContext } from '../context.ts';
import { workflowSentence } from '../error-boundary.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { type Texts, textsIn } from '../locales/texts.ts';
import type { FormProgress, FormStart, OpenForm } from './form-progress.ts';

export type SendOutcome =
  | { status: 'sent'; sentence: string }
  /** These fields must be asked again. */
  | { status: 'invalid'; issues: Issue[] }
  /** It can never be sent: somebody else was faster, or it is gone. */
  | { status: 'over'; sentence: string }
  | { status: 'failed' };

export async function sendForm(
  ctx: BotContext,
  { services, logger }: HandlerDeps,
  open: OpenForm,
  { values }: FormProgress,
  action: string | undefined,
): Promise<SendOutcome> {
  const t = textsIn(open.language);
  const { start } = open;
  try {
    if (start.kind === 'task') {
      const task = await services.workflows.complete(ctx.caller, start.taskId, {
        values,
        ...(action === undefined ? {} : { action }),
      });
      return { status: 'sent', sentence: `✅ ${task.outcome ?? t.form.sent}` };
    }
    const instance = await services.workflows.start(ctx.caller, {
      key: start.key,
      values: action === undefined ? values : { ...values, [action]: true },
      groupId: start.groupId,
      topicId: start.topicId,
      // One dialogue starts one process, however often Send is pressed or redelivered.
      idempotencyKey: `tg:${Number.parseInt(open.token, 36)}`,
    });
    return { status: 'sent', sentence: startedSentence(instance, open.isGroup, t) };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'INTERNAL_ERROR') {
      logger.error({ error, update_id: ctx.update.update_id }, 'A form could not be sent');
      return { status: 'failed' };
    }
    if (error.code === 'VALIDATION_ERROR') return { status: 'invalid', issues: issuesOf(error) };
    if (error.code === 'CONFLICT') {
      const sentence = await closedSentence(ctx, services, start, t);
      return { status: 'over', sentence: sentence ?? workflowSentence(error, t) };
    }
    const final: readonly string[] = ['RESOURCE_NOT_FOUND', 'PERMISSION_DENIED'];
    return final.includes(error.code)
      ? { status: 'over', sentence: workflowSentence(error, t) }
      : { status: 'failed' };
  }
}

/** Why a task cannot be completed any more; undefined while it can. Throws like `Workflows.task`. */
export async function closedSentence(
  { caller }: BotContext,
  { workflows }: Pick<HandlerDeps['services'], 'workflows'>,
  start: FormStart,
  t: Texts,
): Promise<string | undefined> {
  if (start.kind !== 'task') return undefined;
  let task: UserTaskDetail;
  try {
    task = await workflows.task(caller, start.taskId);
  } catch (error) {
    if (error instanceof AppError && error.code === 'RESOURCE_NOT_FOUND') return t.tasks.vanished;
    throw error;
  }
  if (task.status === 'cancelled') return t.form.nowCancelled;
  if (task.status === 'completed') {
    const by = task.completed_by;
    return by?.id === caller.personId ? t.form.nowMine : t.form.nowDone(by?.name ?? null);
  }
  const { assignee } = task;
  if (assignee && assignee.id !== caller.personId && !task.can_complete)
    return t.form.nowTaken(assignee.name);
  return undefined;
}

/** In a group the notice of the next task follows at once, so it is not announced as well. */
function startedSentence(
  { name, status, outcome, waiting_for }: ProcessInstanceView,
  isGroup: boolean,
  t: Texts,
): string {
  const lines = [`✅ ${t.run.started(name)}`];
  if (status !== 'running') lines.push(outcome ?? t.run.ended);
  else if (waiting_for.length > 0 && !isGroup) lines.push(t.run.waitingFor(waiting_for.join(', ')));
  return lines.join('\n');
}

function issuesOf({ details }: AppError): Issue[] {
  const { issues } = details;
  return Array.isArray(issues) ? (issues as Issue[]) : [];
}
