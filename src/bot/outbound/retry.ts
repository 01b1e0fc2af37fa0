import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiResponse } from 'grammy/types';
import type { Call } from './call.ts';
import { isIdempotent } from './call-kind.ts';
import type { Migrations } from './migrations.ts';
import type { Failure } from './outcome.ts';
import type { Pauses } from './pauses.ts';

export const maxAttempts = 3;
const backoffMs = [300, 1_000];
/** A handler that waits longer for a call beside the messages holds up its chat for nothing. */
const maxDirectPauseMs = 60_000;

export const pauseAfter = (attempts: number): number => backoffMs[attempts - 1] ?? 3_000;

/** Whether nobody can notice that the call is made once more. */
export function isRepeatable(failure: Failure, method: string): boolean {
  return failure.status === 'unsent' || (failure.status === 'lost' && isIdempotent(method));
}

/** Calls without a place among messages go at once, unless all of the bot is paused. */
export async function callDirectly<R>(
  call: Call<R>,
  { pauses, migrations, closing }: { pauses: Pauses; migrations: Migrations; closing: AbortSignal },
): Promise<ApiResponse<R>> {
  for (let attempts = 1; ; attempts++) {
    const paused = pauses.allUntil - Date.now();
    if (paused > 0 && call.method !== 'answerCallbackQuery') {
      await sleep(paused, undefined, { signal: closing }).catch(() => undefined);
    }
    const tried = await call.write();
    if (tried.status === 'ok') return tried.response;
    const { failure } = tried;
    const again = attempts < maxAttempts && !closing.aborted;
    if (failure.status === 'limited') pauses.limited(call.chatId, failure.retryAfterMs);
    if (again && failure.status === 'limited' && failure.retryAfterMs <= maxDirectPauseMs) {
      await call.unsent(failure);
      await sleep(failure.retryAfterMs, undefined, { signal: closing }).catch(() => undefined);
    } else if (again && failure.status === 'migrated') {
      if (call.chatId !== undefined) await migrations.remember(call.chatId, failure.toChatId);
      call.moveTo(failure.toChatId);
    } else if (again && isRepeatable(failure, call.method)) {
      await sleep(pauseAfter(attempts), undefined, { signal: closing }).catch(() => undefined);
    } else if (tried.response) return tried.response;
    else throw tried.error;
  }
}
