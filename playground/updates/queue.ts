// Updates that wait for the bot. Ids only grow, also over restarts; nothing is forgotten until it is confirmed.
import type { Update } from 'grammy/types';
import type { Changes } from '../world/changes.ts';
import type { UpdateKind, WorldState } from '../world/state.ts';

/** Telegram sends these only to bots that ask for them. */
const ON_REQUEST: ReadonlySet<UpdateKind> = new Set([
  'chat_member',
  'message_reaction',
  'message_reaction_count',
]);
const MAX_PENDING = 10_000;

export class UpdateQueue {
  readonly #state: WorldState;
  readonly #changes: Changes;
  #wake = new Set<() => void>();

  constructor(state: WorldState, changes: Changes) {
    this.#state = state;
    this.#changes = changes;
  }

  get pending(): readonly Update[] {
    return this.#state.pending;
  }

  /** Drops kinds which the bot did not ask for when it set its allowed_updates. */
  push<K extends UpdateKind>(kind: K, payload: NonNullable<Update[K]>): void {
    const allowed = this.#state.allowedUpdates;
    if (allowed ? !allowed.includes(kind) : ON_REQUEST.has(kind)) return;
    // What the bot gets is what was true now, not what the stored message becomes later.
    const frozen = structuredClone(payload);
    const update: Update = { update_id: this.#state.nextUpdateId, [kind]: frozen };
    this.#state.nextUpdateId += 1;
    this.#state.pending.push(update);
    if (this.#state.pending.length > MAX_PENDING) this.#state.pending.shift();
    for (const wake of this.#wake) wake();
    this.#changes.tell({ type: 'update' });
  }

  /** An empty list means the default, as in the Bot API. */
  allow(kinds: UpdateKind[]): void {
    this.#state.allowedUpdates = kinds.length > 0 ? kinds : null;
    this.#changes.tell({ type: 'update' });
  }

  /** Forgets all updates below the offset; a negative one keeps only that many from the end. */
  confirm(offset: number): void {
    const { pending } = this.#state;
    if (offset < 0) this.#state.pending = pending.slice(offset);
    else this.#state.pending = pending.filter((update) => update.update_id >= offset);
    this.#changes.tell({ type: 'update' });
  }

  remove(updateId: number): void {
    this.#state.pending = this.#state.pending.filter((update) => update.update_id !== updateId);
    this.#changes.tell({ type: 'update' });
  }

  clear(): void {
    this.#state.pending = [];
  }

  onPush(wake: () => void): () => void {
    this.#wake.add(wake);
    return () => this.#wake.delete(wake);
  }
}
