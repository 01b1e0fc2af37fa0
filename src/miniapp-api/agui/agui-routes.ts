// The AG-UI protocol over server-sent events. https://docs.ag-ui.com
import { EventType, type RunAgentInput, type RunErrorEvent } from '@ag-ui/core';
import { AgentCapabilitiesSchema, PROTOCOL_VERSION } from '@ag-ui/core/schemas';
import { z } from 'zod';
import type { Agent } from '#shared/agents/agent.ts';
import type { FollowedEvent } from '#shared/conversations/run.ts';
import { AppError } from '#shared/errors.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Agents, Runs } from '#shared/services.ts';
import type { ApiContext } from '../http/context.ts';
import { HttpFailure } from '../http/errors.ts';
import { ownId } from '../http/ids.ts';
import { defineRoute, type Route } from '../http/route.ts';
import { type EventStream, openEventStream } from '../http/sse.ts';
import { version } from '../http/version.ts';
import type { RunNews } from '../socket/run-news.ts';
import { type AguiView, aguiView, seenEvents } from './agui-events.ts';
import { endsWithConnection, questionOf, runInput } from './run-input.ts';

const tag = 'ag-ui';
const capabilities = AgentCapabilitiesSchema.meta({ id: 'AgentCapabilities' });
const byAgent = z.object({ agent_id: z.string().max(100) });
/** How long a resumed run may keep quiet before the stream is opened without knowing whether there is more. */
const peekMs = 500;

export interface AguiOptions {
  agents: Agents;
  runs: Runs;
  news: RunNews;
  logger: Logger;
  heartbeatMs: number;
  /** Aborted when the process gives up its streams. */
  stop: AbortSignal;
}

export function aguiRoutes(options: AguiOptions): Route[] {
  return (['/api/agent', '/api/copilotkit'] as const).flatMap((base) => routesUnder(base, options));
}

function routesUnder(base: '/api/agent' | '/api/copilotkit', options: AguiOptions): Route[] {
  const find = (id: string) => agentOf(options.agents, id);
  const about = { method: 'get', tag, permission: 'public', limit: 'none', params: byAgent } as const;
  return [
    defineRoute({
      method: 'post',
      path: `${base}/{agent_id}`,
      tag,
      summary:
        'Runs an agent and streams AG-UI events; with Last-Event-ID (or ?after=) it replays what was missed',
      permission: 'chat:ephemeral',
      limit: 'chat',
      params: byAgent,
      query: z.object({ after: z.coerce.number().int().min(0).optional() }),
      body: runInput,
      answer: { contentType: 'text/event-stream', description: 'AG-UI events' },
      handler: ({ caller, params, query, body, ctx }) =>
        runAgent({ ctx, caller, agent: find(params.agent_id), body, after: query.after }, options),
    }),
    defineRoute({
      ...about,
      path: `${base}/{agent_id}/info`,
      summary: 'Name and description of an agent',
      answer: z.object({
        id: z.string(),
        name: z.string(),
        description: z.string(),
        icon: z.string(),
        version: z.string(),
        protocol: z.string(),
      }),
      handler: async ({ caller, params }) => {
        const { id, name, description, icon } = find(params.agent_id).describe(caller.language);
        return { id, name, description, icon, version, protocol: PROTOCOL_VERSION };
      },
    }),
    defineRoute({
      ...about,
      path: `${base}/{agent_id}/health`,
      summary: 'Whether an agent can be asked',
      answer: z.object({ status: z.literal('healthy'), agent: z.string(), version: z.string() }),
      handler: async ({ params }) => ({
        status: 'healthy' as const,
        agent: find(params.agent_id).id,
        version,
      }),
    }),
    defineRoute({
      ...about,
      path: `${base}/{agent_id}/capabilities`,
      summary: 'What an agent can do, in the terms of AG-UI',
      answer: capabilities,
      handler: async ({ caller, params }) => {
        const { name, description } = find(params.agent_id).describe(caller.language);
        return {
          identity: { name, description, version },
          transport: { streaming: true, resumable: true },
          tools: { supported: true, clientProvided: true },
          state: { snapshots: true },
        };
      },
    }),
  ];
}

