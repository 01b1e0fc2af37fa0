// Puts the API together: one HTTP server for REST, event streams, sockets, the Mini App and the documentation.
import type { Server } from 'node:http';
import cors from '@koa/cors';
import Koa from 'koa';
import websockify from 'koa-websocket';
import type { Config } from '#shared/config/load-config.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import type { Services } from '#shared/services.ts';
import type { SessionStore } from '#shared/session-store/session-store.ts';
import { withLocalBuckets } from '#shared/session-store/with-local-buckets.ts';
import { aguiRoutes } from './agui/agui-routes.ts';
import { aguiSurface } from './agui/agui-surface.ts';
import { appConfigRoutes } from './gateway/app-config-routes.ts';
import { authRoutes } from './gateway/auth-routes.ts';
import { commandRoutes } from './gateway/command-routes.ts';
import { knowledgeRoutes } from './gateway/knowledge-routes.ts';
import { profileRoutes } from './gateway/profile-routes.ts';
import { taskRoutes } from './gateway/task-routes.ts';
import { threadRoutes } from './gateway/thread-routes.ts';
import { workflowRoutes } from './gateway/workflow-routes.ts';
import {
  type Dependency,
  type DependencyState,
  healthRoutes,
  internalAccess,
} from './health/health-routes.ts';
import { maxBodyBytes } from './http/body.ts';
import { createCallers } from './http/caller.ts';
import { clientIpResolver } from './http/client-ip.ts';
import type { ApiState } from './http/context.ts';
import { errorHandling, isDisconnect } from './http/error-handling.ts';
import { createRateLimits } from './http/limits.ts';
import { openApiDocument } from './http/openapi.ts';
import { createOrigins } from './http/origins.ts';
import { type Extra, measured, securityHeaders, takenOver } from './http/outer-middleware.ts';
import type { Route } from './http/route.ts';
import { createRouter } from './http/router.ts';
import { closeCodes } from './socket/connection.ts';
import { gatewaySurfaces } from './socket/gateway-surfaces.ts';
import { createRunNews } from './socket/run-news.ts';
import { SocketServer } from './socket/socket-server.ts';
import { defaultTuning, type Tuning } from './tuning.ts';
import { apiDocs } from './webapp/api-docs.ts';
import { miniApp } from './webapp/mini-app.ts';
import { telegramWebhook, type WebhookHandler } from './webhook.ts';

export interface ApiDependencies {
  config: Config;
  services: Services;
  store: SessionStore;
  db: { ping(): Promise<boolean>; readonly kind: string };
  logger: Logger;
  metrics: Metrics;
  /** Folder of the built Mini App; without it there is none. */
  webappDir?: string | undefined;
  /** How the bot is; undefined where there is none. */
  botStatus?: (() => 'running' | 'starting' | 'unreachable' | 'refused' | undefined) | undefined;
  /** The bot as Telegram names it, once that is known. */
  botIdentity?: (() => { username: string } | undefined) | undefined;
  /** Takes Telegram's updates; without it there is no webhook. */
  webhook?: WebhookHandler | undefined;
  /** Asked first; answers true when it has taken the request over. */
  extra?: Extra | undefined;
  /** Emoji of a tool, for clients that show what an agent is doing. */
  emojiOf?: ((toolName: string) => string) | undefined;
  /** What else the service stands on, for /health. */
  dependencies?: readonly Dependency[] | undefined;
  tuning?: Partial<Tuning> | undefined;
}

export interface Api {
  /** Resolves when connections are accepted. Rejects when the address cannot be used. */
  listen(): Promise<{ port: number }>;
  /**
   * Accepts nothing new and lets what is under way end for up to `drainMs`; then cuts it off. Runs go on: they are
   * the run service's to end.
   */
  close(drainMs: number): Promise<void>;
  openapi(): object;
  /** For tests: every route as it is mounted. */
  readonly routes: readonly Route[];
}

