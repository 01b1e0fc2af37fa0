// /start: the first screen, the later ones, and whatever a link into the bot leads to.
import { Composer } from 'grammy';
import { AppError } from '#shared/errors.ts';
import { askPrivately } from '../ask.ts';
import type { BotContext } from '../context.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { type Keyboard, rows, say } from '../say.ts';
import { continueChat } from './chats.ts';
import { showTask } from './tasks.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A payload that leads nowhere known shows the ordinary first screen; one to something gone says so. */
export async function start(ctx: BotContext, deps: HandlerDeps, payload: string): Promise<void> {
  const split = payload.indexOf('_');
  const id = payload.slice(split + 1);
  if (split > 0 && uuid.test(id)) {
    try {
      if (await follow(ctx, deps, payload.slice(0, split), id)) return;
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'RESOURCE_NOT_FOUND')) throw error;
      await say(ctx, ctx.t.start.gone);
      return;
    }
  }
  await greet(ctx, deps);
}

/** False for a kind of link that is not known. */
async function follow(ctx: BotContext, deps: HandlerDeps, kind: string, id: string): Promise<boolean> {
  const { services } = deps;
  switch (kind) {
    case 'kb':
      await talkAbout(ctx, deps, id);
      return true;
    case 'task':
      await showTask(ctx, deps, id);
      return true;
    case 'thread':
      await continueChat(ctx, deps, id);
      return true;
    case 'group': {
      const isMember = await services.groups.isMember(id, ctx.caller.personId);
      const group = isMember ? await services.groups.find(id) : undefined;
      if (!group) throw AppError.notFound('group');
      await say(ctx, ctx.t.start.group(group.title), { keyboard: await laterKeyboard(ctx, deps) });
      return true;
    }
    default:
      return false;
  }
}

/** A conversation about one knowledge base. An empty one of that kind is used again: links are pressed twice. */
async function talkAbout(
  ctx: BotContext,
  { services, privateChats }: HandlerDeps,
  kbId: string,
): Promise<void> {
  const { caller, t } = ctx;
  const base = await services.catalog.get(caller, kbId);
  if (!base.access.can_read) throw AppError.notFound('knowledge base');
  const newest = await services.threads.list(caller, { limit: 1, offset: 0 });
  const unused = newest.results.find(
    ({ message_count, kb_ids }) => message_count === 0 && kb_ids.length === 1 && kb_ids[0] === kbId,
  );
  const thread = unused ?? (await services.threads.create(caller, { kb_ids: [kbId] }));
  await privateChats.change(caller.personId, { threadId: thread.id });
  await say(ctx, t.start.kb(base.name));
}

async function greet(ctx: BotContext, deps: HandlerDeps): Promise<void> {
  const { t, person } = ctx;
  const { privateChats } = deps;
  const chat = await privateChats.find(person.id);
  if (chat?.welcomedAt) {
    const keyboard = await laterKeyboard(ctx, deps);
    const open = await openTasks(ctx, deps);
    await say(ctx, `${t.start.again(person.firstName)}\n${t.start.openTasks(open)}`, { keyboard });
    return;
  }
  const questions = t.start.questions.map((text, index) => ({
    text,
    callback_data: `ask:question:${index}`,
  }));
  await say(ctx, t.start.welcome(person.firstName), {
    keyboard: [...rows(questions), ...appRow(ctx, deps)],
  });
  await privateChats.change(person.id, { welcomedAt: new Date() });
}

/** The buttons of the first screens ask what they say. */
export function questionButtons(deps: HandlerDeps): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  composer.callbackQuery(/^ask:(question|prompt):(\d)$/, async (ctx, next) => {
    if (ctx.place.kind !== 'private') return next();
    const { questions, prompts } = ctx.t.start;
    const text = (ctx.match[1] === 'question' ? questions : prompts)[Number(ctx.match[2])];
    if (text === undefined) return next();
    await say(ctx, `❓ ${text}`);
    await askPrivately(ctx, deps, text);
  });
  return composer;
}

async function laterKeyboard(ctx: BotContext, deps: HandlerDeps): Promise<Keyboard> {
  const { t } = ctx;
  const prompts = t.start.prompts.map((text, index) => ({ text, callback_data: `ask:prompt:${index}` }));
  const open = await openTasks(ctx, deps);
  const tasks = open > 0 ? [[{ text: t.start.tasks(open), callback_data: 'tasks:inbox:0' }]] : [];
  return [...rows(prompts), ...tasks, ...appRow(ctx, deps)];
}

async function openTasks(ctx: BotContext, { services }: HandlerDeps): Promise<number> {
  const { counts } = await services.workflows.tasks(ctx.caller, 'inbox', { limit: 1, offset: 0 });
  return counts.inbox + counts.next;
}

function appRow({ t }: BotContext, { links }: HandlerDeps): Keyboard {
  const url = links.webApp();
  return url === undefined ? [] : [[{ text: t.openApp, web_app: { url } }]];
}
