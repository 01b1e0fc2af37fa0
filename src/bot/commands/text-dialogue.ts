import { type Conversation, createConversation } from '@grammyjs/conversations';
import type { Context, MiddlewareFn } from 'grammy';
import type { Logger } from '#shared/observability/logger.ts';
import type { BotContext } from '../context.ts';
import { reportError } from '../error-boundary.ts';
import { commandOf } from '../groups/addressing.ts';
import { say } from '../say.ts';
import { dialogueLife } from '../state/dialogue-storage.ts';

/** Takes the text; `again` asks once more, and has said why. */
export type TakeText<A> = (ctx: BotContext, text: string, args: A) => Promise<'done' | 'again'>;

export interface TextDialogue<A> {
  middleware: MiddlewareFn<BotContext>;
  /** Leaves whatever dialogue there is. Ask the question before. */
  enter(ctx: BotContext, args: A): Promise<void>;
}

/**
 * Waits for one text in a private chat, such as a new title. Buttons and other commands leave it.
 * `args` must survive JSON.
 */
export function textDialogue<A extends object>(
  id: string,
  logger: Logger,
  take: TakeText<A>,
): TextDialogue<A> {
  const dialogue = async (conversation: Conversation<BotContext>, _ctx: Context, args: A): Promise<void> => {
    for (;;) {
      const { message, me } = await conversation.wait();
      const command = commandOf(message?.text ?? '', message?.entities ?? [], me);
      if (command?.by === 'command' && command.name === 'cancel') {
        await conversation.external((ctx: BotContext) => say(ctx, ctx.t.cancelled).then(() => null));
        return;
      }
      const text = message?.text;
      if (text === undefined || command) return conversation.halt({ next: true });
      const taken = await conversation.external(async (ctx: BotContext) => {
        // What is thrown out of `external` arrives as a copy without its class, so it is reported here.
        try {
          return await take(ctx, text, args);
        } catch (error) {
          await reportError(ctx, error, logger);
          return 'done';
        }
      });
      if (taken === 'done') return;
    }
  };
  return {
    middleware: createConversation<BotContext, Context>(dialogue, {
      id,
      parallel: true,
      maxMillisecondsToWait: dialogueLife,
    }),
    enter: async (ctx, args) => {
      await ctx.conversation.exitAll();
      await ctx.conversation.enter(id, args);
    },
  };
}
