import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MessageView, ThreadView } from '../../../src/shared/contracts/threads.ts';
import { ApiError } from '../api/api-error.ts';
import { ChatStore, type ChatStoreOptions } from './chat-store.ts';
import type { Conversation } from './conversation.ts';
import { ChatSocket } from './socket.ts';
import { type SentFrame, TestGateway, until } from './testing/gateway.ts';

const threadId = '01990000-0000-7000-8000-000000000001';
const runId = '01990000-0000-7000-8000-00000000000a';

let gateway: TestGateway;
let chat: ChatStore;
let record: { thread: ThreadView; messages: MessageView[] } | undefined;
let ids: number;

function start(options: Partial<ChatStoreOptions> = {}): void {
  const socket = new ChatSocket({
    url: () => gateway.url,
    token: async () => 'token',
    refuseToken: async () => undefined,
    backoff: { baseMs: 10, maxMs: 30 },
  });
  const notFound = () => new ApiError('RESOURCE_NOT_FOUND', 'none', 404);
  chat = new ChatStore({
    socket,
    api: {
      thread: async (id) => {
        if (record?.thread.id !== id) throw notFound();
        return record.thread;
      },
      messages: async (_id, offset, limit) => {
        const all = record?.messages ?? [];
        return { total: all.length, limit, offset, results: all.slice(offset, offset + limit) };
      },
    },
    newId: () => `id${(ids += 1)}`,
    schedule: (task) => setTimeout(task, 0),
    ...options,
  });
  chat.connect();
}

function view(
  id: string,
  role: MessageView['role'],
  content: string,
  more: Partial<MessageView> = {},
): MessageView {
  return {
    id,
    seq: 1,
    role,
    content,
    status: 'complete',
    run_id: role === 'assistant' ? runId : null,
    sources: [],
    tools: [],
    created_at: '2026-11-21T10:00:00Z',
    ...more,
  };
}

function thread(more: Partial<ThreadView> = {}): ThreadView {
  return {
    id: threadId,
    title: 'Tea',
    agent_id: 'assistant',
    kb_ids: [],
    message_count: 0,
    active_run_id: null,
    created_at: '2026-11-21T10:00:00Z',
    updated_at: '2026-11-21T10:00:00Z',
    ...more,
  };
}

/** The frames of one answer, numbered from 1. */
function answer(clientId: string | undefined, words: string[]): SentFrame[] {
  const frames: SentFrame[] = [
    {
      type: 'stateUpdate',
      status: 'generating',
      thread_id: threadId,
      metadata: clientId === undefined ? {} : { client_message_id: clientId, user_message_id: 'q1' },
    },
    { type: 'toolInvocation', tool_id: 'c1', tool_name: 'search', args: {}, emoji: '🔎' },
    { type: 'toolResult', tool_id: 'c1', success: true, result: 'x' },
    ...words.map((delta) => ({ type: 'textStreamDelta' as const, delta, message_id: 'a1' })),
    {
      type: 'messageComplete',
      message_id: 'a1',
      total_length: words.join('').length,
      metadata: { tokens: 1, duration_ms: 1, tools_used: [], sources: [] },
    },
    { type: 'stateUpdate', status: 'complete', thread_id: threadId, metadata: {} },
  ];
  return frames.map((frame, index) => ({ ...frame, run_id: runId, seq: index + 1 }));
}

const shown = (key = threadId): Conversation | undefined => chat.snapshot().conversations[key];
const texts = (key = threadId) =>
  shown(key)?.messages.map((message) => [message.role, message.text, message.status]);
const online = () => until('the line stands', () => chat.snapshot().line === 'online');
const answered = () => until('the answer ended', () => shown() !== undefined && shown()?.runId === undefined);

beforeEach(async () => {
  gateway = await TestGateway.start();
  record = undefined;
  ids = 0;
});
afterEach(async () => {
  chat.close();
  await gateway.close();
});

/** Sends the first question of a new conversation; resolves with the client's id of it. */
async function ask(text = 'Which tea?'): Promise<string> {
  chat.draft(undefined);
  expect(chat.send('draft', text)).toBe(true);
  const sent = await gateway.next('user_message');
  return String(sent.client_message_id);
}

