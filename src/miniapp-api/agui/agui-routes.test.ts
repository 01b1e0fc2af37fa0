import { type BaseEvent, EventType, HttpAgent, type RunAgentInput } from '@ag-ui/client';
import { EventSchemas } from '@ag-ui/core/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { type RunningApi, startApi } from '../testing/start-api.ts';

let api: RunningApi;
let token: string;
beforeAll(async () => {
  api = await startApi({ environment: { TRUSTED_PROXIES: '127.0.0.1' } });
  token = await api.personToken();
});
afterAll(() => api.stop());

let address = 0;
/** Every client has an address of its own, so that limits stay out of these tests. */
function headersOf(bearer = token): Record<string, string> {
  address += 1;
  return { authorization: `Bearer ${bearer}`, 'x-forwarded-for': `198.51.100.${address}` };
}

function clientFor(threadId: string, question: string, agentId = 'assistant', base = '/api/agent') {
  return new HttpAgent({
    url: `${api.url}${base}/${agentId}`,
    headers: headersOf(),
    threadId,
    initialMessages: [{ id: 'm1', role: 'user', content: question }],
  });
}

async function eventsOf(agent: HttpAgent, parameters: Parameters<HttpAgent['runAgent']>[0] = {}) {
  const events: BaseEvent[] = [];
  let failure: unknown;
  const result = await agent
    .runAgent(parameters, { onEvent: ({ event }) => void events.push(event) })
    .catch((error: unknown) => {
      failure = error;
      return undefined;
    });
  return { events, types: events.map((event) => event.type), result, failure };
}

function inputOf(question: string, changes: Partial<RunAgentInput> = {}): RunAgentInput {
  return {
    threadId: 'thread-raw',
    runId: `run-${Math.random()}`,
    messages: [{ id: 'm1', role: 'user', content: question }],
    tools: [],
    context: [],
    ...changes,
  };
}

/** The raw stream: frames with their ids, read until `enough`. */
async function read(
  input: RunAgentInput,
  { enough = () => false, lastEventId, bearer }: ReadOptions = {},
): Promise<{ status: number; headers: Headers; text: string; frames: { id: string; event: BaseEvent }[] }> {
  const abort = new AbortController();
  const response = await fetch(`${api.url}/api/agent/assistant`, {
    method: 'POST',
    headers: {
      ...headersOf(bearer),
      'content-type': 'application/json',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    body: JSON.stringify(input),
    signal: abort.signal,
  });
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (enough(framesOf(text))) abort.abort();
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  }
  return { status: response.status, headers: response.headers, text, frames: framesOf(text) };
}

interface ReadOptions {
  enough?: (frames: { id: string; event: BaseEvent }[]) => boolean;
  lastEventId?: string;
  bearer?: string;
}

function framesOf(text: string): { id: string; event: BaseEvent }[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .flatMap((frame) => {
      const id = /^id: (.*)$/m.exec(frame)?.[1];
      const data = /^data: (.*)$/m.exec(frame)?.[1];
      return data === undefined ? [] : [{ id: id ?? '', event: JSON.parse(data) as BaseEvent }];
    });
}

describe('the released AG-UI client', () => {
  it('accepts an answer', async () => {
    const agent = clientFor('thread-1', 'good morning');
    const { types, result, failure } = await eventsOf(agent, { runId: 'run-1' });
    expect(failure).toBeUndefined();
    expect(types.slice(0, 3)).toEqual([
      EventType.RUN_STARTED,
      EventType.STATE_SNAPSHOT,
      EventType.TEXT_MESSAGE_START,
    ]);
    expect(types.at(-1)).toBe(EventType.RUN_FINISHED);
    expect(result?.newMessages).toMatchObject([{ role: 'assistant', content: 'good morning ' }]);
  });

  it('gets its own ids and its own state back', async () => {
    const agent = clientFor('my thread', 'hello');
    agent.setState({ cart: ['tea'] });
    const { events } = await eventsOf(agent, { runId: 'my run' });
    expect(events.at(0)).toMatchObject({ threadId: 'my thread', runId: 'my run' });
    expect(events.at(-1)).toMatchObject({
      threadId: 'my thread',
      runId: 'my run',
      outcome: { type: 'success' },
    });
    expect(agent.state).toEqual({ cart: ['tea'] });
  });

  it('accepts an answer that uses a tool of ours', async () => {
    const { types, failure } = await eventsOf(clientFor('thread-2', 'tool'));
    expect(failure).toBeUndefined();
    expect(types).toContain(EventType.TOOL_CALL_RESULT);
  });

  it('runs its own tool and brings the result with the next run', async () => {
    const agent = clientFor('thread-3', 'client-tool');
    const tools = [{ name: 'open_page', description: 'Opens a page', parameters: { type: 'object' } }];
    const { events, failure } = await eventsOf(agent, { tools });
    expect(failure).toBeUndefined();
    expect(events.find((event) => event.type === EventType.TOOL_CALL_START)).toMatchObject({
      toolCallName: 'open_page',
    });
    agent.addMessage({ id: 'm2', role: 'tool', toolCallId: 'call-1', content: 'opened' });
    expect((await eventsOf(agent, { tools })).failure).toBeUndefined();
    const task = api.agent.tasks.at(-1);
    expect(task?.clientMessages?.at(-1)).toMatchObject({ role: 'tool', content: 'opened' });
    expect(task?.clientTools).toMatchObject([{ name: 'open_page' }]);
  });

  it('hears of a failure', async () => {
    const { events, types } = await eventsOf(clientFor('thread-4', 'fail'));
    expect(types.at(-1)).toBe(EventType.RUN_ERROR);
    expect(events.at(-1)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', message: 'The model went away.' });
  });

  it('hears that somebody pressed stop', async () => {
    const agent = clientFor('thread-5', 'slow');
    const caller = await api.services.tokens.verify(token);
    const run = eventsOf(agent, { runId: '0190a0b0-1111-7000-8000-000000000005' });
    await until(() => api.runs.running > 0);
    if (caller) await api.runs.cancel(caller, '0190a0b0-1111-7000-8000-000000000005');
    const { events, failure } = await run;
    expect(failure).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: EventType.RUN_FINISHED, outcome: { type: 'cancelled' } });
  });

  it('is served under the other name of the path', async () => {
    const { failure } = await eventsOf(clientFor('thread-6', 'hello', 'assistant', '/api/copilotkit'));
    expect(failure).toBeUndefined();
  });
});

