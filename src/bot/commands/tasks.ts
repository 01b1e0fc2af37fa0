import { Composer } from 'grammy';
import { type TaskList, taskLists } from '#shared/contracts/workflows.ts';
import type { BotContext } from '../context.ts';
import { enterForm } from '../forms/form-dialogue.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { isOneOf } from '../is-one-of.ts';
import { clip, rows, show } from '../say.ts';
import { TextBuilder } from '../text/formatted-text.ts';
import { pageButtons } from './page-buttons.ts';
import { privateTaskKeyboard, taskText } from './task-view.ts';

const perPage = 8;
const maxLabel = 60;

/** One of the lists; without a wish, the first that has something in it. */
export async function showTasks(
  ctx: BotContext,
  { services }: HandlerDeps,
  wanted?: TaskList,
  offset = 0,
): Promise<void> {
  const { t, caller } = ctx;
  const query = { limit: perPage, offset };
  let list: TaskList = wanted ?? 'inbox';
  let page = await services.workflows.tasks(caller, list, query);
  if (wanted === undefined && page.total === 0 && page.counts.next > 0) {
    list = 'next';
    page = await services.workflows.tasks(caller, list, query);
  }
  const tabs = taskLists.map((name) => ({
    text: `${name === list ? '• ' : ''}${t.tasks.lists[name]} (${page.counts[name]})`,
    callback_data: `tasks:${name}:0`,
  }));
  const tasks = page.results.map((task) => ({
    text: clip(`${task.assignee ? '👤 ' : ''}${task.name}`, maxLabel),
    callback_data: `task:${task.id}`,
  }));
  const builder = new TextBuilder().append(t.tasks.heading(t.tasks.lists[list]), { type: 'bold' });
  if (tasks.length === 0) builder.append(`\n${t.tasks.empty[list]}`);
  const pages = pageButtons(t, page, (at) => `tasks:${list}:${at}`);
  await show(ctx, builder.build(), [...rows(tasks), ...pages, ...rows(tabs, 2)]);
}

export async function showTask(
  ctx: BotContext,
  { services, links }: HandlerDeps,
  taskId: string,
): Promise<void> {
  const task = await services.workflows.task(ctx.caller, taskId);
  const keyboard = privateTaskKeyboard(task, ctx.caller, links);
  await show(ctx, taskText(task, ctx.caller), [
    ...keyboard,
    [{ text: ctx.t.back, callback_data: 'tasks:inbox:0' }],
  ]);
}

/** The buttons of the private lists. Taking and completing are the same in groups: see `notices/task-buttons.ts`. */
export function taskListButtons(deps: HandlerDeps): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  composer.callbackQuery(/^tasks:([a-z]+):(\d{1,6})$/, async (ctx) => {
    const [, list = '', offset = '0'] = ctx.match;
    await showTasks(ctx, deps, isOneOf(taskLists, list) ? list : undefined, Number(offset));
  });
  composer.callbackQuery(/^task:([0-9a-f-]{36})$/, (ctx) => showTask(ctx, deps, ctx.match[1] ?? ''));
  composer.callbackQuery(/^fill:([0-9a-f-]{36})$/, (ctx) =>
    enterForm(ctx, { kind: 'task', taskId: ctx.match[1] ?? '' }),
  );
  return composer;
}
