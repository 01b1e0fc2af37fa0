// One run for one AG-UI client, whatever carries it: begun, or gone on with, then told event by event.
import { EventType, type RunAgentInput, type RunErrorEvent } from '@ag-ui/core';
import type { Agent } from '#shared/agents/agent.ts';
import type { FollowedEvent, RunEvent } from '#shared/conversations/run.ts';
import { AppError } from '#shared/errors.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Agents, Runs } from '#shared/services.ts';
import { HttpFailure } from '../http/errors.ts';
import { ownId } from '../http/ids.ts';
import type { RunNews } from '../socket/run-news.ts';
import { type AguiView, aguiView } from './agui-events.ts';
import { endsWithConnection, questionOf } from './run-input.ts';

/** How long a resumed run may keep quiet before it counts as going on. */
const peekMs = 500;

export interface Asked {
  caller: Caller;
  agent: Agent;
  input: RunAgentInput;
  /** Events that the client has; set when it resumes. */
  seen: number | undefined;
  /** Ends the reading, not the run. */
  signal: AbortSignal;
}

export interface OpenRun {
  caller: Caller;
  input: RunAgentInput;
  view: AguiView;
  runId: string;
  seen: number;
  events: AsyncIterable<FollowedEvent>;
}

interface Collaborators {
  runs: Runs;
  news: RunNews;
}

/**
 * Begins the run, or goes on with it when it was begun before. Then its next event is looked at first, so that a
 * refusal comes before anything is sent: 404 for a foreign run, 410 when what was missed is not kept any more.
 * `over`: there is nothing left to tell.
 */
export async function openRun(
  { caller, agent, input, seen, signal }: Asked,
  { runs, news }: Collaborators,
): Promise<{ status: 'open'; run: OpenRun } | { status: 'over' }> {
  const view = aguiView({ threadId: input.threadId, runId: input.runId }, input.state);
  const wantedId = ownId(caller, 'run', input.runId);
  if (seen !== undefined) {
    const events = await lookAhead(runs.follow(caller, wantedId, view.logPosition(seen), signal));
    return events
      ? { status: 'open', run: { caller, input, view, runId: wantedId, seen, events } }
      : { status: 'over' };
  }
  const started = await runs.start({
    caller,
    text: questionOf(input),
    agentId: agent.id,
    createThreadId: ownId(caller, 'thread', input.threadId),
    runId: wantedId,
    clientMessageId: `ag-ui:${wantedId}`,
    clientTools: input.tools ?? [],
    clientMessages: input.messages,
  });
  const { runId } = started;
  const following = runs.follow(caller, runId, 0, signal);
  if (started.status === 'started') await news.tell(caller, started);
  const events = started.status === 'started' ? following : await lookAhead(following);
  return events
    ? { status: 'open', run: { caller, input, view, runId, seen: 0, events } }
    : { status: 'over' };
}

/**
 * Tells the run's events at the pace of `send`; the log is the buffer. Ends with the run, or when `signal` aborts
 * because the client went away. Never rejects.
 */
export async function deliver(
  { caller, input, view, runId, seen, events }: OpenRun,
  send: (id: string | undefined, event: RunEvent) => Promise<void>,
  { runs, logger, signal, stop }: { runs: Runs; logger: Logger; signal: AbortSignal; stop: AbortSignal },
): Promise<void> {
  try {
    for await (const followed of events) {
      for (const { seq, event } of view.events(followed, seen)) {
        if (!signal.aborted) await send(`${input.runId}:${seq}`, event);
      }
      if (signal.aborted) break;
    }
  } catch (error) {
    logger.error({ error, run_id: runId }, 'reading a run for its client failed');
    // Nothing more will come. After other failures the client may resume, so the stream only breaks off.
    if (error instanceof AppError) await send(undefined, errorEvent(error));
  }
  if (!signal.aborted || stop.aborted || !endsWithConnection(input)) return;
  try {
    await runs.cancel(caller, runId);
  } catch (error) {
    logger.warn({ error, run_id: runId }, 'ending a run with its client failed');
  }
}

/** `assistant` is the protocol's name of whatever answers by default. */
export function findAgent(agents: Agents, id: string): Agent | undefined {
  return agents.find(id) ?? (id === 'assistant' ? agents.find(agents.defaultId) : undefined);
}

export function errorEvent(error: AppError): RunErrorEvent {
  return { type: EventType.RUN_ERROR, code: error.code, message: error.message };
}

async function lookAhead(
  events: AsyncGenerator<FollowedEvent>,
): Promise<AsyncIterable<FollowedEvent> | undefined> {
  const first = events.next();
  try {
    const found = await Promise.race([first, pause(peekMs)]);
    return found?.done === true ? undefined : chain(first, events);
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFLICT') throw HttpFailure.gone(error.message);
    throw error;
  }
}

async function* chain(
  first: Promise<IteratorResult<FollowedEvent>>,
  rest: AsyncGenerator<FollowedEvent>,
): AsyncGenerator<FollowedEvent> {
  const result = await first;
  if (result.done === true) return;
  yield result.value;
  yield* rest;
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ms).unref();
  });
}
