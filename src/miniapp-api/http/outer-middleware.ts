// What every request passes before it is anything in particular.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Middleware } from 'koa';
import helmet from 'koa-helmet';
import type { Metrics } from '#shared/observability/metrics.ts';
import type { ApiState } from './context.ts';

/** Answers true when it has taken the request over. */
export type Extra = (req: IncomingMessage, res: ServerResponse) => boolean;

/** Before everything else, as if it were alone: its answers get none of our headers. */
export function takenOver(extra: Extra | undefined): Middleware<ApiState> {
  return async (ctx, next) => {
    if (!extra) return next();
    // Koa presets 404, which a plain handler would answer with.
    ctx.res.statusCode = 200;
    if (extra(ctx.req, ctx.res)) {
      ctx.respond = false;
      return;
    }
    ctx.res.statusCode = 404;
    return next();
  };
}

export function measured(metrics: Metrics): Middleware<ApiState> {
  return async (ctx, next) => {
    const started = performance.now();
    ctx.res.once('close', () => {
      // Patterns, not paths: the set of values stays small.
      const route = ctx.state.route ?? 'other';
      const labels = { method: methodLabel(ctx.method), route, status: String(ctx.res.statusCode) };
      metrics.httpRequests.observe(labels, (performance.now() - started) / 1000);
    });
    await next();
  };
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

function methodLabel(method: string): string {
  return methods.includes(method) ? method : 'other';
}

/** For an API: nothing of it is a page. What serves pages sets a policy of its own. */
export function securityHeaders(isHttps: boolean): Middleware {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: isHttps,
    xFrameOptions: { action: 'deny' },
    // The Mini App runs in Telegram's frame and opens links in windows of its own.
    crossOriginOpenerPolicy: false,
  });
}
