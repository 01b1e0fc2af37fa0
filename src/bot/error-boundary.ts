import type { MiddlewareFn } from 'grammy';
import { isDatabaseUnavailable } from '#shared/database/is-database-unavailable.ts';
import { AppError } from '#shared/errors.ts';
import { nearestLanguage } from '#shared/language.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { isUnavailable } from '#shared/session-store/errors.ts';
import type { BotContext } from './context.ts';
import { type Texts, textsIn } from './locales/texts.ts';
import { failureOf } from './outbound/outcome.ts';
import { say } from './say.ts';

/** Whatever goes wrong in a handler ends here; and every press that is still waiting gets its answer. */
export function errorBoundary(logger: Logger): MiddlewareFn<BotContext> {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      await reportError(ctx, error, logger);
    } finally {
      // Also for buttons that were handled without a word.
      await ctx.press?.answer();
    }
  };
}

/**
 * The log gets one line, the person a sentence. A chat that cannot be written to is no error of ours: the gateway has
 * recorded it.
 */
export async function reportError(ctx: BotContext, error: unknown, logger: Logger): Promise<void> {
  const update_id = ctx.update.update_id;
  if (failureOf(error).status === 'dead_chat') {
    logger.info({ update_id }, 'The chat of an update cannot be written to');
    return;
  }
  const expected = error instanceof AppError && error.code !== 'INTERNAL_ERROR';
  if (expected) logger.info({ error, update_id }, 'An update was answered with an error');
  else logger.error({ error, update_id }, 'An update could not be handled');
  await tell(ctx, sentenceFor(error, ctx.t ?? textsIn(nearestLanguage(ctx.from?.language_code))), logger);
}

export function sentenceFor(error: unknown, t: Texts): string {
  if (error instanceof AppError) {
    const seconds = error.details['retry_after'];
    return typeof seconds === 'number' ? t.tooFast(Math.ceil(seconds)) : t.errors[error.code];
  }
  return t.errors[
    isUnavailable(error) || isDatabaseUnavailable(error) ? 'UPSTREAM_UNAVAILABLE' : 'INTERNAL_ERROR'
  ];
}

const specific: readonly string[] = ['CONFLICT', 'PERMISSION_DENIED', 'WORKFLOW_ERROR', 'PAYLOAD_TOO_LARGE'];

/** Workflows say in the person's own language what is wrong; that is better than what can be said of a code. */
export function workflowSentence(error: unknown, t: Texts): string {
  return error instanceof AppError && specific.includes(error.code) ? error.message : sentenceFor(error, t);
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
