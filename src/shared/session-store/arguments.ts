// Checks that both adapters make before they act, so that a mistake fails alike on either of them.
import type { TokenBucket } from './session-store.ts';

export function wholeMs(name: string, ms: number): number {
  if (!(ms > 0 && ms <= Number.MAX_SAFE_INTEGER / 2)) {
    throw new RangeError(`${name} must be a positive number of milliseconds, not ${ms}`);
  }
  return Math.ceil(ms);
}

export function integer(name: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be an integer from ${min} to ${max}, not ${value}`);
  }
  return value;
}

export function checkBuckets(buckets: readonly TokenBucket[], cost: number): void {
  if (buckets.length === 0) throw new RangeError('takeTokens needs at least one bucket');
  if (!(cost > 0 && cost < Infinity)) throw new RangeError(`cost must be a positive number, not ${cost}`);
  if (new Set(buckets.map((bucket) => bucket.key)).size < buckets.length) {
    throw new RangeError('takeTokens was given the same bucket twice');
  }
  for (const { key, capacity, refillPerMinute } of buckets) {
    if (!(capacity > 0 && capacity < Infinity)) {
      throw new RangeError(`The capacity of bucket "${key}" must be a positive number, not ${capacity}`);
    }
    if (!(refillPerMinute > 0 && refillPerMinute < Infinity)) {
      throw new RangeError(
        `Bucket "${key}" must refill; for a budget that does not, use increment with ttlMs`,
      );
    }
    if (cost > capacity) {
      throw new RangeError(`A cost of ${cost} can never be taken from bucket "${key}" of ${capacity}`);
    }
  }
}
