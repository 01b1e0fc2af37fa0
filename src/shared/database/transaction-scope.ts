import type { EntityManager } from '@mikro-orm/postgresql';

/** A running transaction, as the code that runs inside of it finds it through its async context. */
export class TransactionScope {
  readonly em: EntityManager;
  readonly afterCommit: (() => void | Promise<void>)[] = [];
  /** False once the work ended: what outlives it must not find the manager any more. */
  open = true;
  /** The error of a joined part: whatever the rest does, nothing is committed. */
  doom: { cause: unknown } | undefined;

  constructor(em: EntityManager) {
    this.em = em;
  }
}
