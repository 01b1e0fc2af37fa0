import { createHash, timingSafeEqual } from 'node:crypto';
import type { Update } from 'grammy/types';
import type { Logger } from '#shared/observability/logger.ts';
import type { Inbox } from './inbox.ts';

export type WebhookAnswer = 'accepted' | 'unauthorized';

/**
 * What to do with a call of the webhook: `accepted` is 200, `unauthorized` 401. Rejects when the update could not be
 * written; answer 500 then, and Telegram delivers it again.
 *
 * @param secretHeader `X-Telegram-Bot-Api-Secret-Token`
 * @param body the parsed JSON; limit it to 1 MiB before
 */
export type WebhookHandler = (secretHeader: string | undefined, body: unknown) => Promise<WebhookAnswer>;

export function webhookInto(inbox: Pick<Inbox, 'accept'>, secret: string, logger: Logger): WebhookHandler {
  return async (secretHeader, body) => {
    if (!sameSecret(secretHeader, secret)) return 'unauthorized';
    // Whoever knows the secret is Telegram; what is no update can only be thrown away, or it comes again for ever.
    if (isUpdate(body)) await inbox.accept([body]);
    else logger.warn({}, 'The webhook got something that is no update');
    return 'accepted';
  };
}

function isUpdate(body: unknown): body is Update {
  return (
    typeof body === 'object' && body !== null && 'update_id' in body && Number.isSafeInteger(body.update_id)
  );
}

/** Compares in constant time; the hashes make the lengths equal. */
function sameSecret(given: string | undefined, right: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return given !== undefined && timingSafeEqual(hash(given), hash(right));
}
