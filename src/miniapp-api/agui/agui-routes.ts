// The AG-UI protocol over server-sent events. https://docs.ag-ui.com
import type { RunAgentInput } from '@ag-ui/core';
import { AgentCapabilitiesSchema, PROTOCOL_VERSION } from '@ag-ui/core/schemas';
import { z } from 'zod';
import type { Agent } from '#shared/agents/agent.ts';
import { AppError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Agents, Runs } from '#shared/services.ts';
import type { ApiContext } from '../http/context.ts';
import { defineRoute, type Route } from '../http/route.ts';
import { openEventStream } from '../http/sse.ts';
import { version } from '../http/version.ts';
import type { RunNews } from '../socket/run-news.ts';
import { seenEvents } from './agui-events.ts';
import { type Asked, deliver, findAgent, openRun } from './agui-run.ts';
import { runInput } from './run-input.ts';

const tag = 'ag-ui';
const capabilities = AgentCapabilitiesSchema.meta({ id: 'AgentCapabilities' });
const byAgent = z.object({ agent_id: z.string().max(100) });
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
        streamRun(
          ctx,
          {
            caller,
            agent: find(params.agent_id),
            input: inputOf(body),
            seen: query.after ?? seenOf(ctx, body.runId),
          },
          options,
        ),
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
          transport: { streaming: true, websocket: true, resumable: true },
          tools: { supported: true, clientProvided: true },
          state: { snapshots: true },
        };
      },
    }),
  ];
}

async function streamRun(ctx: ApiContext, asked: Omit<Asked, 'signal'>, options: AguiOptions): Promise<void> {
  const reading = new AbortController();
  const opened = await openRun({ ...asked, signal: reading.signal }, options);
  if (opened.status === 'over') {
    ctx.status = 204;
    return;
  }
  const stream = openEventStream(ctx, options);
  stream.signal.addEventListener('abort', () => reading.abort(), { once: true });
  if (stream.signal.aborted) reading.abort();
  // Goes on after the handler: Koa has let go of the answer.
  void deliver(
    opened.run,
    (id, event) => stream.send({ ...(id === undefined ? {} : { id }), data: JSON.stringify(event) }),
    {
      ...options,
      signal: stream.signal,
    },
  ).finally(() => stream.end());
}

/** The schema's output is the protocol's type, up to how optional fields are spelt. */
function inputOf(body: z.output<typeof runInput>): RunAgentInput {
  return body as RunAgentInput;
}

function seenOf(ctx: ApiContext, runId: string): number | undefined {
  const lastEventId = ctx.get('last-event-id');
  if (lastEventId === '') return undefined;
  const seen = seenEvents(lastEventId, runId);
  if (seen !== undefined) return seen;
  throw AppError.validation([{ path: 'Last-Event-ID', message: 'expected <runId>:<number> of this run' }]);
}

function agentOf(agents: Agents, id: string): Agent {
  const agent = findAgent(agents, id);
  if (!agent) throw AppError.notFound('agent');
  return agent;
}