async function runAgent({ ctx, caller, agent, body, after }: Asked, options: AguiOptions): Promise<void> {
  // The schema's output is the protocol's type, up to how optional fields are spelt.
  const input = body as RunAgentInput;
  const view = aguiView({ threadId: input.threadId, runId: input.runId }, input.state);
  const runId = ownId(caller, 'run', input.runId);
  const seen = after ?? seenOf(ctx, input);
  if (seen !== undefined) {
    await replay({ ctx, caller, input, view, runId, seen }, options);
    return;
  }
  const started = await options.runs.start({
    caller,
    text: questionOf(input),
    agentId: agent.id,
    createThreadId: ownId(caller, 'thread', input.threadId),
    runId,
    clientMessageId: `ag-ui:${runId}`,
    clientTools: input.tools ?? [],
    clientMessages: input.messages,
  });
  const told = { ctx, caller, input, view, runId: started.runId, seen: 0 };
  if (started.status === 'duplicate') {
    await replay(told, options);
    return;
  }
  await options.news.tell(caller, started);
  const stream = openEventStream(ctx, options);
  pump(told, stream, options.runs.follow(caller, started.runId, 0, stream.signal), options);
}

interface Asked {
  ctx: ApiContext;
  caller: Caller;
  agent: Agent;
  body: z.output<typeof runInput>;
  /** Events that the client has; set when it resumes. */
  after: number | undefined;
}

interface Told {
  ctx: ApiContext;
  caller: Caller;
  input: RunAgentInput;
  view: AguiView;
  runId: string;
  /** Events that the client has. */
  seen: number;
}

function seenOf(ctx: ApiContext, input: RunAgentInput): number | undefined {
  const lastEventId = ctx.get('last-event-id');
  if (lastEventId === '') return undefined;
  const seen = seenEvents(lastEventId, input.runId);
  if (seen !== undefined) return seen;
  throw AppError.validation([{ path: 'Last-Event-ID', message: 'expected <runId>:<number> of this run' }]);
}

/**
 * Goes on with a run that was begun before. Looks at its next event before anything is sent, so that a refusal has a
 * status: 404 for a foreign run, 204 when it is over and seen, 410 when what was missed is not kept any more.
 */
async function replay(told: Told, options: AguiOptions): Promise<void> {
  const { ctx, caller, view, runId, seen } = told;
  const looking = new AbortController();
  const events = options.runs.follow(caller, runId, view.logPosition(seen), looking.signal);
  const first = events.next();
  const found = await Promise.race([first, pause(peekMs)]).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'CONFLICT') throw HttpFailure.gone(error.message);
    throw error;
  });
  if (found?.done === true) {
    ctx.status = 204;
    return;
  }
  const stream = openEventStream(ctx, options);
  stream.signal.addEventListener('abort', () => looking.abort(), { once: true });
  if (stream.signal.aborted) looking.abort();
  pump(told, stream, chain(first, events), options);
}

/** Writes the events as fast as the client takes them. Runs on after the handler; the log is the buffer. */
function pump(
  { caller, input, view, runId, seen }: Told,
  stream: EventStream,
  events: AsyncIterable<FollowedEvent>,
  { runs, logger, stop }: AguiOptions,
): void {
  let complete = false;
  const write = async () => {
    for await (const followed of events) {
      for (const { seq, event } of view.events(followed, seen)) {
        await stream.send({ id: `${input.runId}:${seq}`, data: JSON.stringify(event) });
      }
      if (stream.signal.aborted) return;
    }
    complete = !stream.signal.aborted;
  };
  const tellFailure = async (error: unknown) => {
    logger.error({ error, run_id: runId }, 'reading a run for its client failed');
    // Nothing more will come. After other failures the client may resume, so the stream only breaks off.
    if (!(error instanceof AppError)) return;
    const last: RunErrorEvent = { type: EventType.RUN_ERROR, code: error.code, message: error.message };
    await stream.send({ data: JSON.stringify(last) });
  };
  const finish = async () => {
    stream.end();
    if (!complete && !stop.aborted && endsWithConnection(input)) await runs.cancel(caller, runId);
  };
  write()
    .catch(tellFailure)
    .then(finish)
    .catch((error: unknown) => logger.warn({ error, run_id: runId }, 'ending a run with its client failed'));
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

function agentOf(agents: Agents, id: string): Agent {
  // The protocol's name of whatever answers by default.
  const agent = agents.find(id) ?? (id === 'assistant' ? agents.find(agents.defaultId) : undefined);
  if (!agent) throw AppError.notFound('agent');
  return agent;
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ms).unref();
  });
}
