import type { IncomingHttpHeaders } from 'node:http';
import type { TokenPair } from '#shared/contracts/auth.ts';
import type { ApiContext } from './context.ts';

/** Seconds; the life of a refresh token. */
const refreshLife = 7 * 24 * 3600;

/** `path` keeps the refresh token out of every request but those that need it. */
const cookies = {
  access_token: { path: '/' },
  refresh_token: { path: '/api/auth' },
} as const;

type CookieName = keyof typeof cookies;

export function readCookie(headers: IncomingHttpHeaders, name: CookieName): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || undefined;
  }
  return undefined;
}

export function setTokenCookies(ctx: ApiContext, pair: TokenPair, secure: boolean): void {
  append(ctx, 'access_token', pair.jwt_token, pair.expires_in, secure);
  append(ctx, 'refresh_token', pair.refresh_token, refreshLife, secure);
}

export function clearTokenCookies(ctx: ApiContext, secure: boolean): void {
  append(ctx, 'access_token', '', 0, secure);
  append(ctx, 'refresh_token', '', 0, secure);
}

/** Written by hand: Koa's cookies refuse `Secure` behind a proxy that ends TLS. */
function append(ctx: ApiContext, name: CookieName, value: string, maxAge: number, secure: boolean): void {
  const { path } = cookies[name];
  const flags = `Path=${path}; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  ctx.append('Set-Cookie', `${name}=${value}; ${flags}`);
}
