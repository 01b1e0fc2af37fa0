import { type BaseEvent, EventType } from '@ag-ui/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type RunningApi, startApi } from '../testing/start-api.ts';

let api: RunningApi;
let token: string;
const sockets: WebSocket[] = [];

beforeAll(async () => {
  api = await startApi();
  token = await api.personToken();
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(() => api.stop());

function connect(
  path = '/api/agent/assistant/ws',
  headers: Record<string, string> = { authorization: `Bearer ${token}` },
) {
  const socket = new WebSocket(api.wsUrl + path, { headers });
  sockets.push(socket);
  const events: BaseEvent[] = [];
  socket.on('message', (data: Buffer) => events.push(JSON.parse(data.toString('utf8')) as BaseEvent));
  socket.on('error', () => undefined);
  const closed = new Promise<number>((resolve) => {
    socket.on('close', resolve);
  });
  const opened = new Promise<void>((resolve) => {
    socket.on('open', resolve);
  });
  return { socket, events, closed, opened };
}

function inputOf(runId: string, question: string, changes: object = {}): string {
  return JSON.stringify({
    threadId: 'thread',
    runId,
    messages: [{ id: 'm', role: 'user', content: question }],
    ...changes,
  });
}

const ends = (events: BaseEvent[]) =>
  events.filter((event) => event.type === EventType.RUN_FINISHED || event.type === EventType.RUN_ERROR);

describe('AG-UI over a socket', () => {
  it('answers one run after the other, each whole', async () => {
    const { socket, events, opened } = connect('/api/copilotkit/assistant/ws');
    await opened;
    socket.send(inputOf('a', 'one two'));
    socket.send(inputOf('b', 'tool'));
    await expect.poll(() => ends(events).length).toBe(2);
    const runs = events.flatMap((event) => ('runId' in event ? [event.runId] : []));
    expect(runs).toEqual(['a', 'a', 'b', 'b']);
    expect(events.at(1)?.type).toBe(EventType.STATE_SNAPSHOT);
    expect(events.some((event) => event.type === EventType.TOOL_CALL_RESULT)).toBe(true);
  });

  it('says what is wrong as an error of the run, and goes on', async () => {
    const { socket, events, opened } = connect();
    await opened;
    socket.send('{not json');
    socket.send(inputOf('c', ' '));
    socket.send(inputOf('d', 'hello'));
    await expect.poll(() => ends(events).length).toBe(3);
    expect(ends(events)).toMatchObject([
      { type: EventType.RUN_ERROR, code: 'VALIDATION_ERROR' },
      { type: EventType.RUN_ERROR, code: 'VALIDATION_ERROR' },
      { type: EventType.RUN_FINISHED, runId: 'd' },
    ]);
  });

  it('leaves a run going when the socket breaks off, unless the client wished otherwise', async () => {
    const breakOff = async (runId: string, wish: boolean) => {
      const { socket, events, opened } = connect();
      await opened;
      socket.send(inputOf(runId, 'slow', { forwardedProps: { cancel_on_disconnect: wish } }));
      await expect.poll(() => events.length).toBeGreaterThan(5);
      socket.terminate();
      await new Promise((resolve) => setTimeout(resolve, 100));
    };
    await breakOff('e', true);
    expect(api.runs.running).toBe(0);
    await breakOff('f', false);
    expect(api.runs.running).toBe(1);
  });

  it('is for known callers and agents only', async () => {
    expect(await connect('/api/agent/nobody/ws').closed).toBe(4404);
    expect(await connect('/api/agent/assistant/ws', { authorization: 'Bearer wrong' }).closed).toBe(1008);
    const stranger = connect('/api/agent/assistant/ws', {});
    await stranger.opened;
    stranger.socket.send(inputOf('g', 'hello'));
    await expect
      .poll(() => stranger.events)
      .toMatchObject([{ type: EventType.RUN_ERROR, code: 'AUTH_REQUIRED' }]);
  });
});
