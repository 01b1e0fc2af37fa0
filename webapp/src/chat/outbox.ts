// Questions that the server has not bound to a run yet. Each is sent until it is, always under the same id, so that
// sending it twice asks it once.
import type { OutgoingFrame } from './socket.ts';

interface Pending {
  key: string;
  text: string;
  /** Whether it went out on the present line. That it arrived is known only when it is settled. */
  sent: boolean;
}

interface OutboxOptions {
  send: (frame: OutgoingFrame) => boolean;
  /** Where a question belongs, looked up anew each time: its conversation may have become a thread. */
  target: (key: string) => { threadId: string | undefined; kbIds: readonly string[] };
  /** How long the server may take to bind a question before it is sent again. */
  patienceMs: number;
}

const limit = 20;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #pending = new Map<string, Pending>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#pending.size >= limit;
  }

  add(id: string, key: string, text: string): void {
    this.#pending.set(id, { key, text, sent: false });
    this.transmit();
  }

  /** Takes a question out, because it arrived or was refused. Answers the key of its conversation. */
  take(id: string): string | undefined {
    const key = this.#pending.get(id)?.key;
    this.#pending.delete(id);
    return key;
  }

  /** Nothing is known of what was sent on a line that broke. */
  lineBroke(): void {
    for (const pending of this.#pending.values()) pending.sent = false;
  }

  transmit(): void {
    for (const [id, pending] of this.#pending) {
      if (pending.sent) continue;
      const { threadId, kbIds } = this.#options.target(pending.key);
      const where =
        threadId === undefined ? (kbIds.length > 0 ? { kb_ids: [...kbIds] } : {}) : { thread_id: threadId };
      pending.sent = this.#options.send({
        type: 'user_message',
        message: pending.text,
        client_message_id: id,
        ...where,
      });
    }
    clearTimeout(this.#timer);
    if (this.#pending.size === 0) return;
    this.#timer = setTimeout(() => {
      this.lineBroke();
      this.transmit();
    }, this.#options.patienceMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
