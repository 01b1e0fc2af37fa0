// What a Bot API call came to. Telegram tells most things by the wording of its descriptions, so the wordings are
// here and nowhere else.
import { GrammyError, HttpError } from 'grammy';
import type { ApiError } from 'grammy/types';

export type Outcome<T> = { status: 'ok'; value: T } | Failure;

export type Failure =
  /** The message already looks like that: a success. */
  | { status: 'not_modified' }
  /** The message to edit is not there, or cannot be edited any more. */
  | { status: 'gone' }
  /** The person blocked the bot or left Telegram, the bot was removed, or there is no such chat. */
  | { status: 'dead_chat'; description: string }
  | { status: 'migrated'; toChatId: number }
  | { status: 'thread_gone' }
  | { status: 'limited'; retryAfterMs: number }
  /** Certainly not carried out: nothing was written, or nothing was tried. */
  | { status: 'unsent'; error: unknown }
  /** It may have been carried out, and nobody can tell: the answer was lost, or the server failed. */
  | { status: 'lost'; error: unknown }
  /** Anything else that Telegram does not take; the same call will not succeed later. */
  | { status: 'refused'; code: number; description: string };

const reasons = {
  dropped: 'A newer preview took its place, or a limit is near',
  full: 'Too many calls are waiting for this chat',
  closed: 'The process is ending',
  unrecorded: 'What was about to be sent could not be recorded',
};

/** Not written, by decision of the gateway. */
export class NotSent extends Error {
  readonly reason: keyof typeof reasons;

  constructor(reason: keyof typeof reasons, options?: ErrorOptions) {
    super(reasons[reason], options);
    this.name = 'NotSent';
    this.reason = reason;
  }
}

export function failureOfResponse(
  error: Pick<ApiError, 'error_code' | 'description' | 'parameters'>,
): Failure {
  const { error_code: code, description, parameters } = error;
  const says = (...texts: string[]) => texts.some((text) => description.toLowerCase().includes(text));
  if (code === 429) return { status: 'limited', retryAfterMs: 1000 * (parameters?.retry_after ?? 5) };
  if (parameters?.migrate_to_chat_id !== undefined) {
    return { status: 'migrated', toChatId: parameters.migrate_to_chat_id };
  }
  if (code >= 500) return { status: 'lost', error: new Error(`Telegram answered ${code}`) };
  if (says('message is not modified')) return { status: 'not_modified' };
  if (says('message to edit not found', "message can't be edited", 'message_id_invalid')) {
    return { status: 'gone' };
  }
  if (says('message thread not found', 'topic_closed', 'topic_deleted')) return { status: 'thread_gone' };
  if (
    says(
      'bot was blocked by the user',
      'user is deactivated',
      'chat not found',
      "bot can't initiate conversation",
      'bot was kicked',
      'bot is not a member',
      'chat_write_forbidden',
      'group chat was deleted',
      'have no rights to send a message',
      'not enough rights to send text messages',
    )
  ) {
    return { status: 'dead_chat', description };
  }
  return { status: 'refused', code, description };
}

/** For what a call of grammY's `Api` throws. */
export function failureOf(error: unknown): Failure {
  if (error instanceof GrammyError) return failureOfResponse(error);
  if (error instanceof NotSent) return { status: 'unsent', error };
  if (error instanceof HttpError) return { status: wasNotWritten(error.error) ? 'unsent' : 'lost', error };
  return { status: 'lost', error };
}

/** Runs a call and tells what it came to instead of throwing. */
export async function attempt<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { status: 'ok', value: await call() };
  } catch (error) {
    return failureOf(error);
  }
}

/**
 * Whether the connection was never made. A reset is no proof: it can come after the request was carried out.
 * node-fetch 2 has the code of the system error, but whether a time-out was one of connecting is only in the text.
 */
function wasNotWritten(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH'].includes(code) ||
    /\bconnect ETIMEDOUT\b/.test(error.message) ||
    /CERT|certificate|UNABLE_TO_VERIFY/.test(`${code} ${error.message}`)
  );
}
