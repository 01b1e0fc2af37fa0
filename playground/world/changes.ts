// What happens in the world, told to the open pages and to those who wait for something.
import type { ReactionType } from 'grammy/types';
import type { Draft, Typing } from './live.ts';
import type { MessageRecord } from './state.ts';

export type Change =
  | { type: 'message' | 'edited'; chat: number; record: MessageRecord }
  | { type: 'deleted'; chat: number; message_id: number }
  | {
      type: 'reactions';
      chat: number;
      message_id: number;
      reactions: { user: number; reaction: ReactionType }[];
    }
  | { type: 'draft'; chat: number; draft: Draft }
  | { type: 'draft_gone'; chat: number; draft_id: number }
  | { type: 'typing'; chat: number; typing: Typing }
  | { type: 'answer'; person: number; query: string; text: string; alert: boolean; url: string }
  /** A chat, its members, its topics, the commands or the menu changed: read it again. */
  | { type: 'chat'; chat?: number }
  | { type: 'people' }
  /** The bot called a method; the outbox, the limits and the faults may have changed. */
  | { type: 'call' }
  | { type: 'update' };

export class Changes {
  readonly #listeners = new Set<(change: Change) => void>();

  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}
