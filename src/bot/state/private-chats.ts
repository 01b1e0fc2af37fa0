import type { Database } from '#shared/database/database.ts';
import { type PrivateChat, PrivateChatEntity } from './entities.ts';

type Changes = Partial<Pick<PrivateChat, 'threadId' | 'reachable' | 'welcomedAt' | 'searchKbIds'>>;

/** What the bot knows of each person's private chat with it. */
export class PrivateChats {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Undefined for somebody who never wrote to the bot privately. */
  async find(personId: string): Promise<PrivateChat | undefined> {
    return (await this.#db.em.findOne(PrivateChatEntity, { personId })) ?? undefined;
  }

  async isReachable(personId: string): Promise<boolean> {
    return (await this.find(personId))?.reachable ?? false;
  }

  /** The person did something in the private chat, so the bot may write there. */
  async seen(personId: string): Promise<PrivateChat> {
    const known = await this.find(personId);
    return known?.reachable ? known : this.change(personId, { reachable: true });
  }

  /** Makes the row when there is none. */
  async change(personId: string, changes: Changes): Promise<PrivateChat> {
    const known = await this.find(personId);
    const next: PrivateChat = {
      personId,
      threadId: null,
      reachable: false,
      welcomedAt: null,
      searchKbIds: [],
      ...known,
      ...changes,
      updatedAt: new Date(),
    };
    await this.#db.em.upsert(PrivateChatEntity, next, {
      onConflictFields: ['personId'],
      onConflictMergeFields: ['updatedAt', ...(Object.keys(changes) as (keyof Changes)[])],
    });
    return next;
  }
}
