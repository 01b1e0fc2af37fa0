// Takes notices that are due and has them shown: chats beside each other, the notices of one chat in order.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Notice } from '#shared/notifications/entities.ts';
import { type DeliveryDeps, deliverNotice } from './deliver-notice.ts';

export interface NoticeSenderDeps extends DeliveryDeps {
  /** Milliseconds between looks when nobody says that something is due. @default 15000 */
  lookEveryMs?: number;
}

interface Held {
  notice: Notice;
  /** Milliseconds since 1970. */
  claimedAt: number;
}

const batch = 50;
const maxHeld = 1_000;
/** A group takes 20 messages a minute; more of them would only outlive their claims here. */
const maxHeldPerChat = 20;
/** Less than the life of a claim (`NoticeBoard`, 60 s): later somebody else may be sending it. */
const claimTrustedMs = 50_000;

export class NoticeSender {
  readonly #deps: NoticeSenderDeps;
  readonly #outside = AsyncLocalStorage.snapshot();
  readonly #held = new Map<string, Held>();
  readonly #queues = new Map<string, string[]>();
  readonly #working = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;
  #claiming = false;
  #again = false;
  #stopped = true;

  constructor(deps: NoticeSenderDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#stopped = false;
    this.#unsubscribe = this.#deps.services.notices.onDue(() => this.#wake());
    this.#timer = setInterval(() => this.#wake(), this.#deps.lookEveryMs ?? 15_000);
    this.#wake();
  }

  /** Finishes what is being sent, and begins nothing more; what is left is due again for others in a minute. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe?.();
    clearInterval(this.#timer);
    await Promise.all(this.#working);
  }

  #wake(): void {
    this.#again = true;
    if (this.#claiming || this.#stopped) return;
    this.#claiming = true;
    // Not in the context of whoever woke it: that may hold a transaction.
    this.#outside(() => this.#track(this.#claim()));
  }

  async #claim(): Promise<void> {
    try {
      while (this.#again && !this.#stopped && this.#held.size < maxHeld) {
        this.#again = false;
        const due = await this.#deps.services.notices.claimDue(batch);
        for (const notice of due) this.#hold(notice);
        if (due.length === batch) this.#again = true;
      }
    } catch (error) {
      this.#deps.logger.error({ error }, 'Due notices could not be read; trying again with the next look');
    } finally {
      this.#claiming = false;
    }
  }

  #hold(notice: Notice): void {
    const known = this.#held.get(notice.id);
    if (known) {
      // Still waiting for its turn here: the new claim prolongs the old one.
      known.claimedAt = Date.now();
      return;
    }
    const queue = this.#queues.get(notice.targetId) ?? [];
    // Left alone, it is due again when its claim is over.
    if (queue.length >= maxHeldPerChat) return;
    this.#held.set(notice.id, { notice, claimedAt: Date.now() });
    queue.push(notice.id);
    if (this.#queues.has(notice.targetId)) return;
    this.#queues.set(notice.targetId, queue);
    this.#track(this.#sendAll(notice.targetId, queue));
  }

  /** Never rejects. */
  async #sendAll(targetId: string, queue: string[]): Promise<void> {
    for (let id = queue[0]; id !== undefined; id = queue[0]) {
      const held = this.#held.get(id);
      if (held && this.#mayWrite(held)) await this.#send(held);
      this.#held.delete(id);
      queue.shift();
    }
    this.#queues.delete(targetId);
    if (this.#again) this.#wake();
  }

  async #send(held: Held): Promise<void> {
    const { notice } = held;
    try {
      const { againInMs } = await deliverNotice(this.#deps, notice, () => this.#mayWrite(held));
      // Sooner than the next look, when that is further away.
      if (againInMs !== undefined && againInMs < 15_000) {
        setTimeout(() => this.#wake(), againInMs + 50).unref();
      }
    } catch (error) {
      // Its claim runs out, then it is due again.
      this.#deps.logger.error({ error, notice_id: notice.id }, 'A notice could not be sent or recorded');
    }
  }

  #mayWrite({ claimedAt }: Held): boolean {
    return !this.#stopped && Date.now() - claimedAt < claimTrustedMs;
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#working.delete(tracked));
    this.#working.add(tracked);
  }
}
