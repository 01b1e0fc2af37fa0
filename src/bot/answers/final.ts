// Sends the final of an answer: exactly once, in parts where it is long, whatever happened to its previews.
import type { Api } from 'grammy';
import type { InlineKeyboardMarkup } from 'grammy/types';
import type { Outbound } from '../outbound/outbound.ts';
import { attempt, type Outcome } from '../outbound/outcome.ts';
import type { FormattedText } from '../text/formatted-text.ts';
import type { AnswerRow, AnswerTable } from './answer-table.ts';

export type FinalOutcome =
  | { status: 'sent' }
  | { status: 'doubt' }
  | { status: 'dead'; error: string }
  | { status: 'later'; afterMs: number; error: string };

export interface FinalDeps {
  api: Api;
  outbound: Outbound;
  table: AnswerTable;
  row: AnswerRow;
}

type PartOutcome = 'done' | 'doubt' | Exclude<FinalOutcome, { status: 'sent' | 'doubt' }>;

/** Goes on where an earlier attempt came to. @param button below the last part */
export async function sendFinal(
  deps: FinalDeps,
  parts: readonly FormattedText[],
  button: InlineKeyboardMarkup | undefined,
): Promise<FinalOutcome> {
  const { row, table } = deps;
  if (row.state === 'sending') {
    // The process died with this part on the wire. It may have arrived, so it is not sent again.
    row.state = 'streaming';
    await done(deps, row.doubts + 1);
  }
  while (row.partsSent < parts.length) {
    const part = parts[row.partsSent];
    if (!part) break;
    const markup = row.partsSent === parts.length - 1 ? button : undefined;
    const edited = row.partsSent === 0 && row.previewMessageId !== null;
    const outcome =
      (edited ? await editPart(deps, part, markup) : undefined) ?? (await sendPart(deps, part, markup));
    if (typeof outcome === 'object') return outcome;
    await done(deps, row.doubts + (outcome === 'doubt' ? 1 : 0));
  }
  return { status: row.doubts > 0 ? 'doubt' : 'sent' };

  async function done({ row }: FinalDeps, doubts: number): Promise<void> {
    row.partsSent += 1;
    row.doubts = doubts;
    await table.partDone(row.runId, row.partsSent, doubts);
  }
}

/** Undefined when the preview is not there to be edited. An edit can be repeated without anybody seeing it. */
async function editPart(
  { api, outbound, row }: FinalDeps,
  part: FormattedText,
  markup: InlineKeyboardMarkup | undefined,
): Promise<PartOutcome | undefined> {
  const edit = (content: FormattedText): Promise<Outcome<unknown>> =>
    outbound.inLane('final', () =>
      attempt(() =>
        api.editMessageText(row.chatId, row.previewMessageId ?? 0, content.text, {
          entities: content.entities,
          ...(markup ? { reply_markup: markup } : {}),
        }),
      ),
    );
  let outcome = await edit(part);
  if (outcome.status === 'refused') outcome = await edit({ text: part.text, entities: [] });
  switch (outcome.status) {
    case 'ok':
    case 'not_modified':
      return 'done';
    case 'limited':
      return { status: 'later', afterMs: outcome.retryAfterMs, error: 'limited' };
    case 'lost':
    case 'unsent':
    case 'migrated':
      return { status: 'later', afterMs: 5_000, error: outcome.status };
    case 'dead_chat':
      return { status: 'dead', error: outcome.description };
    case 'gone':
    case 'refused':
    case 'thread_gone':
      return undefined;
  }
}

async function sendPart(
  deps: FinalDeps,
  part: FormattedText,
  markup: InlineKeyboardMarkup | undefined,
): Promise<PartOutcome> {
  const { row } = deps;
  let content = part;
  for (;;) {
    const outcome = await write(deps, content, markup);
    switch (outcome.status) {
      case 'ok':
      case 'not_modified':
        return 'done';
      case 'lost':
        return 'doubt';
      case 'limited':
        return { status: 'later', afterMs: outcome.retryAfterMs, error: 'limited' };
      case 'unsent':
      case 'migrated':
        return { status: 'later', afterMs: 5_000, error: outcome.status };
      case 'dead_chat':
        return { status: 'dead', error: outcome.description };
      case 'thread_gone':
        if (row.topicId === null) return { status: 'dead', error: 'message thread not found' };
        row.topicId = null;
        break;
      case 'gone':
      case 'refused':
        if (content.entities.length === 0) {
          return {
            status: 'dead',
            error: outcome.status === 'refused' ? outcome.description : outcome.status,
          };
        }
        content = { text: part.text, entities: [] };
    }
  }
}

function write(
  { api, outbound, table, row }: FinalDeps,
  { text, entities }: FormattedText,
  markup: InlineKeyboardMarkup | undefined,
): Promise<Outcome<unknown>> {
  const send = () =>
    attempt(() =>
      api.sendMessage(row.chatId, text, {
        entities,
        ...(markup ? { reply_markup: markup } : {}),
        ...(row.topicId === null ? {} : { message_thread_id: row.topicId }),
        ...(row.replyTo === null || row.partsSent > 0
          ? {}
          : { reply_parameters: { message_id: row.replyTo, allow_sending_without_reply: true } }),
      }),
    );
  return outbound.inLane('final', send, {
    writing: async () => {
      if (!(await table.sending(row.runId))) throw new Error('Another instance delivers this answer');
    },
    unsent: () => table.unsent(row.runId),
  });
}
