// A private chat shows one draft at a time, so of several answers in a chat one streams and the others wait.

export interface DraftTurn {
  isMine(): boolean;
  leave(): void;
}

export class DraftTurns {
  readonly #queues = new Map<string, (() => void)[]>();

  /** @param onTurn called when the turn comes later; not when it is there at once */
  enter(chat: string, onTurn: () => void): DraftTurn {
    const queue = this.#queues.get(chat) ?? [];
    this.#queues.set(chat, queue);
    queue.push(onTurn);
    return {
      isMine: () => queue[0] === onTurn,
      leave: () => {
        const at = queue.indexOf(onTurn);
        if (at < 0) return;
        queue.splice(at, 1);
        if (queue.length === 0) this.#queues.delete(chat);
        else if (at === 0) queue[0]?.();
      },
    };
  }
}
