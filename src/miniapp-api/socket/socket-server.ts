// The door of the gateway's sockets: who comes in, how many, how long, and how all are shown out.
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { ClientFrame } from '#shared/contracts/gateway-frames.ts';
import { AppError } from '#shared/errors.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import type { Services } from '#shared/services.ts';
import type { SessionStore } from '#shared/session-store/session-store.ts';
import { useTicket } from '../gateway/tickets.ts';
import { type Callers, credentialsOfToken, languageOf, readCredentials } from '../http/caller.ts';
import { callerKey } from '../http/ids.ts';
import type { RateLimits } from '../http/limits.ts';
import type { Origins } from '../http/origins.ts';
import type { Tuning } from '../tuning.ts';
import { ChatSession } from './chat-session.ts';
import { Connection, closeCodes } from './connection.ts';
import type { RunNews } from './run-news.ts';
import type { SessionOptions, SocketSession } from './socket-session.ts';
import { TaskSession } from './task-session.ts';

export interface SocketServerOptions {
  services: Services;
  store: SessionStore;
  callers: Callers;
  rateLimits: RateLimits;
  origins: Origins;
  news: RunNews;
  logger: Logger;
  metrics: Metrics;
  emojiOf: ((toolName: string) => string) | undefined;
  tuning: Tuning;
}

type Surface = 'chat' | 'tasks';

const surfaces: Readonly<Record<string, Surface>> = { '/ws/chat': 'chat', '/ws/tasks': 'tasks' };

interface Visitor {
  connection: Connection;
  request: IncomingMessage;
  surface: Surface;
  session: SocketSession | undefined;
}

export class SocketServer {
  readonly #with: SocketServerOptions;
  readonly #visitors = new Set<Visitor>();
  /** Sockets by caller. */
  readonly #counts = new Map<string, number>();
  readonly #heartbeat: NodeJS.Timeout;
  #draining = false;

  constructor(options: SocketServerOptions) {
    this.#with = options;
    this.#heartbeat = setInterval(() => this.#beat(), options.tuning.heartbeatMs).unref();
  }