describe('the stream', () => {
  it('is what proxies and parsers need, event by event valid', async () => {
    const { headers, text, frames } = await read(inputOf('one two'));
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('content-encoding')).toBeNull();
    expect(text).not.toContain('\r');
    expect(text).not.toContain(':null');
    for (const { event } of frames) expect(EventSchemas.safeParse(event).success, event.type).toBe(true);
    expect(frames.map(({ id }) => id.split(':').at(-1))).toEqual(frames.map((_, index) => String(index + 1)));
  });

  it('goes on with exactly what is missing, wherever it broke off', async () => {
    const input = inputOf('a b c d');
    const whole = await read(input);
    for (let seen = 1; seen < whole.frames.length; seen += 1) {
      const rest = await read(input, { lastEventId: `${input.runId}:${seen}` });
      expect(rest.frames).toEqual(whole.frames.slice(seen));
    }
    const byQuery = await api.call(`/api/agent/assistant?after=3`, { body: input, headers: headersOf() });
    expect(framesOf(byQuery.text)).toEqual(whole.frames.slice(3));
    const over = await read(input, { lastEventId: `${input.runId}:${whole.frames.length}` });
    expect([over.status, over.text]).toEqual([204, '']);
  });

  it('breaks off without stopping the run, and is resumed while that goes on', async () => {
    const runId = '0190a0b0-1111-7000-8000-0000000000aa';
    const input = inputOf('slow', { runId });
    const first = await read(input, { enough: (frames) => frames.length >= 10 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(api.runs.running).toBe(1);
    const seen = first.frames.length;
    const second = read(input, { lastEventId: `${runId}:${seen}` });
    const caller = await api.services.tokens.verify(token);
    if (caller) await api.runs.cancel(caller, runId);
    const rest = (await second).frames;
    expect(rest.map(({ id }) => id)).toEqual(rest.map((_, index) => `${runId}:${seen + index + 1}`));
    expect(rest.at(-1)?.event.type).toBe(EventType.RUN_FINISHED);
  });

  it('takes the run with it when the client wishes so', async () => {
    const input = inputOf('slow', { forwardedProps: { cancel_on_disconnect: true } });
    await read(input, { enough: (frames) => frames.length >= 5 });
    await until(() => api.runs.running === 0);
  });

  it('starts one run however often it is asked for', async () => {
    const input = inputOf('once');
    const [first, second] = [await read(input), await read(input)];
    expect(second.frames).toEqual(first.frames);
  });

  it('keeps open what is quiet', async () => {
    const quiet = await startApi({ tuning: { sseHeartbeatMs: 20 } });
    quiet.agent.pause = 200;
    const abort = new AbortController();
    const response = await fetch(`${quiet.url}/api/agent/assistant`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await quiet.personToken()}`, 'content-type': 'application/json' },
      body: JSON.stringify(inputOf('slow')),
      signal: abort.signal,
    });
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += new TextDecoder().decode(chunk);
      if (text.split(': heartbeat\n\n').length > 5) break;
    }
    abort.abort();
    expect(text).toContain('\n\n: heartbeat\n\n');
    await quiet.stop();
  });

  it('ends with the process', async () => {
    const short = await startApi();
    const reading = fetch(`${short.url}/api/agent/assistant`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await short.personToken()}`, 'content-type': 'application/json' },
      body: JSON.stringify(inputOf('slow')),
    }).then((response) => response.text());
    reading.catch(() => undefined);
    await until(() => short.runs.running === 1);
    const started = Date.now();
    await short.api.close(100);
    expect(Date.now() - started).toBeLessThan(3000);
    await reading.catch(() => undefined);
    await short.stop();
  });
});