describe('a question', () => {
  it('is shown as being sent, then answered word by word in a thread of its own', async () => {
    start();
    await online();
    const clientId = await ask();
    expect(texts('draft')).toEqual([['user', 'Which tea?', 'sending']]);

    const frames = answer(clientId, ['Green', ' tea']);
    gateway.send(...frames.slice(0, 4));
    await until('the first word is there', () => shown()?.messages[1]?.text === 'Green');
    expect(chat.snapshot().promoted).toEqual({ draft: threadId });
    expect(shown()).toMatchObject({ runId, title: 'Which tea?' });
    expect(shown()?.messages[1]).toMatchObject({
      status: 'streaming',
      tools: [{ name: 'search', state: 'done' }],
    });

    gateway.send(...frames.slice(4));
    await answered();
    expect(texts()).toEqual([
      ['user', 'Which tea?', 'complete'],
      ['assistant', 'Green tea', 'complete'],
    ]);
  });

  it('names the knowledge base that it is about', async () => {
    start();
    await online();
    chat.draft('kb1');
    chat.send('draft:kb1', 'Hi');
    expect(await gateway.next('user_message')).toMatchObject({ message: 'Hi', kb_ids: ['kb1'] });
  });

  it('names what was chosen before the first message, and nothing that is chosen later', async () => {
    start();
    await online();
    chat.draft(undefined);
    chat.setScope('draft', ['kb1', 'kb2']);
    chat.send('draft', 'Hi');
    chat.setScope('draft', []);
    expect(await gateway.next('user_message')).toMatchObject({ kb_ids: ['kb1', 'kb2'] });
    expect(shown('draft')?.kbIds).toEqual(['kb1', 'kb2']);
  });

  it('waits for the line, and goes out once it stands', async () => {
    const { port } = gateway;
    await gateway.close();
    start();
    chat.draft(undefined);
    chat.send('draft', 'Anybody?');
    await until('it is known to be offline', () => chat.snapshot().line === 'offline');
    expect(texts('draft')).toEqual([['user', 'Anybody?', 'sending']]);
    gateway = await TestGateway.start(port);
    expect(await gateway.next('user_message')).toMatchObject({
      message: 'Anybody?',
      client_message_id: 'id2',
    });
  });

  it('is sent again under the same id when the line broke before it was bound, and answered once', async () => {
    start();
    await online();
    const clientId = await ask();
    gateway.drop();
    const again = await gateway.next('user_message');
    expect(again.client_message_id).toBe(clientId);
    gateway.send(...answer(clientId, ['Yes']));
    await answered();
    expect(texts()).toEqual([
      ['user', 'Which tea?', 'complete'],
      ['assistant', 'Yes', 'complete'],
    ]);
  });

  it('is sent again when the server says nothing for too long', async () => {
    start({ patienceMs: 50 });
    await online();
    const clientId = await ask();
    expect((await gateway.next('user_message')).client_message_id).toBe(clientId);
  });

  it('is not sent a second time once it has its answer', async () => {
    start({ patienceMs: 40 });
    await online();
    gateway.send(...answer(await ask(), ['Yes']));
    await answered();
    gateway.drop();
    await until('the line is back', () => gateway.connections === 2 && chat.snapshot().line === 'online');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(gateway.count('user_message')).toBe(0);
  });

  it('that is refused says why and can be sent again', async () => {
    start();
    await online();
    const clientId = await ask();
    gateway.send({
      type: 'error',
      code: 'RATE_LIMIT_EXCEEDED',
      message: 'Slow down.',
      details: { client_message_id: clientId, retry_after: 7 },
      severity: 'warning',
      recoverable: true,
    });
    await until('it is refused', () => shown('draft')?.messages[0]?.status === 'unsent');
    expect(shown('draft')?.messages[0]?.problem).toEqual({
      code: 'RATE_LIMIT_EXCEEDED',
      message: 'Slow down.',
      retryAfter: 7,
    });
    expect(chat.retry('draft', clientId)).toBe(true);
    expect(await gateway.next('user_message')).toMatchObject({ message: 'Which tea?' });
    expect(texts('draft')).toEqual([['user', 'Which tea?', 'sending']]);
  });

  it('has to wait while another one of its conversation is on its way or being answered', async () => {
    start();
    await online();
    const clientId = await ask();
    expect(chat.send('draft', 'And another?')).toBe(false);
    gateway.send(...answer(clientId, ['Yes']).slice(0, 1));
    await until('it is being answered', () => shown()?.runId === runId);
    expect(chat.send(threadId, 'And another?')).toBe(false);
    expect(chat.send(threadId, '   ')).toBe(false);
  });
});

