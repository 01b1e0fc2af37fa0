// The door of the sockets: who comes in, how many, how long, and how all are shown out.
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { AppError } from '#shared/errors.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import type { SessionStore } from '#shared/session-store/session-store.ts';
import { useTicket } from '../gateway/tickets.ts';
import { type Callers, credentialsOfToken, languageOf, readCredentials } from '../http/caller.ts';
import { callerKey } from '../http/ids.ts';
import type { RateLimits } from '../http/limits.ts';
import type { Origins } from '../http/origins.ts';
import type { Tuning } from '../tuning.ts';
import { Connection, closeCodes, type Protocol } from './connection.ts';
import type { SocketSession, StreamMode } from './socket-session.ts';

export interface SocketServerOptions {
  store: SessionStore;
  callers: Callers;
  rateLimits: RateLimits;
  origins: Origins;
  logger: Logger;
  metrics: Metrics;
  tuning: Tuning;
}

/** One kind of socket: its frames and what is done with them. */
export interface Surface<In, Out> {
  name: 'chat' | 'tasks' | 'ag-ui';
  protocol: Protocol<In, Out>;
  /** The token that a frame signs in with, when it does. */
  tokenIn(frame: In): { token: string; mode: StreamMode } | undefined;
  /** @throws AppError when this caller has no business here */
  session(caller: Caller, connection: Connection<In, Out>): SocketSession<In>;
}

interface Visitor<In, Out> {
  connection: Connection<In, Out>;
  request: IncomingMessage;
  surface: Surface<In, Out>;
  session: SocketSession<In> | undefined;
}

/** What the door needs of a visitor whose frames it does not know. */
type AnyVisitor = Pick<Visitor<never, never>, 'session'> & {
  connection: Pick<
    Connection<never, never>,
    'lastSeenAt' | 'lastActiveAt' | 'ping' | 'close' | 'terminate' | 'onClose'
  >;
};

export class SocketServer {
  readonly #with: SocketServerOptions;
  readonly #visitors = new Set<AnyVisitor>();
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
  accept<In, Out>(
    surface: Surface<In, Out>,
    socket: WebSocket,
    request: IncomingMessage,
    address: string,
  ): void {
    const connection = new Connection(socket, surface.protocol, { address, logger: this.#with.logger });
    const visitor: Visitor<In, Out> = { connection, request, surface, session: undefined };
    this.#visitors.add(visitor);
    this.#with.metrics.sockets.inc({ surface: surface.name });
    connection.onClose(() => {
      this.#visitors.delete(visitor);
      this.#with.metrics.sockets.dec({ surface: surface.name });
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

  async #admit<In, Out>(visitor: Visitor<In, Out>): Promise<void> {
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

  async #handle<In, Out>(visitor: Visitor<In, Out>, frame: In): Promise<void> {
    const { surface, session } = visitor;
    const signIn = surface.tokenIn(frame);
    if (signIn) {
      await this.#authenticate(visitor, signIn);
      return;
    }
    if (!session) throw new AppError('AUTH_REQUIRED', 'Sign in first.');
    if (this.#draining && !surface.protocol.isUrgent(frame)) {
      throw new AppError('UPSTREAM_UNAVAILABLE', 'The service is restarting. Try again in a moment.');
    }
    await session.handle(frame);
  }

  /** Also somebody who is here already may sign in: as the same one, or as another one in their place. */
  async #authenticate<In, Out>(
    visitor: Visitor<In, Out>,
    { token, mode }: { token: string; mode: StreamMode },
  ): Promise<void> {
    try {
      const credentials = credentialsOfToken(token);
      const caller = await this.#with.callers.resolve(credentials, languageOf(visitor.request.headers));
      if (visitor.session && callerKey(visitor.session.caller) !== callerKey(caller))
        await this.#leave(visitor);
      if (visitor.session) {
        visitor.session.setMode(mode);
        await visitor.session.greet();
      } else {
        await this.#enter(visitor, caller, mode);
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      await this.#refuse(visitor, error);
    }
  }

  async #enter<In, Out>(
    visitor: Visitor<In, Out>,
    caller: Caller,
    mode: StreamMode = 'incremental',
  ): Promise<void> {
    const { connection, surface } = visitor;
    const key = callerKey(caller);
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#with.tuning.socketsPerCaller) {
      connection.close(closeCodes.rateLimit, 'too many sockets');
      return;
    }
    const session = surface.session(caller, connection);
    session.setMode(mode);
    if (!connection.isOpen) return;
    this.#counts.set(key, count + 1);
    visitor.session = session;
    await session.open();
  }

  async #leave(visitor: {
    session: Pick<SocketSession<never>, 'caller' | 'close'> | undefined;
  }): Promise<void> {
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

  async #refuse<In, Out>({ connection }: Visitor<In, Out>, error: AppError): Promise<void> {
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

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
