import { z } from 'zod';
import {
  guestAnswer,
  type LoginAnswer,
  loginAnswer,
  refreshRequest,
  telegramLogin,
  tokenPair,
} from '#shared/contracts/auth.ts';
import { AppError } from '#shared/errors.ts';
import type { Person } from '#shared/identity/entities.ts';
import type { Guests, Tokens } from '#shared/services.ts';
import type { SessionStore } from '#shared/session-store/session-store.ts';
import type { Callers } from '../http/caller.ts';
import type { ApiContext } from '../http/context.ts';
import { clearTokenCookies, readCookie, setTokenCookies } from '../http/cookies.ts';
import type { Origins } from '../http/origins.ts';
import { defineRoute, type Route } from '../http/route.ts';
import { texts } from './texts.ts';
import { issueTicket, ticketSeconds } from './tickets.ts';

const upgradeUrl = '/api/auth/telegram-miniapp';

export function authRoutes(options: {
  tokens: Tokens;
  guests: Guests;
  callers: Callers;
  store: SessionStore;
  origins: Origins;
  secureCookies: boolean;
}): Route[] {
  const { tokens, guests, callers, store, origins, secureCookies } = options;

  /** The body's token, or the cookie's if a page of ours sends it. */
  const refreshTokenOf = (ctx: ApiContext, body: { refresh_token?: string | undefined }) => {
    if (body.refresh_token !== undefined) return body.refresh_token;
    const cookie = readCookie(ctx.headers, 'refresh_token');
    if (cookie !== undefined && !origins.isOwnPage(ctx.headers)) throw AppError.denied('same-origin');
    return cookie;
  };

  return [
    defineRoute({
      method: 'post',
      path: '/api/auth/telegram-miniapp',
      tag: 'auth',
      summary: 'Signs in by the launch data of the Mini App',
      permission: 'public',
      limit: 'auth',
      // An empty text is launch data that Telegram did not sign, like any other.
      body: telegramLogin.extend({ initData: z.string() }),
      answer: loginAnswer,
      handler: async ({ body, ctx }): Promise<LoginAnswer> => {
        const person = await callers.personOf(body.initData);
        const pair = await tokens.issue(person);
        setTokenCookies(ctx, pair, secureCookies);
        return { ...pair, user: userOf(person) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/auth/guest',
      tag: 'auth',
      summary: 'Begins a guest session: chat and public knowledge bases, nothing is kept',
      permission: 'public',
      limit: 'auth',
      answer: guestAnswer,
      status: 201,
      handler: async ({ caller }) => {
        const guest = await guests.create(caller.language);
        return {
          token: guest.token,
          token_type: 'guest' as const,
          expires_in: guests.idleSeconds,
          message: texts[caller.language].guestCreated,
          upgrade_url: upgradeUrl,
          permissions: [...guest.permissions],
        };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/auth/refresh',
      tag: 'auth',
      summary: 'Exchanges a refresh token, from the body or the cookie, for a new pair; each works once',
      permission: 'public',
      limit: 'auth',
      body: refreshRequest,
      answer: tokenPair,
      handler: async ({ body, ctx }) => {
        const token = refreshTokenOf(ctx, body);
        if (token === undefined)
          throw new AppError('AUTH_INVALID_TOKEN', 'There is no refresh token. Sign in.');
        const pair = await tokens.rotate(token);
        setTokenCookies(ctx, pair, secureCookies);
        return pair;
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/auth/logout',
      tag: 'auth',
      summary: 'Revokes the tokens of this sign-in and clears the cookies',
      permission: 'public',
      limit: 'auth',
      body: refreshRequest,
      answer: z.undefined(),
      status: 204,
      handler: async ({ body, ctx }) => {
        const token = refreshTokenOf(ctx, body);
        if (token !== undefined) await tokens.revoke(token);
        clearTokenCookies(ctx, secureCookies);
        return undefined;
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/auth/ws-ticket',
      tag: 'auth',
      summary: 'A ticket that opens one socket (`?ticket=`) within 30 s',
      permission: 'chat:ephemeral',
      limit: 'auth',
      answer: z.object({ ticket: z.string(), expires_in: z.int() }),
      handler: async ({ caller }) => ({
        ticket: await issueTicket(store, caller),
        expires_in: ticketSeconds,
      }),
    }),
  ];
}

function userOf(person: Person): LoginAnswer['user'] {
  if (person.telegramUserId === null || person.telegramUserId === undefined) {
    throw new Error('A person who signed in by Telegram has no Telegram id');
  }
  return {
    telegram_user_id: person.telegramUserId,
    username: person.username ?? null,
    first_name: person.firstName,
    last_name: person.lastName ?? null,
    camunda_user_id: null,
    webapp_user_id: person.id,
  };
}
