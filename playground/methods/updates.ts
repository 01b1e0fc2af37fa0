// Receiving: long polling and webhooks.
import { badRequest, conflict } from '../checks/errors.ts';
import { isLoopback } from '../checks/loopback.ts';
import type { Params } from '../checks/params.ts';
import type { UpdateKind } from '../world/state.ts';
import type { Method } from './call.ts';

const MAX_POLL_SECONDS = 50;
const KINDS: readonly UpdateKind[] = [
  'message',
  'edited_message',
  'channel_post',
  'edited_channel_post',
  'business_connection',
  'business_message',
  'edited_business_message',
  'deleted_business_messages',
  'guest_message',
  'stopped_message_generation',
  'message_reaction',
  'message_reaction_count',
  'inline_query',
  'chosen_inline_result',
  'callback_query',
  'shipping_query',
  'pre_checkout_query',
  'purchased_paid_media',
  'poll',
  'poll_answer',
  'my_chat_member',
  'chat_member',
  'chat_join_request',
  'chat_boost',
  'removed_chat_boost',
  'managed_bot',
  'subscription',
];

const getUpdates: Method = async ({ params, world, poller, gone }) => {
  if (world.state.webhook) {
    throw conflict(
      "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    );
  }
  const allowed = readAllowed(params);
  if (allowed) world.updates.allow(allowed);
  const offset = params.int('offset') ?? 0;
  if (offset !== 0) world.updates.confirm(offset);
  const limit = Math.min(Math.max(params.int('limit') ?? 100, 1), 100);
  const seconds = Math.min(Math.max(params.int('timeout') ?? 0, 0), MAX_POLL_SECONDS);
  return await poller.poll(limit, seconds * 1000, gone);
};

/** Telegram wants HTTPS; here webhooks are on this machine and nowhere else. */
const setWebhook: Method = ({ params, world, webhook }) => {
  const url = params.string('url');
  if (url === '') {
    world.state.webhook = null;
    world.changes.tell({ type: 'update' });
    return true;
  }
  if (!URL.canParse(url) || !/^https?:$/u.test(new URL(url).protocol)) {
    throw badRequest('bad webhook: An HTTPS URL must be provided for webhook');
  }
  if (!isLoopback(new URL(url).hostname)) {
    throw badRequest('bad webhook: the playground delivers to loopback addresses only');
  }
  const secret = params.string('secret_token');
  if (secret.length > 256) throw badRequest('secret token is too long');
  if (!/^[A-Za-z0-9_-]*$/u.test(secret)) throw badRequest('secret token contains unallowed characters');
  const allowed = readAllowed(params);
  if (allowed) world.updates.allow(allowed);
  if (params.bool('drop_pending_updates')) world.updates.clear();
  world.state.webhook = {
    url,
    maxConnections: Math.min(Math.max(params.int('max_connections') ?? 40, 1), 100),
    ...(secret ? { secret } : {}),
  };
  world.changes.tell({ type: 'update' });
  webhook.wake();
  return true;
};

const deleteWebhook: Method = ({ params, world }) => {
  world.state.webhook = null;
  if (params.bool('drop_pending_updates')) world.updates.clear();
  world.changes.tell({ type: 'update' });
  return true;
};

const getWebhookInfo: Method = ({ world }) => {
  const { webhook, allowedUpdates } = world.state;
  return {
    url: webhook?.url ?? '',
    has_custom_certificate: false,
    pending_update_count: world.updates.pending.length,
    ...(webhook ? { max_connections: webhook.maxConnections, ip_address: '127.0.0.1' } : {}),
    ...(webhook?.lastErrorDate ? { last_error_date: webhook.lastErrorDate } : {}),
    ...(webhook?.lastErrorMessage ? { last_error_message: webhook.lastErrorMessage } : {}),
    ...(allowedUpdates ? { allowed_updates: allowedUpdates } : {}),
  };
};

/** Unknown kinds are ignored, as Telegram does. */
function readAllowed(params: Params): UpdateKind[] | undefined {
  const given = params.list('allowed_updates');
  return given && KINDS.filter((kind) => given.includes(kind));
}

export const updateMethods: Record<string, Method> = {
  getUpdates,
  setWebhook,
  deleteWebhook,
  getWebhookInfo,
};
