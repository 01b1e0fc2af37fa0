import type { MiddlewareFn } from 'grammy';
import { AppError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { BotContext } from './context.ts';
import { type Texts, textsIn } from './locales/texts.ts';
import { failureOf } from './outbound/outcome.ts';
import { say } from './say.ts';
import { nearestLanguage } from '#shared/language.ts';

/**
 * Whatever goes wrong in a handler ends here: the person reads a sentence, the log gets one line. What cannot be told,
 * because the chat is gone, is logged and dropped.
 */
export function errorBoundary(logger: Logger): MiddlewareFn<BotContext> {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const expected = error instanceof AppError && error.code !== 'INTERNAL_ERROR';
      const line = { error, update_id: ctx.update.update_id };
      if (expected) logger.info(line, 'An update was answered with an error');
      else logger.error(line, 'An update could not be handled');
      await tell(ctx, sentenceFor(error, ctx.t ?? textsIn(nearestLanguage(ctx.from?.language_code))), logger);
    } finally {
      // Also for buttons that no handler knows, or that were handled without a word.
      await ctx.press?.answer();
    }
  };
}

/** An AppError's own sentence is for developers' eyes where it is English only, so the code decides. */
export function sentenceFor(error: unknown, t: Texts): string {
  if (!(error instanceof AppError)) return t.errors.INTERNAL_ERROR;
  return t.errors[error.code];
}

async function tell(ctx: BotContext, sentence: string, logger: Logger): Promise<void> {
  if (ctx.press?.waits) return ctx.press.answer(sentence, { alert: true });
  if (!ctx.place || !ctx.message || (ctx.place.kind === 'group' && !spokeToUs(ctx))) return;
  try {
    await say(ctx, sentence);
  } catch (error) {
    const { status } = failureOf(error);
    logger.warn({ update_id: ctx.update.update_id, status }, 'The error could not be told');
  }
}

function spokeToUs({ addressing }: BotContext): boolean {
  return addressing.by !== 'nobody' && addressing.by !== 'other_bot';
}
