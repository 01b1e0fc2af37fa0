// The API on the services and the database that the application runs on.
import { EventType } from '@ag-ui/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerFrame } from '#shared/contracts/gateway-frames.ts';
import { messagePage, threadPage } from '#shared/contracts/threads.ts';
import { MessageEntity, RunEntity, ThreadEntity } from '#shared/conversations/entities.ts';
import { RunLog } from '#shared/conversations/run-log.ts';
import { RunService } from '#shared/conversations/run-service.ts';
import { ThreadService } from '#shared/conversations/thread-service.ts';
import type { Database } from '#shared/database/database.ts';
import { openTestDatabase } from '#shared/database/test-database.ts';
import { PersonEntity, RefreshTokenEntity } from '#shared/identity/entities.ts';
import { GuestService } from '#shared/identity/guest-service.ts';
import { PeopleService } from '#shared/identity/people-service.ts';
import { TokenService } from '#shared/identity/token-service.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import { MemorySessionStore } from '#shared/session-store/memory-session-store.ts';
import { ScriptedAgent } from './testing/scripted-agent.ts';
import { SocketClient } from './testing/socket-client.ts';
import { initDataOf, type RunningApi, startApi } from './testing/start-api.ts';

let db: Database;
let store: MemorySessionStore;
let runs: RunService;
let api: RunningApi;
const clients: SocketClient[] = [];