describe('the frames of an answer', () => {
  it('count once, however often they come', async () => {
    start();
    await online();
    const frames = answer(await ask(), ['one ', 'two ', 'three']);
    gateway.send(...frames.slice(0, 5), ...frames.slice(2, 5), ...frames, ...frames);
    await answered();
    expect(shown()?.messages[1]?.text).toBe('one two three');
    expect(shown()?.messages).toHaveLength(2);
  });

  it('are asked for again when one is missing, and shown in order', async () => {
    start();
    await online();
    const frames = answer(await ask(), ['one ', 'two ', 'three']);
    gateway.send(...frames.slice(0, 4), ...frames.slice(5));
    expect(await gateway.next('resume')).toMatchObject({ run_id: runId, after: 4 });
    expect(shown()?.messages[1]?.text).toBe('one ');
    gateway.send(...frames.slice(4));
    await answered();
    expect(shown()?.messages[1]?.text).toBe('one two three');
    expect(gateway.count('resume')).toBe(0);
  });

  it('go on after the line broke, from the last one seen', async () => {
    start();
    await online();
    const frames = answer(await ask(), ['one ', 'two ', 'three']);
    gateway.send(...frames.slice(0, 5));
    await until('two words are there', () => shown()?.messages[1]?.text === 'one two ');
    gateway.drop();
    expect(await gateway.next('resume')).toMatchObject({ run_id: runId, after: 5 });
    gateway.send(...frames.slice(5));
    await answered();
    expect(texts()?.[1]).toEqual(['assistant', 'one two three', 'complete']);
  });

  it('end as stopped when they were stopped, and keep what was said', async () => {
    start();
    await online();
    gateway.send(...answer(await ask(), ['one ', 'two']).slice(0, 4));
    await until('a word is there', () => shown()?.messages[1]?.text === 'one ');
    chat.stop(threadId);
    expect(await gateway.next('cancel_action')).toMatchObject({ action_id: runId });
    expect(shown()?.stopping).toBe(true);
    gateway.send({
      type: 'stateUpdate',
      status: 'cancelled',
      thread_id: threadId,
      metadata: {},
      run_id: runId,
      seq: 5,
    });
    await answered();
    expect(texts()?.[1]).toEqual(['assistant', 'one ', 'stopped']);
  });

  it('are stopped as soon as there is a line again', async () => {
    start();
    await online();
    gateway.send(...answer(await ask(), ['one']).slice(0, 1));
    await until('it is being answered', () => shown()?.runId === runId);
    gateway.drop();
    await until('the line is down', () => chat.snapshot().line !== 'online');
    chat.stop(threadId);
    expect(await gateway.next('cancel_action')).toMatchObject({ action_id: runId });
  });

  it('end as failed with the reason, and the question can be asked again', async () => {
    start();
    await online();
    const [first] = answer(await ask(), []);
    gateway.send(
      first ?? { type: 'pong' },
      {
        type: 'error',
        code: 'UPSTREAM_UNAVAILABLE',
        message: 'The model is away.',
        details: {},
        severity: 'error',
        recoverable: true,
        run_id: runId,
        seq: 2,
      },
      { type: 'stateUpdate', status: 'error', thread_id: threadId, metadata: {}, run_id: runId, seq: 3 },
    );
    await answered();
    const failed = shown()?.messages[1];
    expect(failed).toMatchObject({ status: 'failed', problem: { code: 'UPSTREAM_UNAVAILABLE' } });
    expect(chat.retry(threadId, failed?.key ?? '')).toBe(true);
    expect(await gateway.next('user_message')).toMatchObject({ message: 'Which tea?', thread_id: threadId });
  });
});