  /** The check before the handshake: browsers of other sites are kept out, everybody is while shutting down. */
  readonly verifyClient = (
    { req }: { req: IncomingMessage },
    done: (accepted: boolean, status?: number, message?: string) => void,
  ): void => {
    const { origin, host } = req.headers;
    if (this.#draining) done(false, 503, 'Service Unavailable');
    else if (origin !== undefined && !this.#with.origins.allows(origin, host)) done(false, 403, 'Forbidden');
    else done(true);
  };

  /** Takes over an open socket. Attaches its listeners before anything else, so that no message is lost. Never throws. */
  accept(socket: WebSocket, request: IncomingMessage, address: string): void {
    const connection = new Connection(socket, { address, logger: this.#with.logger });
    const surface = surfaces[pathOf(request)];
    if (surface === undefined) {
      connection.close(closeCodes.unknownPath, 'there is no such socket');
      return;
    }
    const visitor: Visitor = { connection, request, surface, session: undefined };
    this.#visitors.add(visitor);
    this.#with.metrics.sockets.inc({ surface });
    connection.onClose(() => {
      this.#visitors.delete(visitor);
      this.#with.metrics.sockets.dec({ surface });
      void this.#leave(visitor);
    });
    this.#admit(visitor).catch((error: unknown) => {
      this.#with.logger.error({ error }, 'a socket could not be opened');
      connection.close(closeCodes.internal, 'internal error');
    });
  }

  /** Lets answers that are on their way arrive for up to `ms`, then sends everybody away. */
  async close(ms: number): Promise<void> {
    this.#draining = true;
    clearInterval(this.#heartbeat);
    const deadline = Promise.withResolvers<void>();
    const timer = setTimeout(deadline.resolve, ms);
    await Promise.all(
      [...this.#visitors].map(async (visitor) => {
        await Promise.race([visitor.session?.idle(), deadline.promise]);
        visitor.connection.close(closeCodes.goingAway, 'server going away');
      }),
    );
    clearTimeout(timer);
    const gone = Promise.all(
      [...this.#visitors].map(
        ({ connection }) => new Promise<void>((resolve) => connection.onClose(resolve)),
      ),
    );
    await Promise.race([gone, wait(this.#with.tuning.goodbyeMs)]);
    for (const { connection } of this.#visitors) connection.terminate();
  }

  async #admit(visitor: Visitor): Promise<void> {
    const { connection } = visitor;
    try {
      const caller = await this.#callerOf(visitor.request);
      if (caller) await this.#enter(visitor, caller);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      await this.#refuse(visitor, error);
      return;
    }
    if (!visitor.session) {
      const timer = setTimeout(() => {
        if (!visitor.session) connection.close(closeCodes.badAuth, 'nobody signed in');
      }, this.#with.tuning.authMs);
      connection.onClose(() => clearTimeout(timer));
    }
    connection.start((frame) => this.#handle(visitor, frame));
  }

  /** By header, ticket or cookie. Undefined: the first frame has to say it. */
  async #callerOf(request: IncomingMessage): Promise<Caller | undefined> {
    const { callers, store } = this.#with;
    const { headers } = request;
    const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket');
    const credentials = readCredentials(headers);
    if (credentials.kind === 'initData' || credentials.kind === 'bearer') {
      return callers.resolve(credentials, languageOf(headers));
    }
    if (ticket !== null) {
      const caller = await useTicket(store, ticket);
      if (!caller) throw new AppError('AUTH_INVALID_TOKEN', 'This ticket is not valid any more.');
      return caller;
    }
    // A browser sends it from any page; only one with a checked Origin is ours. An old cookie is no reason to refuse:
    // the first frame may know better.
    if (credentials.kind !== 'cookie' || headers.origin === undefined) return undefined;
    return callers.resolve(credentials, languageOf(headers)).catch((error: unknown) => {
      if (error instanceof AppError) return undefined;
      throw error;
    });
  }

  async #handle(visitor: Visitor, frame: ClientFrame): Promise<void> {
    if (frame.type === 'auth') {
      await this.#authenticate(visitor, frame);
      return;
    }
    if (!visitor.session) throw new AppError('AUTH_REQUIRED', 'Send an auth frame first.');
    if (this.#draining && frame.type !== 'cancel_action') {
      throw new AppError('UPSTREAM_UNAVAILABLE', 'The service is restarting. Try again in a moment.');
    }
    await visitor.session.handle(frame);
  }

  /** Also somebody who is here already may sign in: as the same one, or as another one in their place. */
  async #authenticate(visitor: Visitor, frame: Extract<ClientFrame, { type: 'auth' }>): Promise<void> {
    try {
      const credentials = credentialsOfToken(frame.token);
      const caller = await this.#with.callers.resolve(credentials, languageOf(visitor.request.headers));
      if (visitor.session && callerKey(visitor.session.caller) !== callerKey(caller))
        await this.#leave(visitor);
      visitor.session?.setMode(frame.stream_mode);
      if (!visitor.session) await this.#enter(visitor, caller, frame.stream_mode);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      await this.#refuse(visitor, error);
    }
  }

  async #enter(
    visitor: Visitor,
    caller: Caller,
    mode: 'incremental' | 'cumulative' = 'incremental',
  ): Promise<void> {
    const { services, rateLimits, news, logger, emojiOf, tuning } = this.#with;
    const { connection } = visitor;
    const key = callerKey(caller);
    const count = this.#counts.get(key) ?? 0;
    if (count >= tuning.socketsPerCaller) {
      connection.close(closeCodes.rateLimit, 'too many sockets');
      return;
    }
    const options: SessionOptions = { caller, connection, services, rateLimits, news, logger, emojiOf };
    const session = visitor.surface === 'chat' ? new ChatSession(options) : new TaskSession(options);
    session.setMode(mode);
    if (!connection.isOpen) return;
    this.#counts.set(key, count + 1);
    visitor.session = session;
    await session.open();
  }

  async #leave(visitor: Visitor): Promise<void> {
    const { session } = visitor;
    if (!session) return;
    visitor.session = undefined;
    const key = callerKey(session.caller);
    const left = (this.#counts.get(key) ?? 1) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
    try {
      await session.close();
    } catch (error) {
      this.#with.logger.warn({ error }, 'a socket was not closed cleanly');
    }
  }

  async #refuse({ connection }: Visitor, error: AppError): Promise<void> {
    connection.sendError(error);
    const { code } = error;
    if (code === 'UPGRADE_REQUIRED' || code === 'PERMISSION_DENIED') {
      connection.close(closeCodes.permission, 'not allowed');
      return;
    }
    const anonymous: Caller = { kind: 'anonymous', language: 'en' };
    const guessing = await this.#with.rateLimits.take('refused', anonymous, connection.address).then(
      () => false,
      () => true,
    );
    connection.close(guessing ? closeCodes.rateLimit : closeCodes.badAuth, 'not signed in');
  }

  #beat(): void {
    const { silentMs, idleMs } = this.#with.tuning;
    const now = Date.now();
    for (const { connection } of this.#visitors) {
      if (now - connection.lastSeenAt > silentMs) connection.terminate();
      else if (now - connection.lastActiveAt > idleMs) connection.close(closeCodes.normal, 'idle');
      else connection.ping();
    }
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?')[0] ?? '';
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
