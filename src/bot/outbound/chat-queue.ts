import type { CallKind, Lane } from './call-kind.ts';
import { lanes } from './call-kind.ts';
import type { OutboundLimits } from './limits.ts';

/** A call that waits for its turn. */
export interface Job {
  lane: Lane;
  kind: CallKind;
  /** Previews with the same key replace each other. */
  previewKey: string;
  since: number;
  /** How often it was written or tried in vain. */
  attempts: number;
  limited: number;
  /** Ends it without a write. */
  refuse(reason: 'dropped' | 'full' | 'closed'): void;
  run(queue: ChatQueue): Promise<void>;
}

/** What waits for one chat, and what was sent there lately. One call at a time, so that messages keep their order. */
export class ChatQueue {
  readonly chatId: number;
  inFlight = false;
  /** Milliseconds since 1970. */
  pausedUntil = 0;
  readonly #limits: OutboundLimits;
  readonly #waiting = new Map<Lane, Job[]>(lanes.map((lane) => [lane, []]));
  readonly #sent: { message: number[]; edit: number[] } = { message: [], edit: [] };

  constructor(chatId: number, limits: OutboundLimits) {
    this.chatId = chatId;
    this.#limits = limits;
  }

  get size(): number {
    let size = 0;
    for (const jobs of this.#waiting.values()) size += jobs.length;
    return size;
  }

  get head(): Job | undefined {
    for (const jobs of this.#waiting.values()) if (jobs[0]) return jobs[0];
    return undefined;
  }

  push(job: Job): void {
    this.#of(job.lane).push(job);
  }

  /** Back to the front, where it was. */
  putBack(job: Job): void {
    this.#of(job.lane).unshift(job);
  }

  /** False when it does not wait any more. */
  take(job: Job): boolean {
    const jobs = this.#of(job.lane);
    const at = jobs.indexOf(job);
    if (at >= 0) jobs.splice(at, 1);
    return at >= 0;
  }

  /** The waiting preview that a newer one replaces. */
  replaced(key: string): Job | undefined {
    const found = this.#of('preview').find((job) => job.previewKey === key);
    if (found) this.take(found);
    return found;
  }

  drain(taken: readonly Lane[]): Job[] {
    return taken.flatMap((lane) => this.#of(lane).splice(0));
  }

  /** When this job's turn can come, as far as its chat is concerned. Milliseconds since 1970. */
  readyAt(job: Job, now: number): number {
    return Math.max(this.pausedUntil, this.#budgetAt(job, now));
  }

  count(job: Job, now: number): void {
    if (job.kind === 'message' || job.kind === 'edit') this.#sent[job.kind].push(now);
  }

  /** Nothing waits and nothing needs to be remembered. */
  isIdle(now: number): boolean {
    this.#forget(now);
    const quiet = this.#sent.message.length === 0 && this.#sent.edit.length === 0;
    return !this.inFlight && quiet && this.pausedUntil <= now && this.size === 0;
  }

  #budgetAt(job: Job, now: number): number {
    if (job.kind !== 'message' && job.kind !== 'edit') return 0;
    this.#forget(now);
    const sent = this.#sent[job.kind];
    const most = this.#limits.perChat[this.chatId < 0 ? 'group' : 'private'];
    const count = most.count - (job.lane === 'final' || job.lane === 'callback' ? 0 : most.keptForFinals);
    const oldest = sent[sent.length - count];
    return oldest === undefined ? 0 : oldest + most.windowMs;
  }

  #forget(now: number): void {
    const { windowMs } = this.#limits.perChat[this.chatId < 0 ? 'group' : 'private'];
    for (const sent of [this.#sent.message, this.#sent.edit]) {
      while ((sent[0] ?? now) <= now - windowMs) sent.shift();
    }
  }

  #of(lane: Lane): Job[] {
    return this.#waiting.get(lane) ?? [];
  }
}

/** Previews and typing may be left out; nothing else may. */
export function isPassing({ lane }: Job): boolean {
  return lane === 'preview' || lane === 'typing';
}

export function isBefore(a: Job, b: Job): boolean {
  const [first, second] = [lanes.indexOf(a.lane), lanes.indexOf(b.lane)];
  return first === second ? a.since < b.since : first < second;
}
