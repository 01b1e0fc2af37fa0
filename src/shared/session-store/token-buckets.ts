// The arithmetic of token buckets. The memory adapter runs it directly; the Redis adapter fetches tokens by a
// script with the same rules and makes its verdict here.
import type { TokenBucket, TokenVerdict } from './session-store.ts';

const MINUTE = 60_000;

/** What is in a bucket now, when it had `tokens` at the time `atMs`. A clock that goes back adds nothing. */
export function refilled(bucket: TokenBucket, tokens: number, atMs: number, nowMs: number): number {
  const added = (Math.max(0, nowMs - atMs) * bucket.refillPerMinute) / MINUTE;
  return Math.min(bucket.capacity, tokens + added);
}

/** Milliseconds until a bucket that holds `tokens` holds `wanted`. */
export function waitFor(bucket: TokenBucket, tokens: number, wanted: number): number {
  return Math.ceil((Math.max(0, wanted - tokens) * MINUTE) / bucket.refillPerMinute);
}

/** `levels` are the tokens in each bucket after the call, whether it took any or not. */
export function verdict(
  buckets: readonly TokenBucket[],
  levels: readonly number[],
  cost: number,
  allowed: boolean,
  nowMs: number,
): TokenVerdict {
  const states = buckets.map((bucket, index) => {
    const tokens = levels[index] ?? 0;
    return { bucket, tokens, retryAfterMs: allowed ? 0 : waitFor(bucket, tokens, cost) };
  });
  const tightest = states.reduce((a, b) => {
    if (a.retryAfterMs !== b.retryAfterMs) return a.retryAfterMs > b.retryAfterMs ? a : b;
    return b.tokens < a.tokens ? b : a;
  });
  return {
    status: allowed ? 'allowed' : 'refused',
    bucket: tightest.bucket.key,
    limit: tightest.bucket.capacity,
    remaining: Math.floor(tightest.tokens),
    resetAtMs: nowMs + waitFor(tightest.bucket, tightest.tokens, tightest.bucket.capacity),
    retryAfterMs: tightest.retryAfterMs,
  };
}
