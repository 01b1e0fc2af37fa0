// Where the conversations plugin keeps its dialogues, so that a form goes on after a restart.
import type { ConversationData, VersionedState, VersionedStateStorage } from '@grammyjs/conversations';
import type { Context } from 'grammy';
import type { Database } from '#shared/database/database.ts';
import { DialogueEntity } from './entities.ts';

/** Milliseconds after which an unanswered dialogue is over. */
export const dialogueLife = 24 * 3600 * 1000;

type Stored = VersionedState<ConversationData>;

export class DialogueStorage implements VersionedStateStorage<Context, ConversationData> {
  readonly #db: Database;
  readonly #repeated = new WeakSet<Context>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Only for updates that have a chat and a user: without them everybody would share one dialogue. */
  async read(ctx: Context): Promise<Stored | undefined> {
    const row = await this.#db.em.findOne(DialogueEntity, { key: keyOf(ctx) });
    if (!row || Date.now() - row.updatedAt.getTime() > dialogueLife) return undefined;
    if (row.lastUpdateId === ctx.update.update_id) this.#repeated.add(ctx);
    return (row.state as Stored | null) ?? undefined;
  }

  write(ctx: Context, state: Stored): Promise<void> {
    return this.#put(ctx, state);
  }

  /** The row stays for a while: it says which update was the last one. */
  delete(ctx: Context): Promise<void> {
    return this.#put(ctx, null);
  }

  /**
   * Whether this very update was taken by a dialogue before, and the process died before that was recorded. Known
   * once the state was read for it.
   */
  isRepeated(ctx: Context): boolean {
    return this.#repeated.has(ctx);
  }

  /** Dialogues that nobody will go on with. Run it now and then. */
  async forgetOld(): Promise<void> {
    const before = new Date(Date.now() - 2 * dialogueLife);
    await this.#db.em.nativeDelete(DialogueEntity, { updatedAt: { $lt: before } });
  }

  async #put(ctx: Context, state: Stored | null): Promise<void> {
    await this.#db.em.upsert(DialogueEntity, {
      key: keyOf(ctx),
      state,
      lastUpdateId: ctx.update.update_id,
      updatedAt: new Date(),
    });
  }
}

/** By person and topic as well: in a group, somebody else's message must not answer the question. */
export function keyOf(ctx: Context): string {
  const { chat, from, msg } = ctx;
  if (!chat || !from) throw new Error('A dialogue needs a chat and a user');
  const topic = msg?.is_topic_message ? (msg.message_thread_id ?? 0) : 0;
  return `${chat.id}:${from.id}:${topic}`;
}
