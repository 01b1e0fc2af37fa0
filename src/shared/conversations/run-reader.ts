// Reads runs for whoever may see them: from the log while it is there, from the database when it is not any more.
import { EventType } from '@ag-ui/core';
import { sourcesEventName } from '../agents/agent.ts';
import { AppError } from '../errors.ts';
import type { Run } from './entities.ts';
import { type FollowedEvent, isTerminal, type RunEvent } from './run.ts';
import { terminalEvent } from './run-execution.ts';
import type { RunLog } from './run-log.ts';
import type { RunRecords } from './run-records.ts';

/** Milliseconds without an event after which the database is asked whether the run has ended. */
const quietMs = 3_000;

export class RunReader {
  readonly #log: RunLog;
  readonly #records: RunRecords;

  constructor(log: RunLog, records: RunRecords) {
    this.#log = log;
    this.#records = records;
  }

  /** The events after `after` and then the live ones, until the terminal event or the abort. */
  async *follow(run: Run, after: number, signal: AbortSignal): AsyncGenerator<FollowedEvent> {
    const tail = await this.#log.tail(run.id);
    if (run.status !== 'running' && tail.last === 0) {
      yield* this.#rebuild(run, after);
      return;
    }
    if (tail.ended && after >= tail.last) return;

    const watch = new QuietWatch(() => this.#hasEnded(run.id));
    const events = this.#log.follow(run.id, after, AbortSignal.any([signal, watch.signal]));
    let last = after;
    try {
      for await (const followed of events) {
        last = followed.seq;
        watch.pause();
        yield followed;
        watch.resume();
        if (isTerminal(followed.event)) return;
      }
    } finally {
      watch.end();
    }
    if (signal.aborted) return;
    // The log ends with the terminal event. It was lost with its store, but the database knows the end as well.
    const ended = await this.#records.find(run.id);
    yield { seq: last + 1, event: terminalOf(ended ?? run) };
  }

  /** False as well while the database cannot tell. */
  async #hasEnded(runId: string): Promise<boolean> {
    const run = await this.#records.find(runId).catch(() => undefined);
    return run !== undefined && run.status !== 'running';
  }

  /** The events of a run that is over and whose log is gone, from what was recorded. */
  async *#rebuild(run: Run, after: number): AsyncGenerator<FollowedEvent> {
    if (after > 0) {
      throw AppError.conflict('This part of the stream is not kept any more. Read the messages instead.', {
        run_id: run.id,
        after,
      });
    }
    const answer = await this.#records.answerOf(run);
    const messageId = run.assistantMessageId;
    const events: RunEvent[] = [
      { type: EventType.RUN_STARTED, threadId: run.threadId, runId: run.id },
      ...(answer?.content
        ? [
            { type: EventType.TEXT_MESSAGE_START, messageId, role: 'assistant' } as const,
            { type: EventType.TEXT_MESSAGE_CONTENT, messageId, delta: answer.content } as const,
            { type: EventType.TEXT_MESSAGE_END, messageId } as const,
          ]
        : []),
      ...(answer?.sources.length
        ? [{ type: EventType.CUSTOM, name: sourcesEventName, value: answer.sources } as const]
        : []),
      terminalOf(run),
    ];
    for (const [index, event] of events.entries()) yield { seq: index + 1, event };
  }
}

/** The event that ends a run which ended as the database says. */
export function terminalOf(run: Run): RunEvent {
  const status = run.status === 'running' ? 'partial' : run.status;
  return terminalEvent(run, { status, errorCode: run.errorCode ?? null, usage: run.usage ?? null });
}

/**
 * Aborts its signal when nothing came for a while and the run is over. Only the time in which the log is waited for
 * counts: a reader that is slow to take an event must not lose those behind it.
 */
class QuietWatch {
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #waitingSince: number | undefined = Date.now();

  constructor(hasEnded: () => Promise<boolean>) {
    const look = async () => {
      if (this.#isQuiet() && (await hasEnded()) && this.#isQuiet()) this.#lost.abort();
    };
    this.#timer = setInterval(() => void look(), quietMs);
    this.#timer.unref();
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  pause(): void {
    this.#waitingSince = undefined;
  }

  resume(): void {
    this.#waitingSince = Date.now();
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #isQuiet(): boolean {
    return this.#waitingSince !== undefined && Date.now() - this.#waitingSince >= quietMs;
  }
}