describe('refusals, before anything is streamed', () => {
  const post = (
    input: unknown,
    options: { agent?: string; token?: string; headers?: Record<string, string> } = {},
  ) =>
    api.call(`/api/agent/${options.agent ?? 'assistant'}`, {
      body: input,
      headers: { ...headersOf(options.token), ...options.headers },
    });

  it('of a thread that is somebody else’s', async () => {
    const caller = await api.services.tokens.verify(token);
    if (!caller) throw new Error('no caller');
    const thread = await api.services.threads.create(caller, {});
    const other = await api.personToken(99);
    const answer = await post(inputOf('hello', { threadId: thread.id }), { token: other });
    expect([answer.status, answer.json['error']]).toEqual([404, 'RESOURCE_NOT_FOUND']);
  });

  it('keep people apart who choose the same id', async () => {
    const other = await api.personToken(99);
    await read(inputOf('mine', { threadId: 'same', runId: 'same' }));
    const { frames } = await read(inputOf('theirs', { threadId: 'same', runId: 'same' }), { bearer: other });
    expect(JSON.stringify(frames)).toContain('theirs');
    expect(JSON.stringify(frames)).not.toContain('mine');
  });

  it.each<[string, unknown]>([
    ['no thread', { runId: 'r', messages: [] }],
    ['no messages', inputOf('', { messages: [] })],
    ['an empty question', inputOf('  ')],
    ['an endless question', inputOf('x'.repeat(16_001))],
    [
      'an assistant message at the end',
      inputOf('', { messages: [{ id: 'a', role: 'assistant', content: 'Hi' }] }),
    ],
    ['an id without end', inputOf('hi', { threadId: 'x'.repeat(201) })],
    ['an answer to no interrupt', inputOf('hi', { resume: [{ interruptId: 'i', status: 'resolved' }] })],
  ])('of %s', async (_case, input) => {
    const answer = await post(input);
    expect([answer.status, answer.json['error']]).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('of a run that is somebody else’s, also by its real id', async () => {
    const input = inputOf('hello', { runId: '0190a0b0-1111-7000-8000-0000000000bb' });
    await read(input);
    const other = await api.personToken(98);
    const again = await post({ ...input, threadId: 'own' }, { token: other });
    expect([again.status, again.json['error']]).toEqual([404, 'RESOURCE_NOT_FOUND']);
    const resumed = await post(input, { token: other, headers: { 'last-event-id': `${input.runId}:2` } });
    expect(resumed.status).toBe(404);
  });

  it('of a place that is not kept any more', async () => {
    const input = inputOf('hello');
    await read(input);
    const { runs } = api.services;
    const follow = runs.follow.bind(runs);
    runs.follow = async function* (...args) {
      if (args[2] > 0) throw AppError.conflict('This part of the stream is not kept any more.');
      yield* follow(...args);
    };
    const answer = await post(input, { headers: { 'last-event-id': `${input.runId}:2` } });
    runs.follow = follow;
    expect([answer.status, answer.json['error']]).toEqual([410, 'RESOURCE_NOT_FOUND']);
  });

  it('of nothing but what is broken: a state nested without end does no harm', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const body = JSON.stringify(inputOf('hello', { state: 'DEEP' })).replace('"DEEP"', deep);
    await api.call('/api/agent/assistant', { body, headers: headersOf() });
    expect((await api.call('/health/live')).status).toBe(200);
  });

  it('of agents that there are not, strangers, and places that cannot be resumed', async () => {
    expect((await post(inputOf('hi'), { agent: 'nobody' })).status).toBe(404);
    expect((await api.call('/api/agent/assistant', { body: inputOf('hi') })).status).toBe(401);
    const input = inputOf('hi');
    expect((await post(input, { headers: { 'last-event-id': 'other:3' } })).status).toBe(400);
    expect((await post(input, { headers: { 'last-event-id': `${input.runId}:3` } })).status).toBe(404);
  });
});

it('describes its agents', async () => {
  expect((await api.call('/api/agent/assistant/info')).json).toMatchObject({
    id: 'assistant',
    name: 'Assistant',
  });
  expect((await api.call('/api/agent/assistant/health')).json).toMatchObject({ status: 'healthy' });
  expect((await api.call('/api/copilotkit/assistant/capabilities')).json).toMatchObject({
    transport: { streaming: true, resumable: true },
    tools: { clientProvided: true },
  });
  expect((await api.call('/api/agent/nobody/info')).status).toBe(404);
});

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 300 && !condition(); i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}
