import type { ServerFrame } from '#shared/contracts/gateway-frames.ts';
import type { Caller } from '#shared/identity/caller.ts';
import { permissionsOf } from '#shared/identity/caller.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Guests, Services } from '#shared/services.ts';
import { texts } from '../gateway/texts.ts';
import type { RateLimits } from '../http/limits.ts';
import type { GatewayConnection } from './gateway-protocol.ts';
import type { RunNews } from './run-news.ts';

/** What somebody who has signed in does on a socket whose frames are `In`. */
export interface SocketSession<In> {
  readonly caller: Caller;
  /** Begins to listen and greets. */
  open(): Promise<void>;
  /** Tells who they are here; again, when they sign in again. */
  greet(): Promise<void>;
  handle(frame: In): Promise<void>;
  setMode(mode: StreamMode): void;
  /** Resolves when what began is told to its end. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Whether a delta of text is what is new, or all so far. */
export type StreamMode = 'incremental' | 'cumulative';

export interface SessionOptions {
  caller: Caller;
  connection: GatewayConnection;
  services: Services;
  rateLimits: RateLimits;
  news: RunNews;
  logger: Logger;
  emojiOf: ((toolName: string) => string) | undefined;
}

const guestMessagesPerMinute = 10;

export async function authSuccess(caller: Caller, guests: Guests): Promise<ServerFrame> {
  const text = texts[caller.language];
  const permissions = [...permissionsOf(caller)];
  if (caller.kind !== 'guest') {
    const { personId, displayName } = caller.kind === 'person' ? caller : { personId: null, displayName: '' };
    return {
      type: 'auth_success',
      mode: 'authenticated',
      user_id: personId,
      permissions,
      message: text.welcome(displayName),
    };
  }
  return {
    type: 'auth_success',
    mode: 'guest',
    user_id: null,
    permissions,
    message: text.guestWelcome,
    upgrade_url: '/api/auth/telegram-miniapp',
    rate_limits: {
      messages_per_minute: guestMessagesPerMinute,
      total_messages: guests.messageLimit,
      remaining: await guests.remaining(caller),
    },
  };
}
