import { Composer } from 'grammy';
import { askInGroup } from '../ask.ts';
import type { BotContext } from '../context.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { say } from '../say.ts';

/** In a group only what mentions the bot or replies to it is a question. */
export function groupMessages(deps: Pick<HandlerDeps, 'answers'>): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  composer.on('message', async (ctx, next) => {
    const { addressing, group, t } = ctx;
    if (!group) return next();
    if (addressing.by !== 'mention' && addressing.by !== 'reply') return;
    if (addressing.question === '') {
      // Such as a sticker as a reply, or a mention alone: with a quoted message the mention is about that.
      const about = addressing.by === 'mention' ? quotedText(ctx) : undefined;
      if (about !== undefined) await askInGroup(ctx, deps, group.id, about);
      else if (addressing.by === 'mention') await say(ctx, t.group.emptyMention);
      return;
    }
    const about = addressing.by === 'mention' ? quotedText(ctx) : undefined;
    await askInGroup(
      ctx,
      deps,
      group.id,
      about === undefined ? addressing.question : `${addressing.question}\n\n${about}`,
    );
  });
  return composer;
}

/** What somebody else said and the mention replies to, with its author. */
function quotedText(ctx: BotContext): string | undefined {
  const quoted = ctx.message?.reply_to_message;
  const text = quoted?.text ?? quoted?.caption;
  if (!quoted?.from || text === undefined || quoted.from.id === ctx.me.id) return undefined;
  return ctx.t.content.quoted(quoted.from.first_name, text);
}
