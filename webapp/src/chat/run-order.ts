// Sees to it that every frame of a run counts once and in order of `seq`, whatever the line did to them.

interface Run {
  /** The conversation that it answers in. */
  key: string;
  lastSeq: number;
  /** Set while the server owes a replay; another one is asked for only when that came to nothing. */
  waiting: ReturnType<typeof setTimeout> | undefined;
}

interface RunOrderOptions {
  /** Asks the server for all that came after `after`, and for what comes live then. */
  askAfter: (runId: string, after: number) => void;
  /** Called when nothing came of that in time. */
  onSilence: (runId: string) => void;
  patienceMs: number;
}

const keptFinished = 200;

export class RunOrder {
  readonly #options: RunOrderOptions;
  readonly #runs = new Map<string, Run>();
  readonly #finished = new Set<string>();

  constructor(options: RunOrderOptions) {
    this.#options = options;
  }

  begin(runId: string, key: string): void {
    this.#runs.set(runId, { key, lastSeq: 0, waiting: undefined });
  }

  /** Late frames of a finished run are dropped. */
  finish(runId: string): void {
    clearTimeout(this.#runs.get(runId)?.waiting);
    this.#runs.delete(runId);
    this.#finished.add(runId);
    for (const oldest of this.#finished) {
      if (this.#finished.size <= keptFinished) break;
      this.#finished.delete(oldest);
    }
  }

  isFinished(runId: string): boolean {
    return this.#finished.has(runId);
  }

  keyOf(runId: string): string | undefined {
    return this.#runs.get(runId)?.key;
  }

  lastSeq(runId: string): number {
    return this.#runs.get(runId)?.lastSeq ?? 0;
  }

  /** The runs under way, all or those of one conversation. */
  live(key?: string): string[] {
    return [...this.#runs].filter(([, run]) => key === undefined || run.key === key).map(([runId]) => runId);
  }

  /** Whether the frame is the next one. After a gap it is not: the missing ones are asked for, and it comes again. */
  takes(runId: string, seq: number | undefined): boolean {
    const run = this.#runs.get(runId);
    if (!run) return false;
    if (seq === undefined) return true;
    if (seq <= run.lastSeq) return false;
    if (seq > run.lastSeq + 1) {
      if (run.waiting === undefined) this.resume(runId);
      return false;
    }
    run.lastSeq = seq;
    return true;
  }

  resume(runId: string): void {
    const run = this.#runs.get(runId);
    if (!run) return;
    clearTimeout(run.waiting);
    const after = run.lastSeq;
    run.waiting = setTimeout(() => {
      run.waiting = undefined;
      if (run.lastSeq === after) this.#options.onSilence(runId);
    }, this.#options.patienceMs);
    this.#options.askAfter(runId, after);
  }

  close(): void {
    for (const run of this.#runs.values()) clearTimeout(run.waiting);
  }
}
