import { Composer } from 'grammy';
import type { BotContext } from '../context.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { attempt } from '../outbound/outcome.ts';
import { say } from '../say.ts';

/** Stops what is being answered here; in a group, one's own answers, and any for its admins. */
export async function stopAnswer(ctx: BotContext, { answers }: HandlerDeps): Promise<void> {
  const { stop } = ctx.t;
  const outcome = await answers.stop({ ...where(ctx), mayStop: () => isAdmin(ctx) });
  // A stopped answer says so itself.
  if (outcome === 'stopped') return;
  await say(ctx, outcome === 'not_yours' ? stop.notYours : stop.nothing);
}

/** The buttons under an answer. */
export function answerButtons({ answers }: HandlerDeps): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  composer.callbackQuery(/^stop:(.+)$/s, async (ctx) => {
    const { stop } = ctx.t;
    const outcome = await answers.stop({ ...where(ctx), handle: ctx.match[1], mayStop: () => isAdmin(ctx) });
    if (outcome === 'not_yours') await ctx.press.answer(stop.notYours, { alert: true });
    else await ctx.press.answer(outcome === 'stopped' ? stop.stopped : stop.nothing);
  });
  composer.callbackQuery(/^retry:(.+)$/s, async (ctx) => {
    const outcome = await answers.retry(ctx.match[1] ?? '', ctx.caller.personId);
    if (outcome === 'not_yours') await ctx.press.answer(ctx.t.stop.retryNotYours, { alert: true });
    if (outcome === 'nothing') await ctx.press.answer(ctx.t.buttons.old, { alert: true });
  });
  return composer;
}

function where({ place, caller }: BotContext) {
  const { chatId, kind, topicId } = place;
  return { chatId, personId: caller.personId, ...(kind === 'group' ? { topicId: topicId ?? 0 } : {}) };
}

async function isAdmin(ctx: BotContext): Promise<boolean> {
  if (ctx.place.kind === 'private' || !ctx.from) return false;
  const userId = ctx.from.id;
  const member = await attempt(() => ctx.api.getChatMember(ctx.place.chatId, userId));
  return member.status === 'ok' && ['creator', 'administrator'].includes(member.value.status);
}
