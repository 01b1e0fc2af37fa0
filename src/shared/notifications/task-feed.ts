import type { PersonFeed, TaskChange } from '../services.ts';
import type { SessionStore } from '../session-store/session-store.ts';

/** Live changes of tasks for the people whom they concern. What must not be missed is in the database. */
export class TaskFeed implements PersonFeed {
  readonly #store: SessionStore;

  constructor(store: SessionStore) {
    this.#store = store;
  }

  async publish(change: TaskChange, personIds: readonly string[]): Promise<void> {
    const message = JSON.stringify(change);
    await Promise.all(personIds.map((personId) => this.#store.publish(channelOf(personId), message)));
  }

  subscribe(personId: string, listener: (change: TaskChange) => void): Promise<() => Promise<void>> {
    return this.#store.subscribe(channelOf(personId), (message) =>
      listener(JSON.parse(message) as TaskChange),
    );
  }
}

function channelOf(personId: string): string {
  return `tasks:${personId}`;
}
