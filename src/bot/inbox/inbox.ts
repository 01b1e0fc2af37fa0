// Updates are written down before they are acknowledged and handled from there, at least once: in order within a
// chat, chats side by side, on as many instances as there are.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Update } from 'grammy/types';
import type { Database } from '#shared/database/database.ts';
import { newId } from '#shared/database/id.ts';
import { withLogContext } from '#shared/observability/context.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import { redactText } from '#shared/observability/redact.ts';
import { type ClaimedUpdate, InboxTable } from './inbox-table.ts';

export interface InboxOptions {
  /** Updates that are handled at the same time here. @default 32 */
  parallel?: number;
  /** More of them for presses of Stop alone, so that these never wait. @default 8 */
  parallelUrgent?: number;
  /** Milliseconds after which another instance takes over from one that died. @default 12000 */
  leaseMs?: number;
  /** Pauses before the second and further attempts; after the last one fails, too, the update is parked. */
  retryAfterMs?: readonly number[];
  /** How often to look for work that nobody told of. @default 1000 */
  pollMs?: number;
}

const day = 24 * 3600 * 1000;
const handledKeptMs = 3 * day;
const parkedKeptMs = 30 * day;
const housekeepingMs = 15_000;

export type HandleUpdate = (update: Update) => Promise<void>;

export class Inbox {
  readonly #table: InboxTable;
  readonly #logger: Logger;
  readonly #metrics: Pick<Metrics, 'updates' | 'updatesWaiting'> | undefined;
  readonly #options: Required<InboxOptions>;
  readonly #owner = newId();
  readonly #active = new Map<number, { urgent: boolean; since: number; done: Promise<void> }>();
  #handle: HandleUpdate | undefined;
  #loop: Promise<void> | undefined;
  #wakeLoop: (() => void) | undefined;
  #woken = false;
  #timers: NodeJS.Timeout[] = [];
  #lastPurge = 0;

