// The buttons under tasks. Everybody in a group sees them, so every press is checked for whoever presses.
import { Composer } from 'grammy';
import type { UserTaskDetail } from '#shared/contracts/workflows.ts';
import { AppError } from '#shared/errors.ts';
import { taskText } from '../commands/task-view.ts';
import { showTask } from '../commands/tasks.ts';
import type { BotContext } from '../context.ts';
import { workflowSentence } from '../error-boundary.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { attempt } from '../outbound/outcome.ts';

export function taskButtons(deps: HandlerDeps): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  composer.callbackQuery(/^take:([0-9a-f-]{36})$/, (ctx) => take(ctx, deps, ctx.match[1] ?? ''));
  composer.callbackQuery(/^done:([0-9a-f-]{36})$/, (ctx) => complete(ctx, deps, ctx.match[1] ?? ''));
  return composer;
}

/** Taking one's own again is fine, so an update that is handled twice does no harm. */
async function take(ctx: BotContext, deps: HandlerDeps, taskId: string): Promise<void> {
  const task = await pressed(ctx, () => deps.services.workflows.claim(ctx.caller, taskId));
  if (!task) return;
  if (ctx.place.kind === 'private') {
    await ctx.press.answer(ctx.t.tasks.taken);
    await showTask(ctx, deps, taskId);
    return;
  }
  // The group's message is brought up to date by its notice.
  if (await offerForm(ctx, deps, task)) await ctx.press.answer(ctx.t.tasks.taken);
  else {
    const url = deps.links.privateChat(`task_${taskId}`);
    await ctx.press.answer(ctx.t.tasks.openBotFirst, { url });
  }
}

async function complete(ctx: BotContext, deps: HandlerDeps, taskId: string): Promise<void> {
  const { workflows } = deps.services;
  const task = await pressed(ctx, () => workflows.complete(ctx.caller, taskId, { values: {} }));
  if (!task) return;
  await ctx.press.answer(ctx.t.tasks.finished);
  if (ctx.place.kind === 'private') await showTask(ctx, deps, taskId);
}

/** Undefined when it could not be done; the press then has its answer. */
async function pressed(
  ctx: BotContext,
  work: () => Promise<UserTaskDetail>,
): Promise<UserTaskDetail | undefined> {
  const { t } = ctx;
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const sentences: Partial<Record<AppError['code'], string>> = {
      RESOURCE_NOT_FOUND: t.tasks.notForYou,
      VALIDATION_ERROR: t.tasks.needsForm,
    };
    await ctx.press.answer(sentences[error.code] ?? workflowSentence(error, t), { alert: true });
    return undefined;
  }
}

/** Privately, where the form can be filled in. False when the bot may not write there. */
async function offerForm(
  ctx: BotContext,
  { privateChats, links }: HandlerDeps,
  task: UserTaskDetail,
): Promise<boolean> {
  const { t, person, caller } = ctx;
  const chatId = person.telegramUserId;
  if (chatId === null || chatId === undefined || !(await privateChats.isReachable(person.id))) return false;
  const url = links.webApp(`tasks/${task.id}`);
  const fill = task.needs_input
    ? [{ text: t.tasks.fillIn, callback_data: `fill:${task.id}` }]
    : [{ text: t.tasks.done, callback_data: `done:${task.id}` }];
  const keyboard = [[...fill, ...(url === undefined ? [] : [{ text: t.tasks.openForm, web_app: { url } }])]];
  const { text, entities } = taskText(task, caller);
  const sent = await attempt(() =>
    ctx.api.sendMessage(chatId, text, { entities, reply_markup: { inline_keyboard: keyboard } }),
  );
  if (sent.status === 'dead_chat') await privateChats.change(person.id, { reachable: false });
  return sent.status !== 'dead_chat' && sent.status !== 'refused';
}
