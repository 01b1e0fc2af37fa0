// One pipeline for every route: who, may they, how often, what — then the handler.
import Router from '@koa/router';
import type { Middleware } from 'koa';
import type { Permission } from '#shared/contracts/auth.ts';
import { AppError } from '#shared/errors.ts';
import { type Caller, permissionsOf, requirePermission } from '#shared/identity/caller.ts';
import { readJsonBody } from './body.ts';
import { type Callers, languageOf, readCredentials } from './caller.ts';
import type { ApiContext, ApiState } from './context.ts';
import { HttpFailure } from './errors.ts';
import { type RateLimits, rateLimitHeaders, TooManyCalls } from './limits.ts';
import type { Origins } from './origins.ts';
import { isRaw, type Route } from './route.ts';

export interface RouterOptions {
  callers: Callers;
  rateLimits: RateLimits;
  origins: Origins;
  isInternal: (ctx: ApiContext) => boolean;
  /** Tests check that answers are what the OpenAPI document says. */
  checkAnswers: boolean;
}

export function createRouter(routes: readonly Route[], options: RouterOptions): Middleware<ApiState> {
  const router = new Router<ApiState>();
  for (const route of routes) {
    router[route.method](koaPath(route.path), async (ctx) => {
      ctx.state.route = route.path;
      await answer(route, ctx, options);
    });
  }
  const dispatch = router.routes();
  const methods = methodsByPath(routes);
  return async (ctx, next) => {
    await dispatch(ctx as Parameters<typeof dispatch>[0], next);
    if (ctx.state.route !== undefined || ctx.status !== 404 || ctx.respond === false) return;
    const allowed = methods.find(([pattern]) => pattern.test(ctx.path))?.[1];
    if (allowed) throw HttpFailure.methodNotAllowed(allowed);
  };
}

async function answer(
  route: Route,
  ctx: ApiContext & { params?: unknown },
  options: RouterOptions,
): Promise<void> {
  const caller = await authorize(route, ctx, options);
  if (route.limit !== 'none') await takeCall(route.limit, caller, ctx, options.rateLimits);
  // Answers are about the caller; those that may be kept say so themselves.
  ctx.set('Cache-Control', 'no-store');
  const body = route.body === undefined ? undefined : await readJsonBody(ctx);
  const value = await route.run({ params: ctx.params, query: { ...ctx.query }, body, caller, ctx });
  if (isRaw(route.answer)) return;
  if (options.checkAnswers) route.answer.parse(value);
  ctx.status = route.status;
  if (route.status !== 204) ctx.body = value;
}

async function authorize(route: Route, ctx: ApiContext, options: RouterOptions): Promise<Caller> {
  const anonymous: Caller = { kind: 'anonymous', language: languageOf(ctx.headers) };
  if (route.permission === 'public') return anonymous;
  if (route.permission === 'internal') {
    if (!options.isInternal(ctx)) throw AppError.denied('internal');
    return anonymous;
  }
  const caller = await identify(route.permission, ctx, anonymous, options);
  requirePermission(caller, route.permission);
  return caller;
}

async function identify(
  permission: Permission,
  ctx: ApiContext,
  anonymous: Caller,
  options: RouterOptions,
): Promise<Caller> {
  let isCookie = false;
  try {
    const credentials = readCredentials(ctx.headers);
    isCookie = credentials.kind === 'cookie';
    const isSafe = ctx.method === 'GET' || ctx.method === 'HEAD';
    // A browser sends cookies along whoever made the request: what changes something must come from a page of ours.
    if (credentials.kind === 'cookie' && !isSafe && !options.origins.isOwnPage(ctx.headers)) {
      throw AppError.denied('same-origin');
    }
    return await options.callers.resolve(credentials, anonymous.language);
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('AUTH_')) {
      // Browsers send old cookies without being asked: what is open to strangers stays open to them.
      if (isCookie && permissionsOf(anonymous).includes(permission)) return anonymous;
      await takeCall('refused', anonymous, ctx, options.rateLimits);
    }
    throw error;
  }
}

async function takeCall(
  limit: Exclude<Route['limit'], 'none'>,
  caller: Caller,
  ctx: ApiContext,
  rateLimits: RateLimits,
): Promise<void> {
  try {
    ctx.set(rateLimitHeaders(await rateLimits.take(limit, caller, ctx.state.clientIp)));
  } catch (error) {
    if (error instanceof TooManyCalls) ctx.set(rateLimitHeaders(error.verdict));
    throw error;
  }
}

function koaPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function methodsByPath(routes: readonly Route[]): [RegExp, string[]][] {
  const byPath = Map.groupBy(routes, (route) => route.path);
  return [...byPath].map(([path, those]) => [
    new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
    those.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])),
  ]);
}
