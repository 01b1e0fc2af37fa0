// Runs whose answers are written by the test, event by event. They outlive the desk that reads them, as the real ones
// outlive a process.
import { type Event, EventType } from '@ag-ui/core';
import { sourcesEventName } from '#shared/agents/agent.ts';
import type { Source } from '#shared/contracts/threads.ts';
import type { FollowedEvent, RunEvent, StartedRun, StartRun } from '#shared/conversations/run.ts';
import { isTerminal } from '#shared/conversations/run.ts';
import { newId } from '#shared/database/id.ts';
import { AppError } from '#shared/errors.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { Runs } from '#shared/services.ts';

export class ScriptedRun {
  readonly runId = newId();
  readonly threadId: string;
  readonly messageId = newId();
  readonly question: StartRun;
  readonly events: RunEvent[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(question: StartRun) {
    this.question = question;
    this.threadId = question.threadId ?? newId();
  }

  get isOver(): boolean {
    const last = this.events.at(-1);
    return last !== undefined && isTerminal(last);
  }

  begin(): this {
    const { threadId, runId } = this;
    return this.#add({ type: EventType.RUN_STARTED, threadId, runId });
  }

  say(delta: string): this {
    return this.#add({ type: EventType.TEXT_MESSAGE_CONTENT, messageId: this.messageId, delta });
  }

  useTool(name: string, id = name): this {
    return this.#add({ type: EventType.TOOL_CALL_START, toolCallId: id, toolCallName: name });
  }

  toolDone(id: string, failed = false): this {
    return this.#add({
      type: EventType.TOOL_CALL_RESULT,
      messageId: newId(),
      toolCallId: id,
      content: '',
      ...(failed ? { metadata: { error: true } } : {}),
    });
  }

  cite(sources: Source[]): this {
    return this.#add({ type: EventType.CUSTOM, name: sourcesEventName, value: sources });
  }

  finish(outcome: 'success' | 'cancelled' = 'success'): this {
    const { threadId, runId } = this;
    return this.#add({ type: EventType.RUN_FINISHED, threadId, runId, outcome: { type: outcome } });
  }

  fail(code: string): this {
    return this.#add({ type: EventType.RUN_ERROR, code, message: 'The answer failed.' });
  }

  async *follow(after: number, signal: AbortSignal): AsyncGenerator<FollowedEvent> {
    for (let seq = after; !signal.aborted; ) {
      const event = this.events[seq];
      if (event) {
        seq += 1;
        yield { seq, event };
        if (isTerminal(event)) return;
      } else await this.#more(signal);
    }
  }

  async #more(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.add(resolve);
      signal.addEventListener('abort', () => resolve());
    });
  }

  #add(event: RunEvent & Event): this {
    this.events.push(event);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    return this;
  }
}

export class ScriptedRuns implements Runs {
  readonly all: ScriptedRun[] = [];
  /** Set to false to keep new runs waiting, as behind another run of their conversation. */
  beginsAtOnce = true;
  readonly #byKey = new Map<string, ScriptedRun>();

  get last(): ScriptedRun {
    const run = this.all.at(-1);
    if (!run) throw new Error('No run was started');
    return run;
  }

  async start(input: StartRun): Promise<StartedRun> {
    const key = input.clientMessageId ?? newId();
    const earlier = this.#byKey.get(key);
    const run = earlier ?? new ScriptedRun(input);
    if (!earlier) {
      this.all.push(run);
      if (this.beginsAtOnce) run.begin();
    }
    this.#byKey.set(key, run);
    return {
      status: earlier ? 'duplicate' : 'started',
      runId: run.runId,
      threadId: run.threadId,
      userMessageId: newId(),
      assistantMessageId: run.messageId,
    };
  }

  follow(_: Caller, runId: string, after: number, signal: AbortSignal): AsyncGenerator<FollowedEvent> {
    return this.#find(runId).follow(after, signal);
  }

  async cancel(_: Caller, runId: string): Promise<{ status: 'cancelling' | 'finished' }> {
    const run = this.#find(runId);
    if (run.isOver) return { status: 'finished' };
    run.finish('cancelled');
    return { status: 'cancelling' };
  }

  async active(_: Caller, threadId: string): Promise<string | undefined> {
    return this.all.findLast((run) => run.threadId === threadId && !run.isOver)?.runId;
  }

  #find(runId: string): ScriptedRun {
    const run = this.all.find((candidate) => candidate.runId === runId);
    if (!run) throw AppError.notFound('answer');
    return run;
  }
}
