import { newId } from '../database/id.ts';
import type { Logger } from '../observability/logger.ts';
import type { SessionStore } from '../session-store/session-store.ts';

/**
 * Shows other instances that this process lives. Its runs are taken for interrupted when it ends; a process that is
 * wrongly taken for dead loses nothing but its answer's last words, because the end of a run is recorded once.
 */
export class InstanceLease {
  readonly instanceId = newId();
  /** Milliseconds after which a silent process counts as gone. */
  readonly ttlMs = 10_000;
  readonly #store: SessionStore;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: SessionStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  async open(): Promise<void> {
    const beat = () =>
      this.#beat().catch((error: unknown) => this.#logger.warn({ error }, 'sign of life could not be given'));
    await beat();
    this.#timer = setInterval(() => void beat(), this.ttlMs / 3);
    this.#timer.unref();
  }

  async isAlive(instanceId: string): Promise<boolean> {
    return instanceId === this.instanceId || (await this.#store.get(keyOf(instanceId))) !== undefined;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    // Should the store be away: the sign of life ends by itself.
    await this.#store.delete(keyOf(this.instanceId)).catch(() => undefined);
  }

  async #beat(): Promise<void> {
    await this.#store.set(keyOf(this.instanceId), '1', { ttlMs: this.ttlMs });
  }
}

function keyOf(instanceId: string): string {
  return `instance:${instanceId}`;
}