  constructor(
    deps: {
      db: Database;
      logger: Logger;
      metrics?: Pick<Metrics, 'updates' | 'updatesWaiting'> | undefined;
    },
    options: InboxOptions = {},
  ) {
    this.#table = new InboxTable(deps.db);
    this.#logger = deps.logger;
    this.#metrics = deps.metrics;
    this.#options = {
      parallel: 32,
      parallelUrgent: 8,
      leaseMs: 12_000,
      retryAfterMs: [1_000, 10_000],
      pollMs: 1_000,
      ...options,
    };
  }

  /** When it resolves, the updates survive the end of this process. Duplicates are dropped. */
  async accept(updates: readonly Update[]): Promise<void> {
    if (updates.length === 0) return;
    const added = await this.#table.insert(updates);
    if (added < updates.length) this.#metrics?.updates.inc({ outcome: 'duplicate' }, updates.length - added);
    this.#wake();
  }

  /**
   * Begins to handle what is there and what comes. A handler that throws is called again later.
   * @param options.alone there is no other instance: whoever holds an update is this one's own past, which is dead
   */
  start(handle: HandleUpdate, { alone = false }: { alone?: boolean } = {}): void {
    if (this.#handle) throw new Error('This inbox was started before');
    this.#handle = handle;
    this.#loop = AsyncLocalStorage.snapshot()(() => this.#work(alone));
    this.#timers = [
      setInterval(() => void this.#renew(), this.#options.leaseMs / 3),
      setInterval(() => void this.#keepHouse(), housekeepingMs),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  /** Takes nothing new and waits for what is being handled, at most `ms`; the rest is freed for other instances. */
  async stop(ms = 20_000): Promise<void> {
    this.#handle = undefined;
    for (const timer of this.#timers) clearInterval(timer);
    this.#wake();
    await this.#loop;
    const late = AbortSignal.timeout(ms);
    await Promise.race([
      Promise.all([...this.#active.values()].map(({ done }) => done)),
      new Promise<void>((resolve) => late.addEventListener('abort', () => resolve())),
    ]);
    if (this.#active.size > 0) {
      this.#logger.warn({ updates: [...this.#active.keys()] }, 'Ending in the middle of updates');
    }
    await this.#table.release(this.#owner);
  }

  get #isOpen(): boolean {
    return this.#handle !== undefined;
  }

  async #work(alone: boolean): Promise<void> {
    if (alone) {
      await this.#table.takeOver(this.#owner).catch((error: unknown) => {
        this.#logger.warn({ error }, 'Updates that a dead process holds wait until its claims run out');
      });
    }
    while (this.#isOpen) {
      this.#woken = false;
      const begun = await this.#claim().catch((error: unknown) => {
        this.#logger.error({ error }, 'The inbox could not be read; trying again');
        return 0;
      });
      if (begun === 0 && this.#isOpen) await this.#sleep();
    }
  }

  async #claim(): Promise<number> {
    const busy = [...this.#active.values()].filter(({ urgent }) => !urgent).length;
    const urgentBusy = this.#active.size - busy;
    const { parallel, parallelUrgent, leaseMs } = this.#options;
    const free = parallel - busy;
    const limit = free > 0 ? free : parallelUrgent - urgentBusy;
    if (limit <= 0) return 0;
    const claimed = await this.#table.claim(this.#owner, limit, leaseMs, free <= 0);
    for (const update of claimed) this.#begin(update);
    return claimed.length;
  }

  #begin(update: ClaimedUpdate): void {
    const done = withLogContext({ update_id: update.updateId }, () => this.#attempt(update))
      .catch((error: unknown) => {
        // Its lease runs out, then it is taken again.
        this.#logger.error({ error }, 'The outcome of an update could not be written');
      })
      .finally(() => {
        this.#active.delete(update.updateId);
        this.#wake();
      });
    this.#active.set(update.updateId, { urgent: update.urgent, since: Date.now(), done });
  }

  async #attempt({ updateId, payload, attempts }: ClaimedUpdate): Promise<void> {
    const { retryAfterMs } = this.#options;
    const handle = this.#handle;
    if (!handle) return;
    if (attempts > retryAfterMs.length + 1) {
      await this.#park(updateId, 'The process ended each time while it was handled', undefined);
      return;
    }
    try {
      await handle(payload);
    } catch (error) {
      const text = redactText(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      const pause = retryAfterMs[attempts - 1];
      if (pause === undefined) return await this.#park(updateId, text, error);
      this.#logger.warn({ error, attempts }, 'An update could not be handled; it will be tried again');
      this.#metrics?.updates.inc({ outcome: 'retried' });
      return await this.#table.retry(updateId, pause, text.slice(0, 2000));
    }
    await this.#table.handled(updateId);
    this.#metrics?.updates.inc({ outcome: 'handled' });
  }

  async #park(updateId: number, text: string, error: unknown): Promise<void> {
    this.#logger.error({ error, reason: text }, 'An update was given up; it is kept as parked');
    this.#metrics?.updates.inc({ outcome: 'parked' });
    await this.#table.park(updateId, text.slice(0, 2000));
  }

  async #renew(): Promise<void> {
    const mine = [...this.#active.keys()];
    if (mine.length === 0) return;
    const slow = [...this.#active].filter(([, { since }]) => since < Date.now() - this.#options.leaseMs);
    if (slow.length > 0) {
      this.#logger.warn({ updates: slow.map(([id]) => id) }, 'Updates take long; their chats wait for them');
    }
    await this.#table.renew(this.#owner, mine, this.#options.leaseMs).catch((error: unknown) => {
      this.#logger.warn({ error }, 'Claims on updates could not be renewed');
    });
  }

  async #keepHouse(): Promise<void> {
    try {
      this.#metrics?.updatesWaiting.set(await this.#table.pending());
      if (Date.now() - this.#lastPurge < 3600 * 1000) return;
      await this.#table.purge(handledKeptMs, parkedKeptMs);
      this.#lastPurge = Date.now();
    } catch (error) {
      this.#logger.warn({ error }, 'Old updates could not be removed');
    }
  }

  #wake(): void {
    this.#woken = true;
    this.#wakeLoop?.();
  }

  async #sleep(): Promise<void> {
    if (this.#woken) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#options.pollMs);
      this.#wakeLoop = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
