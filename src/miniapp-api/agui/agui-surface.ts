// AG-UI over a socket: one RunAgentInput per frame in, one event per frame out. Runs of a socket follow one another.
import type { RunAgentInput } from '@ag-ui/core';
import type { Agent } from '#shared/agents/agent.ts';
import type { RunEvent } from '#shared/conversations/run.ts';
import { AppError } from '#shared/errors.ts';
import { type Caller, requirePermission } from '#shared/identity/caller.ts';
import type { RateLimits } from '../http/limits.ts';
import { parseInput } from '../http/parse.ts';
import type { Connection, Protocol } from '../socket/connection.ts';
import type { Surface } from '../socket/socket-server.ts';
import type { SocketSession } from '../socket/socket-session.ts';
import type { AguiOptions } from './agui-routes.ts';
import { deliver, errorEvent, findAgent, openRun } from './agui-run.ts';
import { runInput } from './run-input.ts';

type Options = AguiOptions & { rateLimits: RateLimits };
type AguiConnection = Connection<RunAgentInput, RunEvent>;

const path = /^\/api\/(?:agent|copilotkit)\/([^/]{1,100})\/ws$/;

const protocol: Protocol<RunAgentInput, RunEvent> = {
  read: (data, isBinary) => {
    if (isBinary) throw AppError.validation([{ path: '', message: 'expected JSON as text' }]);
    return parseInput(runInput, parseJson(data)) as RunAgentInput;
  },
  reply: () => undefined,
  isUrgent: () => false,
  subjectOf: () => ({}),
  error: errorEvent,
};

/** The socket of the agent that the path names; undefined for other paths and unknown agents. */
export function aguiSurface(
  pathname: string,
  options: Options,
): Surface<RunAgentInput, RunEvent> | undefined {
  const id = path.exec(pathname)?.[1];
  const agent = id === undefined ? undefined : findAgent(options.agents, id);
  if (!agent) return undefined;
  return {
    name: 'ag-ui',
    protocol,
    // The protocol has no frame for it: callers sign in by header, ticket or cookie.
    tokenIn: () => undefined,
    session: (caller, connection) => new AguiSession(agent, caller, connection, options),
  };
}

class AguiSession implements SocketSession<RunAgentInput> {
  readonly caller: Caller;
  readonly #agent: Agent;
  readonly #connection: AguiConnection;
  readonly #with: Options;
  readonly #reading = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(agent: Agent, caller: Caller, connection: AguiConnection, options: Options) {
    requirePermission(caller, 'chat:ephemeral');
    this.#agent = agent;
    this.caller = caller;
    this.#connection = connection;
    this.#with = options;
  }

  async open(): Promise<void> {
    // The protocol has no greeting.
  }

  async greet(): Promise<void> {
    // As above.
  }

  setMode(): void {
    // Events are what they are.
  }

  async handle(input: RunAgentInput): Promise<void> {
    const { rateLimits } = this.#with;
    await rateLimits.take('chat', this.caller, this.#connection.address);
    const { signal } = this.#reading;
    const asked = { caller: this.caller, agent: this.#agent, input, seen: undefined, signal };
    const opened = await openRun(asked, this.#with);
    if (opened.status === 'over') return;
    const send = async (_id: string | undefined, event: RunEvent) => {
      await this.#connection.send(event);
      this.#connection.lastActiveAt = Date.now();
    };
    this.#running = deliver(opened.run, send, { ...this.#with, signal });
    await this.#running;
  }

  idle(): Promise<void> {
    return this.#running;
  }

  async close(): Promise<void> {
    this.#reading.abort();
  }
}

function parseJson(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    throw AppError.validation([{ path: '', message: 'expected valid JSON' }]);
  }
}
