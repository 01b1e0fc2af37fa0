import type { UserTaskDetail } from '#shared/contracts/workflows.ts';
import { AppError } from '#shared/errors.ts';
import type { BotContext } from '../context.ts';
import { workflowSentence } from '../error-boundary.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { say } from '../say.ts';
import { defaultOf, type FormStart, type OpenForm } from './form-progress.ts';

/** Fetches the form once; the dialogue goes on with this copy. Says why when there is nothing to fill in. */
export async function openForm(
  ctx: BotContext,
  { services, links, logger }: HandlerDeps,
  start: FormStart,
): Promise<OpenForm | { status: 'refused' }> {
  const { caller, language, t } = ctx;
  const refuse = async (sentence: string): Promise<{ status: 'refused' }> => {
    await say(ctx, sentence);
    return { status: 'refused' };
  };
  try {
    const task = start.kind === 'task' ? await services.workflows.task(caller, start.taskId) : undefined;
    if (task && !task.can_complete) return await refuse(whyNot(task, ctx));
    const form =
      task?.form ??
      (start.kind === 'start' ? await services.workflows.startForm(start.key, language) : undefined);
    if (!form) throw AppError.notFound('form');
    const file = form.fields.find((field) => needsFile(field));
    if (file) {
      const url = task && ctx.place.kind === 'private' ? links.webApp(`tasks/${task.id}`) : undefined;
      const keyboard = url === undefined ? [] : [[{ text: t.tasks.openForm, web_app: { url } }]];
      await say(ctx, t.form.fileOnlyInApp(file.label), { keyboard });
      return { status: 'refused' };
    }
    return {
      status: 'open',
      start,
      form,
      language,
      timeZone: caller.timeZone,
      isGroup: ctx.place.kind === 'group',
      owner: (ctx.from?.id ?? 0).toString(36),
      token: ctx.update.update_id.toString(36),
    };
  } catch (error) {
    // Nothing may be thrown inside a dialogue: the plugin would keep a half-finished one.
    const expected = error instanceof AppError;
    if (!expected) logger.error({ error, update_id: ctx.update.update_id }, 'A form could not be opened');
    return refuse(workflowSentence(error, t));
  }
}

function needsFile(field: OpenForm['form']['fields'][number]): boolean {
  return field.type === 'file' && field.required && !field.readonly && defaultOf(field) === undefined;
}

/** Why this person cannot complete the task now. */
export function whyNot(task: UserTaskDetail, { caller, t }: Pick<BotContext, 'caller' | 't'>): string {
  if (task.status === 'completed') {
    return task.completed_by?.id === caller.personId
      ? t.tasks.finishedByYou
      : t.tasks.finishedBy(task.completed_by?.name ?? null);
  }
  if (task.status === 'cancelled') return t.tasks.cancelled;
  if (task.assignee && task.assignee.id !== caller.personId) return t.tasks.takenBy(task.assignee.name);
  return task.can_claim ? t.tasks.takeFirst : t.tasks.notForYou;
}
