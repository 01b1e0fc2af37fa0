// The outermost middleware: names the request, turns whatever is thrown into one answer, and logs defects once.
import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import { AppError } from '#shared/errors.ts';
import { withLogContext } from '#shared/observability/context.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { ClientIp } from './client-ip.ts';
import type { ApiState } from './context.ts';
import { errorBodyOf, failureOf } from './errors.ts';

const usableId = /^[A-Za-z0-9._:-]{1,64}$/;

export function errorHandling(logger: Logger, clientIp: ClientIp): Middleware<ApiState> {
  return async (ctx, next) => {
    const given = ctx.get('x-request-id');
    const requestId = usableId.test(given) ? given : randomUUID();
    ctx.state.requestId = requestId;
    ctx.state.clientIp = clientIp(ctx.req.socket.remoteAddress, ctx.get('x-forwarded-for') || undefined);
    ctx.set('X-Request-Id', requestId);
    await withLogContext({ request_id: requestId }, async () => {
      try {
        await next();
        if (ctx.status === 404 && ctx.body == null && ctx.respond !== false && !ctx.headerSent) {
          throw new AppError('RESOURCE_NOT_FOUND', 'There is nothing at this address.');
        }
      } catch (error) {
        // Koa's own reaction to a request that ended early; nobody is there to be told.
        if (ctx.headerSent || !ctx.writable) {
          if (!isDisconnect(error)) logger.warn({ error, path: ctx.path }, 'answer broke off');
          ctx.res.destroy();
          return;
        }
        const failure = failureOf(error);
        if (failure.unexpected) {
          logger.error({ error, method: ctx.method, path: ctx.path }, 'request failed');
        }
        ctx.set({ ...failure.headers, 'Cache-Control': 'no-store' });
        ctx.status = failure.status;
        ctx.body = errorBodyOf(failure.error, requestId);
      }
    });
  };
}

const disconnectCodes = [
  'ERR_STREAM_PREMATURE_CLOSE',
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ERR_STREAM_DESTROYED',
];

/** A client that went away in the middle: an everyday thing, not an error. */
export function isDisconnect(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  const type = 'type' in error ? error.type : undefined;
  return disconnectCodes.includes(String(code)) || type === 'request.aborted' || error.name === 'AbortError';
}
