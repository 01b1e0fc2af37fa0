import { createHash, timingSafeEqual } from 'node:crypto';
import type { Api } from 'grammy';
import type { Update } from 'grammy/types';
import type { Config } from '#shared/config/load-config.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { SessionStore } from '#shared/session-store/session-store.ts';
import { allowedUpdates } from './allowed-updates.ts';
import type { Inbox } from './inbox.ts';

/** Below PUBLIC_URL. */
const webhookPath = '/telegram/webhook';

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

/**
 * Tells Telegram how updates are to arrive. Of instances that start together one does it: Telegram limits setWebhook
 * to about one call a second.
 */
export async function setUpReceiving(deps: {
  api: Api;
  config: Pick<Config, 'BOT_MODE' | 'BOT_WEBHOOK_SECRET' | 'PUBLIC_URL'>;
  store: Pick<SessionStore, 'set'>;
  botId: number;
}): Promise<void> {
  const { api, config, store, botId } = deps;
  if (config.BOT_MODE === 'polling') {
    await api.deleteWebhook();
    return;
  }
  const url = `${config.PUBLIC_URL}${webhookPath}`;
  const secret = config.BOT_WEBHOOK_SECRET;
  if (secret === undefined) throw new Error('BOT_WEBHOOK_SECRET is needed for a webhook');
  const settings = createHash('sha256').update(`${url} ${secret}`).digest('hex').slice(0, 16);
  const first = await store.set(`telegram:${botId}:webhook:${settings}`, '1', {
    ttlMs: 30_000,
    onlyIfAbsent: true,
  });
  if (!first) return;
  await api.setWebhook(url, { secret_token: secret, allowed_updates: allowedUpdates, max_connections: 40 });
}