export function createApi(deps: ApiDependencies): Api {
  const { config, services, store, db, logger, metrics } = deps;
  const tuning: Tuning = { ...defaultTuning, ...deps.tuning };
  const limiter = withLocalBuckets(store);
  const rateLimits = createRateLimits(limiter);
  const origins = createOrigins(config.PUBLIC_URL, config.ALLOWED_ORIGINS);
  const clientIp = clientIpResolver(config.TRUSTED_PROXIES);
  const news = createRunNews(store, logger);
  const stop = new AbortController();
  const callers = createCallers({
    services,
    botToken: config.BOT_TOKEN,
    initDataMaxAge: config.INIT_DATA_MAX_AGE,
    logger,
  });
  const isHttps = config.PUBLIC_URL.startsWith('https:');
  let draining = false;

  const agui = {
    agents: services.agents,
    runs: services.runs,
    news,
    logger,
    heartbeatMs: tuning.sseHeartbeatMs,
    stop: stop.signal,
  };
  const routes: Route[] = [
    ...healthRoutes(
      [
        { name: 'database', vital: true, check: async () => ((await db.ping()) ? 'healthy' : 'unhealthy') },
        {
          name: 'session_store',
          vital: false,
          check: async () => ((await store.ping()) ? 'healthy' : 'unhealthy'),
        },
        {
          name: 'telegram',
          vital: false,
          check: async () => telegramState(deps.botStatus?.()),
        },
        ...(deps.dependencies ?? []),
      ],
      { metrics, isDraining: () => draining },
    ),
    ...appConfigRoutes({
      botIdentity: () => deps.botIdentity?.(),
      miniAppName: config.MINI_APP_NAME,
    }),
    ...authRoutes({
      tokens: services.tokens,
      guests: services.guests,
      callers,
      store,
      origins,
      secureCookies: config.NODE_ENV === 'production' || isHttps,
    }),
    ...knowledgeRoutes(services),
    ...profileRoutes(services),
    ...taskRoutes(services),
    ...workflowRoutes(services),
    ...threadRoutes(services),
    ...commandRoutes(services),
    ...aguiRoutes(agui),
  ];
  const document = openApiDocument(routes, config.PUBLIC_URL);

  const sockets = new SocketServer({ store, callers, rateLimits, origins, logger, metrics, tuning });
  const surfaces = gatewaySurfaces({ services, rateLimits, news, logger, emojiOf: deps.emojiOf });
  const app = websockify(new Koa<ApiState>(), {
    maxPayload: maxBodyBytes,
    verifyClient: sockets.verifyClient,
  });
  app.on('error', (error: unknown) => {
    if (!isDisconnect(error)) logger.error({ error }, 'answering failed');
  });
  app.use(takenOver(deps.extra));
  app.use(measured(metrics));
  app.use(errorHandling(logger, clientIp));
  app.use(securityHeaders(isHttps));
  app.use(
    cors({
      origin: (ctx) => (origins.others.includes(ctx.get('origin')) ? ctx.get('origin') : ''),
      allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowHeaders: ['Authorization', 'Content-Type', 'Last-Event-ID', 'Idempotency-Key', 'X-Request-Id'],
      exposeHeaders: [
        'X-Request-Id',
        'X-RateLimit-Limit',
        'X-RateLimit-Remaining',
        'X-RateLimit-Reset',
        'Retry-After',
      ],
      maxAge: 600,
    }),
  );
  if (deps.webhook) app.use(telegramWebhook(deps.webhook));
  app.use(apiDocs(document));
  if (deps.webappDir !== undefined) app.use(miniApp(deps.webappDir, config.PUBLIC_URL));
  app.use(
    createRouter(routes, {
      callers,
      rateLimits,
      origins,
      isInternal: internalAccess(config.GATEWAY__INTERNAL_API_KEY),
      checkAnswers: config.NODE_ENV === 'test',
    }),
  );
  app.ws.use((ctx) => {
    const { req, websocket, path } = ctx;
    // koa-websocket swallows what is thrown here and leaves the socket open.
    try {
      const forwardedFor = [req.headers['x-forwarded-for']].flat().join(',') || undefined;
      const address = clientIp(req.socket.remoteAddress, forwardedFor);
      const surface = surfaces.get(path);
      const ofAgent = surface ? undefined : aguiSurface(path, { ...agui, rateLimits });
      if (surface) sockets.accept(surface, websocket, req, address);
      else if (ofAgent) sockets.accept(ofAgent, websocket, req, address);
      else websocket.close(closeCodes.unknownPath, 'there is no such socket');
    } catch (error) {
      logger.error({ error }, 'a socket could not be taken in');
      websocket.close(closeCodes.internal, 'internal error');
    }
  });

  let server: Server | undefined;
  return {
    routes,
    openapi: () => document,
    listen: () =>
      new Promise((resolve, reject) => {
        const listening = app.listen(config.PORT, config.HOST);
        server = listening;
        // Longer than the proxies in front keep their connections, so that none is closed while they use it.
        listening.keepAliveTimeout = 75_000;
        // ws repeats the errors of the server that it is attached to, and would throw them without a listener.
        app.ws.server?.on('error', (error) => logger.debug({ error }, 'server failed'));
        listening.once('error', reject);
        listening.once('listening', () => {
          const address = listening.address();
          resolve({ port: typeof address === 'object' && address ? address.port : config.PORT });
        });
      }),
    close: async (drainMs) => {
      draining = true;
      const open = server;
      const closed = new Promise<void>((resolve) => {
        if (open) open.close(() => resolve());
        else resolve();
      });
      open?.closeIdleConnections();
      const deadline = setTimeout(() => {
        stop.abort();
        open?.closeAllConnections();
      }, drainMs);
      await sockets.close(drainMs);
      await closed;
      clearTimeout(deadline);
      stop.abort();
      await limiter.close();
    },
  };
}

function telegramState(status: ReturnType<NonNullable<ApiDependencies['botStatus']>>): DependencyState {
  if (status === undefined) return 'disabled';
  return status === 'running' ? 'healthy' : 'unhealthy';
}