beforeAll(async () => {
  db = await openTestDatabase([PersonEntity, RefreshTokenEntity, ThreadEntity, MessageEntity, RunEntity]);
  store = new MemorySessionStore();
  const agent = new ScriptedAgent();
  const agents = {
    defaultId: agent.id,
    list: () => [agent],
    find: (id: string) => (id === agent.id ? agent : undefined),
  };
  const guests = new GuestService({ store });
  const people = new PeopleService({
    db,
    profileSources: {
      messagesSent: async () => 0,
      tasksCompleted: async () => 0,
      groupsManaged: async () => 0,
      knowledgeSize: async () => 0,
      activeProcesses: async () => [],
    },
  });
  const tokens = new TokenService({ db, people, jwtSecret: 's'.repeat(32) });
  const threads = new ThreadService({ db, defaultAgentId: agent.id, requireReadable: async () => undefined });
  runs = new RunService({
    db,
    store,
    log: new RunLog(store),
    threads,
    agents,
    guests,
    names: async () => new Map(),
    modelOf: async () => undefined,
    emojiOf: () => '🔧',
    logger: createLogger('silent'),
    metrics: createMetrics(),
  });
  await runs.open();
  api = await startApi({
    store,
    db,
    environment: { TRUSTED_PROXIES: '127.0.0.1' },
    services: { people, tokens, guests, threads, runs, agents },
  });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(async () => {
  await runs.close(0);
  await api.stop();
  await db.close();
});

let people = 500;

/** Signs somebody new in, over the API. */
async function signIn() {
  people += 1;
  const answer = await api.call('/api/auth/telegram-miniapp', {
    body: { initData: initDataOf({ id: people }) },
    headers: { 'x-forwarded-for': `203.0.113.${people % 250}` },
  });
  expect(answer.status).toBe(200);
  return { token: String(answer.json['jwt_token']), refresh: String(answer.json['refresh_token']) };
}

async function open(token: string): Promise<SocketClient> {
  const client = new SocketClient(`${api.wsUrl}/ws/chat`, { token });
  clients.push(client);
  await client.next('auth_success');
  return client;
}

function ask(
  token: string,
  input: { threadId: string; runId: string; question: string },
  lastEventId?: string,
) {
  return api.call('/api/agent/assistant', {
    token,
    body: { ...input, messages: [{ id: 'm', role: 'user', content: input.question }] },
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  });
}

function eventsOf(text: string): Record<string, unknown>[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(
    (match) => JSON.parse(match[1] ?? '') as Record<string, unknown>,
  );
}

const ended = (frame: ServerFrame) => frame.type === 'stateUpdate' && frame.status === 'complete';

describe('a conversation over the socket', () => {
  it('is on record, and read again after its log is gone', async () => {
    const { token } = await signIn();
    const client = await open(token);
    client.send({ type: 'user_message', message: 'remember the milk', client_message_id: 'c1' });
    const end = await client.next('stateUpdate', ended);
    const threads = threadPage.parse((await api.call('/api/threads', { token })).json);
    expect(threads.results.map((thread) => thread.id)).toEqual([end.thread_id]);
    const path = `/api/threads/${end.thread_id}/messages`;
    const messages = messagePage.parse((await api.call(path, { token })).json);
    expect(messages.results.map((each) => [each.role, each.content, each.status])).toEqual([
      ['user', 'remember the milk', 'complete'],
      ['assistant', 'remember the milk ', 'complete'],
    ]);

    client.send({ type: 'user_message', message: 'remember the milk', client_message_id: 'c1' });
    expect(messagePage.parse((await api.call(path, { token })).json).total).toBe(2);

    // The log lives in the store for an hour, the record for ever.
    const follow = store.read.bind(store);
    store.read = async () => ({ entries: [], last: 0, oldest: 0 });
    const later = await open(token);
    later.send({ type: 'resume', run_id: end.run_id, after: 0 });
    await later.next('stateUpdate', ended);
    store.read = follow;
    expect(later.ofRun(end.run_id ?? '').map((frame) => frame.type)).toEqual([
      'stateUpdate',
      'textStreamDelta',
      'messageComplete',
      'stateUpdate',
    ]);
  });
});

describe('AG-UI', () => {
  it('starts one run for one id, resumes it, and keeps others out', async () => {
    const [ann, bob] = [await signIn(), await signIn()];
    const input = {
      threadId: 'chat',
      runId: '0190a0b0-2222-7000-8000-000000000001',
      question: 'hello there',
    };
    const first = await ask(ann.token, input);
    const events = eventsOf(first.text);
    expect(events[0]).toMatchObject({ type: EventType.RUN_STARTED, threadId: 'chat', runId: input.runId });
    expect(events.at(-1)).toMatchObject({
      type: EventType.RUN_FINISHED,
      threadId: 'chat',
      outcome: { type: 'success' },
    });
    expect(eventsOf((await ask(ann.token, input)).text)).toEqual(events);
    expect(eventsOf((await ask(ann.token, input, `${input.runId}:3`)).text)).toEqual(events.slice(3));
    expect((await ask(ann.token, input, `${input.runId}:${events.length}`)).status).toBe(204);
    expect((await ask(bob.token, { ...input, threadId: 'own' })).status).toBe(404);
    expect((await ask(bob.token, input, `${input.runId}:3`)).status).toBe(404);

    // The same words for the ids of somebody else are another conversation.
    const other = await ask(bob.token, { ...input, runId: 'run', question: 'secret' });
    expect(JSON.stringify(eventsOf(other.text))).toContain('secret');
    const again = await ask(ann.token, { ...input, runId: 'run', question: 'again' });
    expect(JSON.stringify(eventsOf(again.text))).not.toContain('secret');
    const threads = threadPage.parse((await api.call('/api/threads', { token: ann.token })).json);
    expect(threads.results.map((thread) => thread.message_count)).toEqual([4]);
  });

  it('tells a failure of the agent as it is fit for people', async () => {
    const { token } = await signIn();
    const answer = await ask(token, { threadId: 't', runId: 'r', question: 'fail' });
    expect(eventsOf(answer.text).at(-1)).toMatchObject({
      type: EventType.RUN_ERROR,
      code: 'UPSTREAM_UNAVAILABLE',
      message: 'The model went away.',
    });
  });

  it('is answered 429 with the time to wait when questions are too many', async () => {
    const { token } = await signIn();
    let last = await ask(token, { threadId: 't', runId: 'r0', question: 'hi' });
    for (let i = 1; i <= 30 && last.status === 200; i += 1) {
      last = await ask(token, { threadId: 't', runId: `r${i}`, question: 'hi' });
    }
    expect(last.status).toBe(429);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(last.json).toMatchObject({ details: { limit: 30, window: 60 } });
  });
});

describe('tokens', () => {
  it('are renewed once', async () => {
    const { refresh } = await signIn();
    const renew = () => api.call('/api/auth/refresh', { body: { refresh_token: refresh } });
    const [one, two] = await Promise.all([renew(), renew()]);
    expect([one.status, two.status].toSorted((a, b) => a - b)).toEqual([200, 401]);
  });

  it('that nobody issued are refused', async () => {
    const { token } = await signIn();
    const [head, body] = token.split('.');
    for (const forged of [`${head}.${body}.x`, `${head}.${body}.`, 'a.b.c', `${token}x`]) {
      expect((await api.call('/api/profile', { token: forged })).status).toBe(401);
    }
  });
});
