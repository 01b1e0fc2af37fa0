import type { Database } from '../database/database.ts';

interface Count {
  searches: number;
  answered: number;
}

export interface SearchStatisticsOptions {
  /** Milliseconds after the first search until the counts are written. @default 1000 */
  delayMs?: number;
  /** Told when counts could not be written; they are kept for the next time. */
  onError?: (error: unknown) => void;
}

/** Bases that are counted between two writings; more wait for no one: their counts are dropped. */
const maxBases = 10_000;

/** Counts searches a base and a day in memory and writes them together, so that no answer waits for it. */
export class SearchStatistics {
  readonly #database: Database;
  readonly #delayMs: number;
  readonly #onError: (error: unknown) => void;
  #counts = new Map<string, Count>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(database: Database, options: SearchStatisticsOptions = {}) {
    this.#database = database;
    this.#delayMs = options.delayMs ?? 1_000;
    this.#onError = options.onError ?? (() => undefined);
  }

  /** @param answered the bases in which something was found */
  count(searched: readonly string[], answered: ReadonlySet<string>): void {
    for (const kbId of searched) this.#add(kbId, 1, answered.has(kbId) ? 1 : 0);
    this.#schedule();
  }

  /** Writes what was counted so far. Call it before the database is closed. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  #schedule(): void {
    if (this.#timer || this.#counts.size === 0) return;
    this.#timer = setTimeout(() => void this.flush(), this.#delayMs);
    this.#timer.unref();
  }

  #add(kbId: string, searches: number, answered: number): void {
    const count = this.#counts.get(kbId);
    if (count) {
      count.searches += searches;
      count.answered += answered;
    } else if (this.#counts.size < maxBases) {
      this.#counts.set(kbId, { searches, answered });
    }
  }

  async #write(): Promise<void> {
    const counts = [...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (counts.length === 0) return;
    this.#counts = new Map();
    const columns = [
      counts.map(([kbId]) => kbId),
      counts.map(([, count]) => count.searches),
      counts.map(([, count]) => count.answered),
    ];
    const counted = 'unnest($1::uuid[], $2::int[], $3::int[]) as n(kb_id, searches, answered)';
    try {
      await this.#database.transaction(async () => {
        await this.#database.query(
          `insert into knowledge_search_days (kb_id, day, searches, answered)
           select kb_id, current_date, searches, answered from ${counted}
           on conflict (kb_id, day) do update set
             searches = knowledge_search_days.searches + excluded.searches,
             answered = knowledge_search_days.answered + excluded.answered`,
          columns,
        );
        await this.#database.query(
          `update knowledge_bases kb set search_count = kb.search_count + n.searches
           from ${counted} where kb.id = n.kb_id`,
          columns,
        );
      });
    } catch (error) {
      for (const [kbId, count] of counts) this.#add(kbId, count.searches, count.answered);
      this.#onError(error);
    }
  }
}
