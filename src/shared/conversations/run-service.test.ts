import { EventType } from '@ag-ui/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Agent, AgentEvent, AgentTask } from '../agents/agent.ts';
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { AppError } from '../errors.ts';
import type { GuestCaller, PersonCaller } from '../identity/caller.ts';
import { PersonEntity, RefreshTokenEntity } from '../identity/entities.ts';
import { GuestService } from '../identity/guest-service.ts';
import { createLogger } from '../observability/logger.ts';
import { createMetrics } from '../observability/metrics.ts';
import { MemorySessionStore } from '../session-store/memory-session-store.ts';
import { MessageEntity, RunEntity, ThreadEntity } from './entities.ts';
import type { FollowedEvent } from './run.ts';
import { RunLog } from './run-log.ts';
import { RunService } from './run-service.ts';
import { ThreadService } from './thread-service.ts';

const entities = [PersonEntity, RefreshTokenEntity, ThreadEntity, MessageEntity, RunEntity];
const never = new AbortController().signal;

/** An agent that says what the test scripted, word by word, and waits where it is told to. */
class ScriptedAgent implements Agent {
  readonly id = 'scripted';
  script: (task: AgentTask) => AsyncIterable<AgentEvent> = (task) => this.say(task, ['Hello', ' there']);
  readonly tasks: AgentTask[] = [];

  describe() {
    return { id: this.id, name: 'Scripted', description: '', icon: '🎭' };
  }

  run(task: AgentTask): AsyncIterable<AgentEvent> {
    this.tasks.push(task);
    return this.script(task);
  }

  async *say(task: AgentTask, words: readonly string[]): AsyncGenerator<AgentEvent> {
    yield { type: EventType.TEXT_MESSAGE_START, messageId: task.messageId, role: 'assistant' };
    for (const delta of words) {
      await Promise.resolve();
      yield { type: EventType.TEXT_MESSAGE_CONTENT, messageId: task.messageId, delta };
    }
    yield { type: EventType.TEXT_MESSAGE_END, messageId: task.messageId };
  }

  async *sayAndHang(task: AgentTask, text: string): AsyncGenerator<AgentEvent> {
    yield { type: EventType.TEXT_MESSAGE_START, messageId: task.messageId, role: 'assistant' };
    yield { type: EventType.TEXT_MESSAGE_CONTENT, messageId: task.messageId, delta: text };
    await new Promise((resolve) => task.signal.addEventListener('abort', resolve, { once: true }));
  }
}

function person(name: string): PersonCaller {
  return { kind: 'person', personId: newId(), displayName: name, language: 'en', timeZone: 'UTC' };
}

let db: Database;
let store: MemorySessionStore;
let agent: ScriptedAgent;
let runs: RunService;
let threads: ThreadService;

function service(): RunService {
  threads = new ThreadService({ db, defaultAgentId: 'scripted', requireReadable: async () => undefined });
  return new RunService({
    db,
    store,
    log: new RunLog(store),
    threads,
    agents: {
      defaultId: 'scripted',
      list: () => [agent],
      find: (id) => (id === 'scripted' ? agent : undefined),
    },
    guests: new GuestService({ store }),
    names: async () => new Map(),
    modelOf: async () => undefined,
    emojiOf: () => '🔧',
    logger: createLogger('silent'),
    metrics: createMetrics(),
  });
}

beforeAll(async () => {
  db = await openTestDatabase(entities);
});

afterAll(() => db.close());

beforeEach(async () => {
  store = new MemorySessionStore();
  agent = new ScriptedAgent();
  runs = service();
  await runs.open();
});

afterEach(async () => {
  await runs.close(0);
  await store.close();
});

async function collect(events: AsyncIterable<FollowedEvent>): Promise<FollowedEvent[]> {
  return Array.fromAsync(events);
}

