import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerFrame } from '#shared/contracts/gateway-frames.ts';
import { knowledgeBase } from '../testing/memory-knowledge.ts';
import { SocketClient } from '../testing/socket-client.ts';
import { initDataOf, type RunningApi, startApi } from '../testing/start-api.ts';

let api: RunningApi;
const clients: SocketClient[] = [];
let people = 100;

beforeAll(async () => {
  api = await startApi({ emojiOf: () => '🔎' });
  api.knowledge.entries.push(knowledgeBase());
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(() => api.stop());

/** Everybody is somebody else, so that limits of one test do not reach the next. */
async function person(): Promise<string> {
  people += 1;
  return api.personToken(people);
}

function connect(options: ConstructorParameters<typeof SocketClient>[1], path = '/ws/chat'): SocketClient {
  const client = new SocketClient(api.wsUrl + path, options);
  clients.push(client);
  return client;
}

async function signedIn(token?: string): Promise<SocketClient> {
  const client = connect({ token: token ?? (await person()) });
  await client.next('auth_success');
  return client;
}

async function answered(client: SocketClient, question: Record<string, unknown>) {
  const before = client.frames.length;
  client.send({ type: 'user_message', ...question });
  const end = await client.until(
    () =>
      client.frames
        .slice(before)
        .find(
          (frame): frame is Extract<ServerFrame, { type: 'stateUpdate' }> =>
            frame.type === 'stateUpdate' && ['complete', 'error', 'cancelled'].includes(frame.status),
        ),
    () => 'no answer came',
  );
  return { end, frames: client.ofRun(end.run_id ?? '') };
}

function textOf(frames: ServerFrame[]): string {
  return frames.map((frame) => (frame.type === 'textStreamDelta' ? frame.delta : '')).join('');
}

describe('a question', () => {
  it('is answered in order, numbered, and marked with the id that the client gave it', async () => {
    const client = await signedIn();
    const { frames } = await answered(client, { message: 'one two', client_message_id: 'mine' });
    expect(frames.map((frame) => frame.type)).toEqual([
      'stateUpdate',
      'textStreamDelta',
      'textStreamDelta',
      'messageComplete',
      'stateUpdate',
    ]);
    expect(frames.map((frame) => frame.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(frames[0]).toMatchObject({ status: 'generating', metadata: { client_message_id: 'mine' } });
    expect(textOf(frames)).toBe('one two ');
  });

  it('shows the tools that are used', async () => {
    const { frames } = await answered(await signedIn(), { message: 'tool' });
    expect(frames[1]).toMatchObject({
      type: 'toolInvocation',
      tool_name: 'search',
      args: { query: 'tea' },
      emoji: '🔎',
    });
    expect(frames[2]).toMatchObject({ type: 'stateUpdate', status: 'tool_executing' });
    expect(frames[3]).toMatchObject({ type: 'toolResult', success: true, result: '3 found' });
  });

  it('may be written in camelCase and with null for nothing', async () => {
    const client = await signedIn();
    const first = await answered(client, { content: 'hello', threadId: null, agentId: 'assistant' });
    const second = await answered(client, { message: 'again', threadId: first.end.thread_id });
    expect(second.end.thread_id).toBe(first.end.thread_id);
  });

  it('sent twice is one run, whose answer comes again', async () => {
    const token = await person();
    const one = await signedIn(token);
    const first = await answered(one, { message: 'hello', client_message_id: 'x' });
    const two = await signedIn(token);
    const second = await answered(two, { message: 'hello', client_message_id: 'x' });
    expect(second.end.run_id).toBe(first.end.run_id);
    expect(textOf(second.frames)).toBe('hello ');
  });

  it('that fails leaves a socket that works', async () => {
    const client = await signedIn();
    const { frames } = await answered(client, { message: 'fail' });
    expect(frames.at(-2)).toMatchObject({ type: 'error', code: 'UPSTREAM_UNAVAILABLE', recoverable: true });
    expect(textOf((await answered(client, { message: 'hello' })).frames)).toBe('hello ');
  });

  it('about a foreign thread is refused with the id of the question', async () => {
    const foreign = await answered(await signedIn(), { message: 'hello' });
    const client = await signedIn();
    client.send({
      type: 'user_message',
      message: 'hi',
      thread_id: foreign.end.thread_id,
      client_message_id: 'mine',
    });
    expect(await client.next('error')).toMatchObject({
      code: 'RESOURCE_NOT_FOUND',
      details: { client_message_id: 'mine' },
    });
  });

  it('is told cumulatively to those who asked for that', async () => {
    const client = connect({});
    client.socket.on(
      'open',
      () => void person().then((token) => client.send({ type: 'auth', token, stream_mode: 'cumulative' })),
    );
    await client.next('auth_success');
    const { frames } = await answered(client, { message: 'one two' });
    expect(frames.flatMap((frame) => (frame.type === 'textStreamDelta' ? [frame.delta] : []))).toEqual([
      'one ',
      'one two ',
    ]);
  });
});

describe('several sockets of one person', () => {
  it('all get the same frames, and nobody else gets any', async () => {
    const token = await person();
    const [one, two, stranger] = [await signedIn(token), await signedIn(token), await signedIn()];
    const { end, frames } = await answered(one, { message: 'hello there' });
    const runId = end.run_id ?? '';
    await two.until(
      () => (two.ofRun(runId).length === frames.length ? true : undefined),
      () => 'the other device misses frames',
    );
    const withoutMetadata = (all: ServerFrame[]) => all.map((frame) => ({ ...frame, metadata: null }));
    expect(withoutMetadata(two.ofRun(runId))).toEqual(withoutMetadata(frames));
    expect(stranger.ofRun(runId)).toEqual([]);
  });

  it('hear of runs that were started over AG-UI', async () => {
    const token = await person();
    const client = await signedIn(token);
    const answer = await api.call('/api/agent/assistant', {
      token,
      body: { threadId: 't', runId: 'r', messages: [{ id: 'm', role: 'user', content: 'hello' }] },
    });
    expect(answer.status).toBe(200);
    await client.next('stateUpdate', (frame) => frame.status === 'complete');
    expect(textOf(client.frames)).toBe('hello ');
  });
});

describe('stopping and resuming', () => {
  it('stops at once, by run and by message, whoever of one’s sockets asks', async () => {
    const token = await person();
    const [one, two] = [await signedIn(token), await signedIn(token)];
    for (const by of ['run_id', 'message_id'] as const) {
      const before = two.frames.length;
      one.send({ type: 'user_message', message: 'slow' });
      const delta = await two.until(
        () => two.frames.slice(before).find((frame) => frame.type === 'textStreamDelta'),
        () => 'nothing to stop',
      );
      two.send({ type: 'cancel_action', action_id: by === 'run_id' ? delta.run_id : delta.message_id });
      await one.next('stateUpdate', (frame) => frame.status === 'cancelled' && frame.run_id === delta.run_id);
    }
  });

  it('goes on after a break with exactly what is missing', async () => {
    const token = await person();
    const one = await signedIn(token);
    one.send({ type: 'user_message', message: 'slow' });
    const seen = await one.next('textStreamDelta', (frame) => (frame.seq ?? 0) >= 4);
    const runId = seen.run_id ?? '';
    one.close();
    const two = await signedIn(token);
    two.send({ type: 'resume', run_id: runId, after: 4 });
    await two.next('textStreamDelta', (frame) => (frame.seq ?? 0) >= 12);
    two.send({ type: 'cancel_action', action_id: runId });
    await two.next('stateUpdate', (frame) => frame.status === 'cancelled');
    const seqs = two.ofRun(runId).map((frame) => frame.seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 5));
  });

  it('replays a finished run from any place, and gives an end to those who have seen more than there is', async () => {
    const token = await person();
    const one = await signedIn(token);
    const { end, frames } = await answered(one, { message: 'a b c' });
    const two = await signedIn(token);
    two.send({ type: 'resume', run_id: end.run_id, after: 2 });
    await two.next('stateUpdate', (frame) => frame.status === 'complete');
    expect(two.ofRun(end.run_id ?? '')).toEqual(frames.slice(2));

    const three = await signedIn(token);
    three.send({ type: 'resume', run_id: end.run_id, after: 500 });
    const last = await three.next('stateUpdate', (frame) => frame.status === 'complete');
    expect(three.ofRun(end.run_id ?? '').map((frame) => [frame.type, frame.seq])).toEqual([
      ['messageComplete', 501],
      ['stateUpdate', 502],
    ]);
    expect(last.seq).toBe(502);
  });

  it('is nobody else’s to do', async () => {
    const { end } = await answered(await signedIn(), { message: 'hello' });
    const stranger = await signedIn();
    stranger.send({ type: 'resume', run_id: end.run_id, after: 0 });
    expect(await stranger.next('error')).toMatchObject({
      code: 'RESOURCE_NOT_FOUND',
      details: { run_id: end.run_id },
    });
    stranger.send({ type: 'cancel_action', action_id: end.run_id });
    await stranger.next('error', (frame) => frame.details['action_id'] === end.run_id);
    stranger.send({ type: 'cancel_action', action_id: "'; drop table runs" });
    await stranger.next('error', (frame) => frame.details['action_id'] === "'; drop table runs");
  });
});

describe('the other frames', () => {
  it('ping, context, threads, search and commands are answered', async () => {
    const client = await signedIn();
    client.send({ type: 'ping' });
    await client.next('pong');
    const context = await client.next('uiContext');
    expect(context).toMatchObject({
      activeMode: 'chat',
      userInfo: { isGuest: false },
      metadata: { taskCount: 0 },
    });
    expect(context.quickPrompts.length).toBeLessThanOrEqual(3);
    expect(context.quickPrompts.every((prompt) => prompt.text.length <= 40)).toBe(true);
    expect(context.timestamp).toBeTypeOf('number');

    client.send({ type: 'search_kb', query: 'tea' });
    expect(await client.next('searchResult')).toMatchObject({ total: 1, search_method: 'text' });

    client.send({ type: 'command', command: 'catalog', args: {} });
    expect(await client.next('catalogData')).toMatchObject({
      catalog: { featured: [{ name: 'Handbook' }], stats: { total_public: 1, total_private: 0 } },
    });
    await client.next('uiContext', (frame) => frame.activeMode === 'catalog');

    client.send({ type: 'command', command: 'tasks' });
    expect(await client.next('taskList')).toMatchObject({ tasks: [], emptyState: { title: 'All done' } });

    for (const command of ['start', 'profile', 'groups', 'search']) {
      client.send({ type: 'command', command, args: command === 'search' ? { query: 'tea' } : {} });
      await client.next('commandResult', (frame) => frame.command === command);
    }
    client.send({ type: 'command', command: 'dance', args: {} });
    expect(await client.next('error')).toMatchObject({
      code: 'RESOURCE_NOT_FOUND',
      details: { command: 'dance' },
    });
  });

  it('a switched thread is where the next question goes', async () => {
    const client = await signedIn();
    const first = await answered(client, { message: 'one' });
    const second = await answered(client, { message: 'two' });
    expect(second.end.thread_id).not.toBe(first.end.thread_id);
    client.send({ type: 'thread_switch', thread_id: first.end.thread_id });
    expect(await client.next('stateUpdate', (frame) => frame.status === 'waiting')).toMatchObject({
      thread_id: first.end.thread_id,
    });
    expect((await answered(client, { message: 'three' })).end.thread_id).toBe(first.end.thread_id);
  });

  it('a new task comes with its form, which can be sent back once', async () => {
    const token = await person();
    const client = await signedIn(token);
    const tasks = connect({ token }, '/ws/tasks');
    await tasks.next('taskList');
    await api.call('/api/workflows/leave/start', { token, body: {} });
    const told = await client.next('taskNotification');
    expect(told).toMatchObject({ event: 'created', task: { name: 'Approve', process_name: 'Leave' } });
    const form = await client.next('formRequest');
    expect(form).toMatchObject({ form_id: told.task.id, fields: [{ name: 'days' }] });
    await client.next('uiContext', (frame) => frame.metadata.taskCount === 1);
    await tasks.next('taskNotification', (frame) => frame.event === 'created');

    client.send({ type: 'form_submit', formId: form.form_id, values: {} });
    expect(await client.next('error')).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { form_id: form.form_id, issues: [{ path: 'days' }] },
    });
    tasks.send({ type: 'form_submit', form_id: form.form_id, values: { days: 3 } });
    await client.next('taskNotification', (frame) => frame.event === 'completed');
    await tasks.next('taskNotification', (frame) => frame.event === 'completed');
    client.send({ type: 'form_submit', form_id: form.form_id, values: { days: 3 } });
    await client.next('error', (frame) => frame.code === 'CONFLICT');
    await client.next('uiContext', (frame) => frame.metadata.taskCount === 0);
    expect(
      tasks.frames.every((frame) => ['auth_success', 'taskList', 'taskNotification'].includes(frame.type)),
    ).toBe(true);
  });

  it('ends its subscriptions with the socket', async () => {
    const token = await person();
    const caller = await api.services.tokens.verify(token);
    const client = await signedIn(token);
    await client.next('uiContext');
    await expect.poll(() => api.workflows.listenersOf(caller?.personId ?? '')).toBe(1);
    client.close();
    await expect.poll(() => api.workflows.listenersOf(caller?.personId ?? '')).toBe(0);
  });
});

describe('guests', () => {
  it('chat and search, twenty messages in all, and are told how many are left', async () => {
    const token = await api.guestToken();
    const client = await signedIn(token);
    expect(client.frames[0]).toMatchObject({
      mode: 'guest',
      user_id: null,
      upgrade_url: '/api/auth/telegram-miniapp',
      rate_limits: { messages_per_minute: 10, total_messages: 20, remaining: 20 },
    });
    for (let i = 0; i < 20; i += 1) await answered(client, { message: `hello ${i}` });
    client.send({ type: 'user_message', message: 'one more' });
    expect(await client.next('error')).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED', severity: 'warning' });
    expect(await (await signedIn(token)).next('auth_success')).toMatchObject({
      rate_limits: { remaining: 0 },
    });
  });

  it('are asked to sign in for the rest', async () => {
    const client = await signedIn(await api.guestToken());
    const frames = [
      { type: 'command', command: 'tasks', args: {} },
      { type: 'thread_switch', thread_id: '0190a0b0-1111-7000-8000-000000000001' },
      { type: 'form_submit', form_id: 'f', values: {} },
    ];
    for (const [index, frame] of frames.entries()) {
      client.send(frame);
      await client.until(
        () => (client.frames.filter((each) => each.type === 'error').length > index ? true : undefined),
        () => 'was not refused',
      );
    }
    const errors = client.frames.flatMap((frame) => (frame.type === 'error' ? [frame.code] : []));
    expect(errors).toEqual(['UPGRADE_REQUIRED', 'UPGRADE_REQUIRED', 'UPGRADE_REQUIRED']);
    client.send({ type: 'command', command: 'start', args: {} });
    await client.next('commandResult');
  });

  it('have no /ws/tasks', async () => {
    const client = connect({ token: await api.guestToken() }, '/ws/tasks');
    expect(await client.next('error')).toMatchObject({ code: 'UPGRADE_REQUIRED' });
    expect((await client.closed).code).toBe(4003);
  });
});

describe('signing in', () => {
  it('works by header, cookie with our origin, ticket once, and launch data in the first frame', async () => {
    const token = await person();
    await connect({ headers: { authorization: `Bearer ${token}` } }).next('auth_success');
    await connect({ headers: { cookie: `access_token=${token}`, origin: api.url } }).next('auth_success');
    await connect({ token: initDataOf({ id: 4242 }) }).next('auth_success');
    await connect({ headers: { authorization: `tma ${initDataOf({ id: 4242 })}` } }).next('auth_success');

    const { json } = await api.call('/api/auth/ws-ticket', { token, method: 'POST' });
    const path = `/ws/chat?ticket=${String(json['ticket'])}`;
    await connect({}, path).next('auth_success');
    const again = connect({}, path);
    expect((await again.closed).code).toBe(1008);
  });

  it('refuses wrong credentials and closes', async () => {
    for (const client of [
      connect({ token: 'wrong' }),
      connect({ token: initDataOf({ at: 1 }) }),
      connect({ headers: { authorization: 'Bearer wrong' } }),
    ]) {
      expect(await client.next('error')).toMatchObject({
        recoverable: false,
        code: expect.stringMatching(/^AUTH_/),
      });
      expect((await client.closed).code).toBe(1008);
    }
  });

  it('handles nothing before, and does not take a cookie from no page', async () => {
    const token = await person();
    const client = connect({ headers: { cookie: `access_token=${token}` } });
    client.socket.on('open', () =>
      client.send({ type: 'user_message', message: 'hi', client_message_id: 'x' }),
    );
    expect(await client.next('error')).toMatchObject({
      code: 'AUTH_REQUIRED',
      details: { client_message_id: 'x' },
    });
    client.send({ type: 'auth', token });
    await client.next('auth_success');
  });

  it('keeps what is sent in one breath with the token', async () => {
    const token = await person();
    const client = connect({});
    client.socket.on('open', () => {
      client.send({ type: 'auth', token });
      client.send({ type: 'user_message', message: 'hello' });
    });
    await client.next('stateUpdate', (frame) => frame.status === 'complete');
  });

  it('greets again whoever signs in again as the same', async () => {
    const token = await person();
    const client = await signedIn(token);
    client.send({ type: 'auth', token, stream_mode: 'cumulative' });
    await client.until(
      () => client.frames.filter((frame) => frame.type === 'auth_success').length === 2 || undefined,
      () => 'was not greeted again',
    );
    const { frames } = await answered(client, { message: 'one two' });
    expect(frames[2]).toMatchObject({ delta: 'one two ' });
  });

  it('lets somebody else take the place of whom the cookie named', async () => {
    const client = connect({ headers: { cookie: `access_token=${await person()}`, origin: api.url } });
    await client.next('auth_success');
    client.send({ type: 'auth', token: await api.guestToken() });
    await client.next('auth_success', (frame) => frame.mode === 'guest');
    client.send({ type: 'command', command: 'profile', args: {} });
    expect(await client.next('error')).toMatchObject({ code: 'UPGRADE_REQUIRED' });
  });
});
