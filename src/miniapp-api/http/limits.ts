// How often who may call what, as data, and the two buckets behind every figure: the caller's and the address's.
import { AppError } from '#shared/errors.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { TokenBucket, TokenLimiter, TokenVerdict } from '#shared/session-store/session-store.ts';
import { callerKey } from './ids.ts';

/** Calls a minute. What a kind of caller may not do at all is refused by its permissions before it is counted. */
export const limits = {
  auth: { anonymous: 10, guest: 10, person: 10 },
  catalog: { anonymous: 20, guest: 20, person: 60 },
  kbRead: { anonymous: 30, guest: 30, person: 120 },
  search: { anonymous: 10, guest: 10, person: 30 },
  profile: { anonymous: 30, guest: 30, person: 30 },
  commands: { anonymous: 20, guest: 20, person: 60 },
  /** Tasks, workflows and conversations: lists and forms that a page reads together. */
  objects: { anonymous: 30, guest: 30, person: 120 },
  /** Per caller it is the run service that counts questions, over all surfaces; here the address is. */
  chat: { anonymous: 10, guest: 10, person: 30 },
  /** Wrong credentials, by address: guessing tokens gets slow. */
  refused: { anonymous: 60, guest: 60, person: 60 },
} as const satisfies Record<string, Record<Caller['kind'], number>>;

export type LimitName = keyof typeof limits;

/** Callers with an identity of their own may share an address (an office, a mobile carrier): it gets this much more. */
const addressFactor = 5;
const windowSeconds = 60;

export interface RateLimits {
  /** Takes one call, or throws RATE_LIMIT_EXCEEDED. The answer is for the headers. */
  take(limit: LimitName, caller: Caller, address: string): Promise<TokenVerdict>;
}

/** @param limiter must go on limiting while the shared store is down */
export function createRateLimits(limiter: TokenLimiter): RateLimits {
  return {
    take: async (limit, caller, address) => {
      const verdict = await limiter.takeTokens(bucketsOf(limit, caller, address));
      if (verdict.status === 'refused') throw tooMany(verdict);
      return verdict;
    },
  };
}

export function rateLimitHeaders(verdict: TokenVerdict): Record<string, string> {
  return {
    'X-RateLimit-Limit': String(verdict.limit),
    'X-RateLimit-Remaining': String(verdict.remaining),
    'X-RateLimit-Reset': String(Math.ceil(verdict.resetAtMs / 1000)),
  };
}

/** Carries the verdict, so that a refusal has the same headers as a grant. */
export class TooManyCalls extends AppError {
  readonly verdict: TokenVerdict;

  constructor(verdict: TokenVerdict, seconds: number) {
    super('RATE_LIMIT_EXCEEDED', `Too many calls. Try again in ${seconds} s.`, {
      details: { limit: verdict.limit, window: windowSeconds, retry_after: seconds },
    });
    this.verdict = verdict;
  }
}

function tooMany(verdict: TokenVerdict): TooManyCalls {
  return new TooManyCalls(verdict, Math.max(1, Math.ceil(verdict.retryAfterMs / 1000)));
}

function bucketsOf(limit: LimitName, caller: Caller, address: string): TokenBucket[] {
  const perMinute = limits[limit][caller.kind];
  const anonymous = caller.kind === 'anonymous';
  const forAddress = bucket(
    `limit:${limit}:${caller.kind}:${address}`,
    perMinute * (anonymous ? 1 : addressFactor),
  );
  if (anonymous || limit === 'chat') return [forAddress];
  return [bucket(`limit:${limit}:${callerKey(caller)}`, perMinute), forAddress];
}

function bucket(key: string, perMinute: number): TokenBucket {
  return { key, capacity: perMinute, refillPerMinute: perMinute };
}
