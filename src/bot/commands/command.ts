import type { BotContext } from '../context.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import type { Texts } from '../locales/texts.ts';
import { say } from '../say.ts';

export type CommandName = keyof Texts['commands'];

export interface Command {
  name: CommandName;
  /** Whether groups are shown it in their menu; all commands are understood everywhere. */
  inGroups: boolean;
  /** `args`: what follows the command, trimmed. */
  run(ctx: BotContext, args: string): Promise<void>;
}

/** Things that are not for everybody's eyes: in a group, only the way to the private chat is shown. */
export function privately(
  { links }: Pick<HandlerDeps, 'links'>,
  payload: string,
  sentence: (t: Texts) => string,
  run: Command['run'],
): Command['run'] {
  return async (ctx, args) => {
    if (ctx.place.kind === 'private') return run(ctx, args);
    const keyboard = [[{ text: ctx.t.openPrivately, url: links.privateChat(payload) }]];
    await say(ctx, sentence(ctx.t), { keyboard });
  };
}
