import type { Middleware } from 'koa';
import { AppError } from '#shared/errors.ts';
import { readJsonBody } from './http/body.ts';
import type { ApiState } from './http/context.ts';

/** Takes an update in. `accepted` means that it is safe from here on: Telegram will not send it again. */
export type WebhookHandler = (
  secret: string | undefined,
  body: unknown,
) => Promise<'accepted' | 'unauthorized'>;

export const webhookPath = '/telegram/webhook';

/** What throws is answered 500: Telegram then sends the update again. */
export function telegramWebhook(handler: WebhookHandler): Middleware<ApiState> {
  return async (ctx, next) => {
    if (ctx.path !== webhookPath || ctx.method !== 'POST') return next();
    ctx.state.route = webhookPath;
    const secret = ctx.get('x-telegram-bot-api-secret-token') || undefined;
    const outcome = await handler(secret, await readJsonBody(ctx));
    if (outcome === 'unauthorized') throw new AppError('AUTH_INVALID_TOKEN', 'The secret is wrong.');
    ctx.status = 200;
    ctx.body = {};
  };
}