async function until<T>(read: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const value = await read();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const contentOf = (events: FollowedEvent[]) =>
  events.map(({ event }) => (event.type === EventType.TEXT_MESSAGE_CONTENT ? event.delta : '')).join('');

describe('a run', () => {
  it('streams with dense numbers, ends once and is recorded', async () => {
    const ann = person('Ann');
    const started = await runs.start({ caller: ann, text: 'Hi' });
    const events = await collect(runs.follow(ann, started.runId, 0, never));
    expect(events.map(({ event }) => event.type)).toEqual([
      'RUN_STARTED',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'RUN_FINISHED',
    ]);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    const page = await threads.messages(ann, started.threadId, { limit: 10, offset: 0 });
    expect(page.results.map(({ seq, role, content, status }) => [seq, role, content, status])).toEqual([
      [1, 'user', 'Hi', 'complete'],
      [2, 'assistant', 'Hello there', 'complete'],
    ]);
  });

  it('has the question in the database before the agent is asked', async () => {
    const ann = person('Ann');
    let recorded = 0;
    agent.script = async function* (task) {
      recorded = await db.em.count(MessageEntity, { threadId: task.threadId, role: 'user' });
      yield* agent.say(task, ['ok']);
    };
    const { runId } = await runs.start({ caller: ann, text: 'Hi' });
    await collect(runs.follow(ann, runId, 0, never));
    expect(recorded).toBe(1);
  });

  it('is replayed exactly from where a reader left, to any number of readers', async () => {
    const ann = person('Ann');
    const { runId } = await runs.start({ caller: ann, text: 'Hi' });
    const all = await collect(runs.follow(ann, runId, 0, never));
    for (let after = 0; after <= all.length; after++) {
      expect(await collect(runs.follow(ann, runId, after, never))).toEqual(all.slice(after));
    }
  });

  it('reaches a reader to its last word who takes longer than the run', async () => {
    const ann = person('Ann');
    const words = Array.from({ length: 50 }, (_, index) => `${index} `);
    agent.script = (task) => agent.say(task, words);
    const { runId } = await runs.start({ caller: ann, text: 'Hi' });
    const events: FollowedEvent[] = [];
    for await (const followed of runs.follow(ann, runId, 0, never)) {
      // Longer than the quiet time after which the database is asked, while the run is long over.
      if (events.length === 5) await new Promise((resolve) => setTimeout(resolve, 6_500));
      events.push(followed);
    }
    expect(contentOf(events)).toBe(words.join(''));
    expect(events.at(-1)?.event.type).toBe('RUN_FINISHED');
  });

  it('ends for its readers when its log is lost with the store', async () => {
    const ann = person('Ann');
    agent.script = (task) => agent.sayAndHang(task, 'Half');
    const { runId } = await runs.start({ caller: ann, text: 'Hi' });
    await until(async () => (await new RunLog(store).tail(runId)).last >= 3);
    const reading = collect(runs.follow(ann, runId, 0, never));
    await db.em.nativeUpdate(RunEntity, { id: runId }, { status: 'partial', errorCode: 'INTERRUPTED' });
    expect((await reading).at(-1)?.event).toMatchObject({ type: 'RUN_ERROR', code: 'INTERRUPTED' });
    await runs.cancel(ann, runId);
  });

  it('keeps the partial text when it is stopped, and closes what was open', async () => {
    const ann = person('Ann');
    agent.script = (task) => agent.sayAndHang(task, 'Partial');
    const { runId, threadId, assistantMessageId } = await runs.start({ caller: ann, text: 'Hi' });
    const reading = collect(runs.follow(ann, runId, 0, never));
    await until(async () => (await new RunLog(store).tail(runId)).last >= 3);
    expect(await runs.cancel(ann, assistantMessageId)).toEqual({ status: 'cancelling' });
    const events = await reading;
    expect(events.slice(-2).map(({ event }) => event.type)).toEqual(['TEXT_MESSAGE_END', 'RUN_FINISHED']);
    expect(events.at(-1)?.event).toMatchObject({ outcome: { type: 'cancelled' } });
    const [, answer] = (await threads.messages(ann, threadId, { limit: 10, offset: 0 })).results;
    expect(answer).toMatchObject({ content: 'Partial', status: 'stopped' });
    expect(await runs.cancel(ann, runId)).toEqual({ status: 'finished' });
  });

  it('ends soon after a stop even when its agent ignores it', async () => {
    const ann = person('Ann');
    agent.script = async function* (task) {
      yield { type: EventType.TEXT_MESSAGE_START, messageId: task.messageId, role: 'assistant' };
      await new Promise(() => undefined);
    };
    const { runId } = await runs.start({ caller: ann, text: 'Hi' });
    await until(async () => (await new RunLog(store).tail(runId)).last >= 2);
    await runs.cancel(ann, runId);
    const events = await collect(runs.follow(ann, runId, 0, never));
    expect(events.at(-1)?.event).toMatchObject({ type: 'RUN_FINISHED', outcome: { type: 'cancelled' } });
  });

  it('that fails midway keeps its words and tells only what may be told', async () => {
    const ann = person('Ann');
    agent.script = async function* (task) {
      yield* agent.say(task, ['Half']);
      throw new Error('password is hunter2');
    };
    const { runId, threadId } = await runs.start({ caller: ann, text: 'Hi' });
    const last = (await collect(runs.follow(ann, runId, 0, never))).at(-1)?.event;
    expect(last).toMatchObject({ type: 'RUN_ERROR', code: 'INTERNAL_ERROR' });
    expect(JSON.stringify(last)).not.toContain('hunter2');
    const [, answer] = (await threads.messages(ann, threadId, { limit: 10, offset: 0 })).results;
    expect(answer).toMatchObject({ content: 'Half', status: 'partial' });
  });

  it('passes on the sentence of an AppError', async () => {
    const ann = person('Ann');
    agent.script = async function* (task) {
      yield* agent.say(task, []);
      throw new AppError('UPSTREAM_UNAVAILABLE', 'The model does not answer.');
    };
    const { runId } = await runs.start({ caller: ann, text: 'Hi' });
    const last = (await collect(runs.follow(ann, runId, 0, never))).at(-1)?.event;
    expect(last).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', message: 'The model does not answer.' });
  });

  it('drops events that would break the order of AG-UI', async () => {
    const ann = person('Ann');
    agent.script = async function* (task) {
      yield { type: EventType.TEXT_MESSAGE_CONTENT, messageId: 'nowhere', delta: 'lost' };
      yield* agent.say(task, ['', 'kept']);
      yield { type: EventType.TOOL_CALL_END, toolCallId: 'none' };
    };
    const { runId } = await runs.start({ caller: ann, text: 'Hi' });
    const events = await collect(runs.follow(ann, runId, 0, never));
    expect(contentOf(events)).toBe('kept');
    expect(events.some(({ event }) => event.type === EventType.TOOL_CALL_END)).toBe(false);
  });

  it('is started once when the client sends twice, also at the same time', async () => {
    const ann = person('Ann');
    const thread = await threads.create(ann, {});
    const send = () =>
      runs.start({ caller: ann, text: 'Hi', clientMessageId: 'm1', threadId: thread.id }).catch(String);
    const results = await Promise.all([send(), send(), send()]);
    const again = await send();
    const ids = new Set(
      [...results, again].map((result) => (typeof result === 'string' ? result : result.runId)),
    );
    expect(ids.size).toBe(1);
    expect(await db.em.count(MessageEntity, { role: 'user', threadId: thread.id })).toBe(1);
    const fresh = () => runs.start({ caller: ann, text: 'New', clientMessageId: 'm2' });
    const begun = await Promise.all([fresh(), fresh(), fresh()]);
    expect(new Set(begun.map((run) => run.threadId)).size).toBe(1);
    expect((await threads.list(ann, { limit: 10, offset: 0 })).total, 'no empty one is left').toBe(2);
    const bob = await runs.start({ caller: person('Bob'), text: 'Hi', clientMessageId: 'm1' });
    expect(bob.status).toBe('started');
  });

  it('waits for the one before it in its conversation and sees its answer', async () => {
    const ann = person('Ann');
    const first = await runs.start({ caller: ann, text: 'One' });
    const second = await runs.start({ caller: ann, text: 'Two', threadId: first.threadId });
    await collect(runs.follow(ann, second.runId, 0, never));
    expect(agent.tasks[1]?.messages.map(({ content }) => content)).toEqual(['One', 'Hello there', 'Two']);
  });

  it("is nobody else's", async () => {
    const ann = person('Ann');
    const eve = person('Eve');
    const { runId, threadId } = await runs.start({ caller: ann, text: 'Hi' });
    await expect(collect(runs.follow(eve, runId, 0, never))).rejects.toThrow(/does not exist/);
    await expect(runs.cancel(eve, runId)).rejects.toThrow(/does not exist/);
    await expect(runs.start({ caller: eve, text: 'Hi', threadId })).rejects.toThrow(/does not exist/);
    await expect(threads.get(eve, threadId)).rejects.toThrow(/does not exist/);
    await expect(threads.remove(eve, threadId)).rejects.toThrow(/does not exist/);
  });

  it('is limited in number for guests', async () => {
    const guest: GuestCaller = { kind: 'guest', guestId: newId(), language: 'en' };
    for (let count = 0; count < 10; count++) await runs.start({ caller: guest, text: 'Hi' });
    await expect(runs.start({ caller: guest, text: 'Hi' })).rejects.toMatchObject({
      code: 'RATE_LIMIT_EXCEEDED',
    });
  });
});

describe('after the process died', () => {
  it('an answer keeps what was said, marked as partial, and nothing is doubled', async () => {
    const ann = person('Ann');
    agent.script = (task) => agent.sayAndHang(task, 'Half an answer');
    const { runId, threadId } = await runs.start({ caller: ann, text: 'Hi', clientMessageId: 'm1' });
    await until(() => db.em.findOne(MessageEntity, { content: 'Half an answer' }));

    // The next process finds an empty store, as after `kill -9` without Redis.
    const dead = runs;
    const deadStore = store;
    store = new MemorySessionStore();
    agent = new ScriptedAgent();
    runs = service();
    await runs.open();

    const page = await threads.messages(ann, threadId, { limit: 10, offset: 0 });
    expect(page.results.map(({ content, status }) => [content, status])).toEqual([
      ['Hi', 'complete'],
      ['Half an answer', 'partial'],
    ]);
    const again = await runs.start({ caller: ann, text: 'Hi', clientMessageId: 'm1' });
    expect(again).toMatchObject({ status: 'duplicate', runId });
    expect(agent.tasks).toHaveLength(0);

    const replay = await collect(runs.follow(ann, runId, 0, never));
    expect(contentOf(replay)).toBe('Half an answer');
    expect(replay.at(-1)?.event).toMatchObject({ type: 'RUN_ERROR', code: 'INTERRUPTED' });
    await expect(collect(runs.follow(ann, runId, 2, never))).rejects.toMatchObject({ code: 'CONFLICT' });

    await dead.close(0);
    await deadStore.close();
    const [, answer] = (await threads.messages(ann, threadId, { limit: 10, offset: 0 })).results;
    expect(answer?.status, 'the late end of the dead process changes nothing').toBe('partial');
  });

  it('a run of a living instance is left alone', async () => {
    const ann = person('Ann');
    agent.script = (task) => agent.sayAndHang(task, 'Working');
    const { runId } = await runs.start({ caller: ann, text: 'Hi' });
    const other = service();
    await other.open();
    expect((await db.em.findOneOrFail(RunEntity, { id: runId })).status).toBe('running');
    await other.cancel(ann, runId);
    const events = await collect(runs.follow(ann, runId, 0, never));
    expect(events.at(-1)?.event).toMatchObject({ outcome: { type: 'cancelled' } });
    await other.close(0);
  });
});
