/** The last answers, so that going back shows at once what was there. Bounded; the oldest goes first. */
export class ResourceCache {
  readonly #entries = new Map<string, unknown>();
  readonly #limit: number;

  constructor(limit = 60) {
    this.#limit = limit;
  }

  get(key: string): unknown {
    return this.#entries.get(key);
  }

  set(key: string, value: unknown): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#limit) break;
      this.#entries.delete(oldest);
    }
  }

  clear(): void {
    this.#entries.clear();
  }
}
