// One run from its first to its terminal event: asks the agent, writes the log, keeps checkpoints, records the end.
import { EventType } from '@ag-ui/core';
import type { Agent, AgentEvent, AgentTask } from '../agents/agent.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { Answer, maxAnswerLength } from './answer.ts';
import type { Run, RunUsage } from './entities.ts';
import { LogWriter } from './log-writer.ts';
import type { RunEvent } from './run.ts';
import type { RunLog } from './run-log.ts';
import type { EndRun, RunRecords } from './run-records.ts';
import { SpanTracker } from './span-tracker.ts';

/** Why a run is cut off: somebody pressed Stop, the process shuts down, or it took too long. */
export type CutReason = 'stopped' | 'shutdown' | 'deadline';

const checkpointMs = 300;
/** An agent that does not react to the abort within this time is left alone. */
const abandonMs = 2_000;

export interface Execution {
  run: Run;
  agent: Agent;
  /** Made when the run's turn comes, so that it sees the answers before it. */
  prepare: () => Promise<Omit<AgentTask, 'signal' | 'reportUsage'>>;
  /** Aborted with a `CutReason` as its reason. */
  signal: AbortSignal;
  emojiOf: (toolName: string) => string;
}

export async function execute(
  execution: Execution,
  { log, records, logger, metrics }: { log: RunLog; records: RunRecords; logger: Logger; metrics: Metrics },
): Promise<void> {
  const { run, agent, signal } = execution;
  const answer = new Answer(execution.emojiOf);
  const spans = new SpanTracker();
  const writer = new LogWriter(log, run.id);
  const started = performance.now();
  let usage: RunUsage | null = null;
  let firstToken = true;
  const checkpoints = new Checkpoints(() => records.checkpoint(run, answer), logger);

  const handle = async (event: AgentEvent): Promise<void> => {
    if (!spans.accept(event)) {
      logger.warn({ event: event.type, agent: agent.id }, 'agent broke the order of events; event dropped');
      return;
    }
    if (firstToken && event.type === EventType.TEXT_MESSAGE_CONTENT) {
      firstToken = false;
      metrics.firstToken.observe({ agent: agent.id }, (performance.now() - started) / 1000);
    }
    await writer.write(event);
    if (answer.add(event)) checkpoints.schedule();
    if (answer.content.length > maxAnswerLength) {
      throw new AppError('UPSTREAM_UNAVAILABLE', 'The answer became too long and was cut off.');
    }
  };

  let failure: unknown;
  try {
    await writer.write({
      type: EventType.RUN_STARTED,
      threadId: run.threadId,
      runId: run.id,
      timestamp: Date.now(),
    });
    if (!signal.aborted) {
      const task = await execution.prepare();
      const events = agent.run({ ...task, signal, reportUsage: (value) => void (usage = value) });
      for await (const event of untilAborted(events, signal)) await handle(event);
    }
  } catch (error) {
    if (!signal.aborted) failure = error;
  }
  await checkpoints.stop();

  const end = outcome(signal, failure, answer, usage);
  if (failure !== undefined) {
    logger.error({ error: failure, agent: agent.id, thread_id: run.threadId }, 'run failed');
  }
  await records.end(run, end);
  metrics.runs.inc({ agent: agent.id, status: end.status });
  const closing: RunEvent[] = [...spans.close(), terminalEvent(run, end, failure)];
  for (const event of closing) await writer.write(event);
  await writer.flush();
}

function outcome(signal: AbortSignal, failure: unknown, answer: Answer, usage: RunUsage | null): EndRun {
  if (signal.aborted) {
    const stopped = signal.reason === 'stopped';
    return {
      status: stopped ? 'stopped' : 'partial',
      errorCode: stopped ? null : 'INTERRUPTED',
      answer,
      usage,
    };
  }
  if (failure === undefined) return { status: 'complete', errorCode: null, answer, usage };
  const errorCode = failure instanceof AppError ? failure.code : 'INTERNAL_ERROR';
  return { status: answer.content === '' ? 'failed' : 'partial', errorCode, answer, usage };
}

/** The event that ends the log of a run which ended like this. */
export function terminalEvent(
  run: Pick<Run, 'id' | 'threadId'>,
  end: Pick<EndRun, 'status' | 'errorCode' | 'usage'>,
  failure?: unknown,
): RunEvent {
  const usage = end.usage
    ? { usage: [{ ...end.usage, totalTokens: end.usage.inputTokens + end.usage.outputTokens }] }
    : {};
  if (end.status === 'complete' || end.status === 'stopped') {
    return {
      type: EventType.RUN_FINISHED,
      threadId: run.threadId,
      runId: run.id,
      outcome: { type: end.status === 'complete' ? 'success' : 'cancelled' },
      timestamp: Date.now(),
      ...usage,
    };
  }
  return {
    type: EventType.RUN_ERROR,
    code: end.errorCode ?? 'INTERNAL_ERROR',
    message:
      failure instanceof AppError
        ? failure.message
        : end.errorCode === 'INTERRUPTED'
          ? 'The answer was interrupted.'
          : 'Something went wrong while answering.',
    timestamp: Date.now(),
    ...usage,
  };
}

/** Ends with the abort, also when the agent does not; then its generator is told and left alone. */
async function* untilAborted<T>(events: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = events[Symbol.asyncIterator]();
  const { promise: abandoned, resolve: abandon } = Promise.withResolvers<'abandoned'>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => abandon('abandoned'), abandonMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), abandoned]);
      if (next === 'abandoned' || next.done === true) return;
      if (signal.aborted) return;
      yield next.value;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    // Not awaited: a generator that hangs inside would hang its end, too.
    iterator.return?.().then(undefined, () => undefined);
  }
}

/** At most one checkpoint per interval, never two at once, none after `stop`. */
class Checkpoints {
  readonly #save: () => Promise<void>;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(save: () => Promise<void>, logger: Logger) {
    this.#save = save;
    this.#logger = logger;
  }

  schedule(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#saving = this.#run();
    }, checkpointMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#saving;
  }

  async #run(): Promise<void> {
    try {
      await this.#save();
    } catch (error) {
      this.#logger.warn({ error }, 'checkpoint of an answer failed; the next one may succeed');
    }
    // Only now may the next one be scheduled: a slow database gets fewer, not more at once.
    this.#timer = undefined;
  }
}
