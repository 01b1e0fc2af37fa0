// A bounded map whose entries have a life. Expired entries are invisible at once; their memory is given back
// by sweep(), which the owner calls from a timer, and by an insertion that finds the map full.
import { SessionStoreError } from './errors.ts';

interface Slot<V> {
  value: V;
  expiresAt: number;
}

export interface ExpiringMapOptions {
  now: () => number;
  maxKeys: number;
  /** What an insertion into a map full of living entries does: throw, or push out the least recently set. */
  whenFull: 'refuse' | 'evict';
}

export class ExpiringMap<V> {
  readonly #slots = new Map<string, Slot<V>>();
  readonly #options: ExpiringMapOptions;
  /** No entry expires before this moment. It spares a full map a useless sweep on every insertion. */
  #nextExpiry = Infinity;

  constructor(options: ExpiringMapOptions) {
    this.#options = options;
  }

  /** Entries in memory, expired ones included. */
  get size(): number {
    return this.#slots.size;
  }

  get(key: string): V | undefined {
    return this.#living(key)?.value;
  }

  /** @throws SessionStoreError `STORE_FULL` for a new key, when the map refuses */
  set(key: string, value: V, expiresAt = Infinity): void {
    this.#slots.delete(key);
    if (this.#slots.size >= this.#options.maxKeys) this.#makeRoom();
    this.#slots.set(key, { value, expiresAt });
    this.#nextExpiry = Math.min(this.#nextExpiry, expiresAt);
  }

  /** A new value for a living key; its life stays as it is. */
  replace(key: string, value: V): void {
    const slot = this.#living(key);
    if (slot) slot.value = value;
  }

  delete(key: string): boolean {
    const living = this.#living(key) !== undefined;
    this.#slots.delete(key);
    return living;
  }

  expireAt(key: string, expiresAt: number): boolean {
    const slot = this.#living(key);
    if (!slot) return false;
    slot.expiresAt = expiresAt;
    this.#nextExpiry = Math.min(this.#nextExpiry, expiresAt);
    return true;
  }

  sweep(): void {
    const now = this.#options.now();
    if (now < this.#nextExpiry) return;
    this.#nextExpiry = Infinity;
    for (const [key, { expiresAt }] of this.#slots) {
      if (expiresAt <= now) this.#slots.delete(key);
      else this.#nextExpiry = Math.min(this.#nextExpiry, expiresAt);
    }
  }

  clear(): void {
    this.#slots.clear();
    this.#nextExpiry = Infinity;
  }

  #living(key: string): Slot<V> | undefined {
    const slot = this.#slots.get(key);
    if (slot && slot.expiresAt <= this.#options.now()) {
      this.#slots.delete(key);
      return undefined;
    }
    return slot;
  }

  #makeRoom(): void {
    this.sweep();
    if (this.#slots.size < this.#options.maxKeys) return;
    if (this.#options.whenFull === 'refuse') throw SessionStoreError.full(this.#options.maxKeys);
    // A Map iterates in the order of insertion, and set() inserts anew: the first key is the oldest.
    for (const key of this.#slots.keys()) {
      this.#slots.delete(key);
      return;
    }
  }
}
