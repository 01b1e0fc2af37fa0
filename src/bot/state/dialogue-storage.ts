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

  constructor(db: Database) {
    this.#db = db;
  }

  /** Only for updates that have a chat and a user: without them everybody would share one dialogue. */
  async read(ctx: Context): Promise<Stored | undefined> {
    const row = await this.#db.em.findOne(DialogueEntity, { key: keyOf(ctx) });
    if (!row || Date.now() - row.updatedAt.getTime() > dialogueLife) return undefined;
    return row.state as Stored;
  }

  async write(ctx: Context, state: Stored): Promise<void> {
    await this.#db.em.upsert(DialogueEntity, {
      key: keyOf(ctx),
      state,
      lastUpdateId: ctx.update.update_id,
      updatedAt: new Date(),
    });
  }

  async delete(ctx: Context): Promise<void> {
    await this.#db.em.nativeDelete(DialogueEntity, { key: keyOf(ctx) });
  }

  /** Whether this very update was taken by a dialogue before: it comes again after a crash. */
  async wasHandled(ctx: Context): Promise<boolean> {
    const lastUpdateId = ctx.update.update_id;
    return (await this.#db.em.count(DialogueEntity, { key: keyOf(ctx), lastUpdateId })) > 0;
  }

  /** Dialogues that nobody will go on with. Run it now and then. */
  async forgetOld(): Promise<void> {
    const before = new Date(Date.now() - 2 * dialogueLife);
    await this.#db.em.nativeDelete(DialogueEntity, { updatedAt: { $lt: before } });
  }
}

/** By person and topic as well: in a group, somebody else's message must not answer the question. */
export function keyOf(ctx: Context): string {
  const { chat, from, msg } = ctx;
  if (!chat || !from) throw new Error('A dialogue needs a chat and a user');
  const topic = msg?.is_topic_message ? (msg.message_thread_id ?? 0) : 0;
  return `${chat.id}:${from.id}:${topic}`;
}
