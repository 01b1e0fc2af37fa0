import { createBot } from './create-bot.ts';
import { answerTexts } from './locales/answer-texts.ts';
import { type BotDeps, type RunningBot, runBot } from './run-bot.ts';

export type { BotDeps, RunningBot } from './run-bot.ts';

/**
 * Starts everything that people meet in Telegram.
 * @throws BotStartError when Telegram does not know the token or cannot be reached
 */
export function startBot(deps: BotDeps): Promise<RunningBot> {
  return runBot(deps, { createBot, answerTexts });
}
