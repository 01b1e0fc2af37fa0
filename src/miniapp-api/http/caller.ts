// The only place that reads credentials.
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '#shared/errors.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { Person } from '#shared/identity/entities.ts';
import { verifyInitData } from '#shared/identity/init-data.ts';
import { type Language, nearestLanguage } from '#shared/language.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Guests, People, Tokens } from '#shared/services.ts';
import { readCookie } from './cookies.ts';

export type Credentials =
  | { kind: 'none' }
  | { kind: 'initData'; value: string }
  | { kind: 'bearer'; value: string }
  | { kind: 'cookie'; value: string };

export interface Callers {
  /** Who the credentials belong to; throws AUTH_INVALID_TOKEN or AUTH_INVALID_SIGNATURE. */
  resolve(credentials: Credentials, language: Language): Promise<Caller>;
  /** The person whom Telegram's launch data names. Every defect of it is one AUTH_INVALID_SIGNATURE. */
  personOf(initData: string): Promise<Person>;
}

/** Order: the Authorization header, then the cookie. A header that cannot be read is an error, not "none". */
export function readCredentials(headers: IncomingHttpHeaders): Credentials {
  const header = headers.authorization;
  if (header !== undefined) {
    const [, scheme = '', value = ''] = /^(\S+) +(.+)$/.exec(header) ?? [];
    if (/^tma$/i.test(scheme)) return { kind: 'initData', value };
    if (/^bearer$/i.test(scheme)) return { kind: 'bearer', value };
    throw invalidToken();
  }
  const cookie = readCookie(headers, 'access_token');
  return cookie === undefined ? { kind: 'none' } : { kind: 'cookie', value: cookie };
}

/** A token as the first frame of a socket carries it: launch data is told from tokens by its form. */
export function credentialsOfToken(token: string): Credentials {
  return token.includes('hash=') ? { kind: 'initData', value: token } : { kind: 'bearer', value: token };
}

export function languageOf(headers: IncomingHttpHeaders): Language {
  return nearestLanguage(headers['accept-language']?.split(',')[0]?.split(';')[0]?.trim());
}

export function createCallers(options: {
  services: { people: People; tokens: Tokens; guests: Guests };
  botToken: string | undefined;
  /** Seconds. */
  initDataMaxAge: number;
  logger: Logger;
}): Callers {
  const { people, tokens, guests } = options.services;

  const personOf = async (initData: string): Promise<Person> => {
    const verdict =
      options.botToken === undefined
        ? { status: 'refused' as const, reason: 'no BOT_TOKEN is configured' }
        : verifyInitData(initData, { botToken: options.botToken, maxAgeSeconds: options.initDataMaxAge });
    if (verdict.status === 'refused') {
      options.logger.info({ reason: verdict.reason }, 'launch data refused');
      throw new AppError('AUTH_INVALID_SIGNATURE', 'Telegram did not vouch for this. Open the app anew.');
    }
    return people.fromTelegram(verdict.user);
  };

  const bearer = async (token: string): Promise<Caller> => {
    if (token.length > 4096) throw invalidToken();
    const caller = token.startsWith('guest_') ? await guests.verify(token) : await tokens.verify(token);
    if (!caller) throw invalidToken();
    return caller;
  };

  return {
    personOf,
    resolve: async (credentials, language) => {
      switch (credentials.kind) {
        case 'none':
          return { kind: 'anonymous', language };
        case 'initData':
          return people.callerOf(await personOf(credentials.value));
        case 'bearer':
          return bearer(credentials.value);
        case 'cookie':
          // A cookie carries a person's access token, never a guest.
          if (credentials.value.startsWith('guest_')) throw invalidToken();
          return bearer(credentials.value);
      }
    },
  };
}

function invalidToken(): AppError {
  return new AppError('AUTH_INVALID_TOKEN', 'This token is not valid any more. Sign in again.');
}
