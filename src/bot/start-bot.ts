// The bot as the composition root starts it: what people do, on top of what receives, answers and sends.
import { createBot } from './create-bot.ts';
import { answerTexts } from './locales/answer-texts.ts';
import { type BotDeps, type RunningBot, runBot } from './run-bot.ts';

/** @throws BotStartError when Telegram does not know the token or cannot be reached */
export function startBot(deps: BotDeps): Promise<RunningBot> {
  return runBot(deps, { createBot, answerTexts });
}
