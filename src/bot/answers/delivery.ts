// One answer on its way to a chat: follows the run, shows previews beside it, sends the final.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from 'grammy';
import { AppError } from '#shared/errors.ts';
import type { Language } from '#shared/language.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Runs } from '#shared/services.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { AnswerSoFar } from './answer-so-far.ts';
import type { AnswerRow, AnswerTable } from './answer-table.ts';
import { finalText, previewText } from './answer-text.ts';
import type { AnswerTexts } from './answer-texts.ts';
import type { DraftTurns } from './draft-turns.ts';
import { sendFinal } from './final.ts';
import { handleOf } from './handle.ts';
import { Previews } from './previews.ts';
import type { Timing } from './timing.ts';

export interface DeliveryDeps {
  api: Api;
  outbound: Outbound;
  runs: Pick<Runs, 'follow'>;
  table: AnswerTable;
  logger: Logger;
  timing: Timing;
  turns: DraftTurns;
  texts(language: Language): AnswerTexts;
  toolLabel(name: string, language: Language): string;
}

/** After so many deliveries that could not be finished, the answer stays in the conversation only. */
const maxAttempts = 30;
const maxFollows = 5;

/** Until the answer is delivered or, when `signal` aborts, left to whoever recovers it. */
export async function deliver(deps: DeliveryDeps, row: AnswerRow, signal: AbortSignal): Promise<void> {
  const { table, logger } = deps;
  if (row.attempts > maxAttempts) {
    logger.error({ run_id: row.runId }, 'An answer was given up after many attempts to deliver it');
    return table.finish(row.runId, 'dead', row.failed, 'too many attempts');
  }
  const answer = await readAnswer(deps, row, signal);
  if (!answer.end) return table.release(row.runId);
  const texts = deps.texts(row.language);
  const failed = answer.end.status === 'failed';
  const button = { text: texts.retry, callback_data: `retry:${handleOf(row.runId)}` };
  const outcome = await sendFinal(
    { ...deps, row },
    finalText(answer, texts),
    failed ? { inline_keyboard: [[button]] } : undefined,
  );
  if (outcome.status === 'later') {
    logger.warn({ run_id: row.runId, reason: outcome.error }, 'The end of an answer could not be sent yet');
    const pause = Math.max(outcome.afterMs, Math.min(2 ** row.attempts * 1_000, 600_000));
    return table.postpone(row.runId, pause, outcome.error);
  }
  if (outcome.status !== 'sent') {
    logger.warn({ run_id: row.runId, outcome }, 'An answer may not have reached its chat');
  }
  await table.finish(row.runId, outcome.status, failed, 'error' in outcome ? outcome.error : undefined);
}

/** Reads the run to its end, with previews. What it answers has no `end` when `signal` aborted before. */
async function readAnswer(deps: DeliveryDeps, row: AnswerRow, signal: AbortSignal): Promise<AnswerSoFar> {
  // A final that was begun is not previewed again.
  const previewed = row.partsSent === 0 && row.state === 'streaming';
  let answer = new AnswerSoFar();
  const texts = deps.texts(row.language);
  const label = (name: string) => deps.toolLabel(name, row.language);
  const turn = deps.turns.enter(`${row.chatId}:${row.topicId ?? 0}`, () => previews.touch());
  const previews: Previews = new Previews({
    api: deps.api,
    outbound: deps.outbound,
    timing: deps.timing,
    row,
    onMessage: async (messageId) => {
      row.previewMessageId = messageId;
      await deps.table.preview(row.runId, messageId);
    },
    thinking: texts.thinking,
    stopButton: {
      inline_keyboard: [[{ text: texts.stop, callback_data: `stop:${handleOf(row.runId)}` }]],
    },
    mayDraft: () => turn.isMine(),
    compose: () => previewText(answer, texts, label),
    characters: () => answer.text.length + (answer.toolsLast ? deps.timing.firstChars : 0),
  });
  const ended = new AbortController();
  const shown = previewed
    ? previews.run(AbortSignal.any([signal, ended.signal])).catch((error: unknown) => {
        deps.logger.warn({ error, run_id: row.runId }, 'Previews of an answer failed');
      })
    : Promise.resolve();
  try {
    for (let tries = 1; !answer.end && !signal.aborted; tries++) {
      try {
        const events = deps.runs.follow(row.request.caller, row.runId, answer.seq, signal);
        for await (const event of events) {
          previews.begin();
          if (answer.add(event)) previews.touch();
        }
        if (answer.end || signal.aborted) break;
        throw new Error('The run was left without an end');
      } catch (error) {
        if (signal.aborted) break;
        if (tries >= maxFollows || (error instanceof AppError && error.code === 'RESOURCE_NOT_FOUND')) {
          deps.logger.error({ error, run_id: row.runId }, 'A run cannot be followed; its answer ends here');
          answer.end = { status: 'interrupted' };
          break;
        }
        deps.logger.warn({ error, run_id: row.runId }, 'Following a run broke; trying again');
        // What is not kept any more is told anew from the beginning.
        if (error instanceof AppError && error.code === 'CONFLICT') answer = new AnswerSoFar();
        await sleep(200 * 4 ** (tries - 1), undefined, { signal }).catch(() => undefined);
      }
    }
  } finally {
    ended.abort();
    await shown;
    turn.leave();
  }
  return answer;
}
