// Every command, once: handlers, menus and suggestions are all made from this list.
import type { MiddlewareFn } from 'grammy';
import type { BotContext } from '../context.ts';
import { isFillingForm } from '../forms/form-dialogue.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { say } from '../say.ts';
import { beginNewChat, showChats } from './chats.ts';
import { type Command, privately } from './command.ts';
import { nearestCommand } from './nearest-command.ts';
import { showProfile } from './profile.ts';
import { run } from './run.ts';
import { search } from './search.ts';
import { showSettings } from './settings.ts';
import { start } from './start.ts';
import { stopAnswer } from './stop.ts';
import { showTasks } from './tasks.ts';

export function createCommands(deps: HandlerDeps): Command[] {
  const commands: Command[] = [
    {
      name: 'new',
      inGroups: false,
      run: privately(
        deps,
        'new',
        (t) => t.chats.inPrivate,
        (ctx) => beginNewChat(ctx, deps),
      ),
    },
    {
      name: 'chat',
      inGroups: false,
      run: privately(
        deps,
        'chat',
        (t) => t.chats.inPrivate,
        (ctx) => showChats(ctx, deps),
      ),
    },
    {
      name: 'search',
      inGroups: false,
      run: privately(
        deps,
        'search',
        (t) => t.search.inPrivate,
        (ctx, args) => search(ctx, deps, args),
      ),
    },
    {
      name: 'tasks',
      inGroups: true,
      run: privately(
        deps,
        'tasks',
        (t) => t.tasks.inPrivate,
        (ctx) => showTasks(ctx, deps),
      ),
    },
    { name: 'run', inGroups: true, run: (ctx, args) => run(ctx, deps, args) },
    {
      name: 'profile',
      inGroups: false,
      run: privately(
        deps,
        'profile',
        (t) => t.profile.inPrivate,
        (ctx) => showProfile(ctx, deps),
      ),
    },
    {
      name: 'settings',
      inGroups: false,
      run: privately(
        deps,
        'settings',
        (t) => t.settings.inPrivate,
        (ctx) => showSettings(ctx, deps),
      ),
    },
    { name: 'help', inGroups: true, run: showHelp },
    { name: 'stop', inGroups: true, run: (ctx) => stopAnswer(ctx, deps) },
    {
      name: 'cancel',
      inGroups: true,
      run: async (ctx) => void (await say(ctx, ctx.t.form.nothingToCancel)),
    },
  ];
  // A link such as t.me/<bot>?start=tasks is how groups lead to what is shown privately.
  const startCommand: Command = {
    name: 'start',
    inGroups: false,
    run: async (ctx, payload) => {
      if (ctx.place.kind === 'group') return showHelp(ctx);
      const named = commands.find(({ name }) => name === payload);
      return named ? named.run(ctx, '') : start(ctx, deps, payload);
    },
  };
  return [startCommand, ...commands];
}

/** A command ends whatever dialogue waits for an answer; only /skip and /cancel are for the dialogue itself. */
export function leaveDialogues(): MiddlewareFn<BotContext> {
  return async (ctx, next) => {
    const { addressing } = ctx;
    if (addressing.by !== 'command' || ['skip', 'cancel'].includes(addressing.name)) return next();
    const filling = isFillingForm(ctx);
    await ctx.conversation.exitAll();
    if (filling) await say(ctx, ctx.t.form.leftFor);
    await next();
  };
}

export function handleCommands(commands: readonly Command[]): MiddlewareFn<BotContext> {
  const byName = new Map<string, Command>(commands.map((command) => [command.name, command]));
  return async (ctx, next) => {
    const { addressing, place, t } = ctx;
    if (addressing.by === 'other_bot') return;
    if (addressing.by !== 'command') return next();
    const { name, args } = addressing;
    const command = byName.get(name === 'skip' ? 'cancel' : name);
    if (command) return command.run(ctx, args);
    // In a group it may be meant for another bot, unless it names this one.
    const named = ctx.message?.text?.split(/\s/, 1)[0]?.includes('@') ?? false;
    if (place.kind === 'group' && !named) return;
    const nearest = nearestCommand(name, [...byName.keys()]);
    await say(ctx, t.unknownCommand(`/${name}`, nearest === undefined ? undefined : `/${nearest}`));
  };
}

async function showHelp(ctx: BotContext): Promise<void> {
  const { help } = ctx.t;
  await say(ctx, ctx.place.kind === 'group' ? help.group(ctx.me.username) : help.privately);
}