describe('a thread', () => {
  it('shows its record, the newest page first', async () => {
    record = {
      thread: thread({ message_count: 120 }),
      messages: Array.from({ length: 120 }, (_, index) =>
        view(`m${index}`, index % 2 ? 'assistant' : 'user', `${index}`),
      ),
    };
    start();
    await chat.open(threadId);
    expect([shown()?.messages.length, shown()?.messages[0]?.text, shown()?.earlier]).toEqual([50, '70', 70]);
    await chat.openEarlier(threadId);
    expect([shown()?.messages.length, shown()?.messages[0]?.text, shown()?.earlier]).toEqual([100, '20', 20]);
  });

  it('that is not ours is missing', async () => {
    start();
    await chat.open(threadId);
    expect(shown()?.phase).toBe('missing');
  });

  it('that is being answered goes on here, over what was recorded of it', async () => {
    record = {
      thread: thread({ message_count: 2, active_run_id: runId }),
      messages: [view('q1', 'user', 'Which tea?'), view('a1', 'assistant', 'Gr', { status: 'streaming' })],
    };
    start();
    await online();
    await chat.open(threadId);
    expect(await gateway.next('resume')).toMatchObject({ run_id: runId, after: 0 });
    gateway.send(...answer(undefined, ['Green']));
    await answered();
    expect(texts()).toEqual([
      ['user', 'Which tea?', 'complete'],
      ['assistant', 'Green', 'complete'],
    ]);
  });

  it('whose answer nobody gives any more says that it was interrupted', async () => {
    record = {
      thread: thread({ message_count: 2 }),
      messages: [view('q1', 'user', 'Which tea?'), view('a1', 'assistant', 'Gr', { status: 'streaming' })],
    };
    start();
    await chat.open(threadId);
    expect(texts()?.[1]).toEqual(['assistant', 'Gr', 'partial']);
  });

  it('falls back to the record when its run is gone from the log', async () => {
    start();
    await online();
    gateway.send(...answer(await ask(), ['one ']).slice(0, 4));
    await until('a word is there', () => shown()?.messages[1]?.text === 'one ');
    record = {
      thread: thread({ message_count: 2 }),
      messages: [view('q1', 'user', 'Which tea?'), view('a1', 'assistant', 'one two three')],
    };
    gateway.drop();
    await gateway.next('resume');
    gateway.send({
      type: 'error',
      code: 'RESOURCE_NOT_FOUND',
      message: 'gone',
      details: { run_id: runId },
      severity: 'error',
      recoverable: true,
    });
    await until('the whole answer is there', () => shown()?.messages[1]?.text === 'one two three');
    expect(texts()?.[1]).toEqual(['assistant', 'one two three', 'complete']);
    expect(shown()?.runId).toBeUndefined();
  });

  it('shows what another device asks in it, with the answer as it comes', async () => {
    record = { thread: thread(), messages: [] };
    start();
    await online();
    await chat.open(threadId);
    record = {
      thread: thread({ message_count: 1, active_run_id: runId }),
      messages: [view('q1', 'user', 'From my phone')],
    };
    const frames = answer(undefined, ['Hello', ' phone']);
    gateway.send(...frames.slice(0, 4));
    await until('question and answer are there', () => shown()?.messages.length === 2);
    gateway.send(...frames.slice(4));
    await answered();
    expect(texts()).toEqual([
      ['user', 'From my phone', 'complete'],
      ['assistant', 'Hello phone', 'complete'],
    ]);
  });

  it("never takes another device's run for the answer to a question of this one", async () => {
    start();
    await online();
    await ask();
    gateway.send(...answer(undefined, ['Not for you']));
    gateway.send({ type: 'uiContext', userInfo: {} });
    await until('all frames are read', () => chat.snapshot().ui !== undefined);
    expect(texts('draft')).toEqual([['user', 'Which tea?', 'sending']]);
    expect(chat.snapshot().promoted).toEqual({});
  });

  it('shows a question once that is known from the record and from here', async () => {
    record = { thread: thread(), messages: [] };
    start();
    await online();
    await chat.open(threadId);
    chat.send(threadId, 'Which tea?');
    const sent = await gateway.next('user_message');
    record = {
      thread: thread({ message_count: 1, active_run_id: runId }),
      messages: [view('q1', 'user', 'Which tea?')],
    };
    await chat.open(threadId);
    gateway.send(...answer(String(sent.client_message_id), ['Green']));
    await answered();
    expect(texts()).toEqual([
      ['user', 'Which tea?', 'complete'],
      ['assistant', 'Green', 'complete'],
    ]);
  });
});

it('keeps a bounded number of conversations, but every busy one', async () => {
  start();
  await online();
  gateway.send(...answer(await ask(), []).slice(0, 1));
  await until('it is being answered', () => shown()?.runId === runId);
  for (let n = 0; n < 40; n += 1) chat.draft(`kb${n}`);
  expect(Object.keys(chat.snapshot().conversations)).toHaveLength(20);
  expect(shown()?.runId).toBe(runId);
});

it('counts down what a guest may still write', async () => {
  gateway.onAuth = (socket) =>
    socket.send(
      JSON.stringify({
        type: 'auth_success',
        mode: 'guest',
        user_id: null,
        permissions: [],
        message: '',
        rate_limits: { messages_per_minute: 10, total_messages: 20, remaining: 3 },
      }),
    );
  start();
  await online();
  gateway.send(...answer(await ask(), ['Hi']));
  await answered();
  expect(chat.snapshot()).toMatchObject({ mode: 'guest', remaining: 2 });
});
