import { type Tool as ClientTool, EventType } from '@ag-ui/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  apiKey,
  chunk,
  type FakeReply,
  fakeModelServer,
  textReply,
  toolReply,
} from '../../models/fake-model-server.ts';
import { ModelRegistry } from '../../models/model-registry.ts';
import { OpenAiCompatibleModel } from '../../models/openai-compatible-model.ts';
import { calculator } from '../../tools/calculator/calculator.ts';
import type { Tool } from '../../tools/tool.ts';
import { ToolRegistry } from '../../tools/tool-registry.ts';
import type { AgentTask } from '../agent.ts';
import { brokenRules, collectEvents, testTask, textOf } from '../event-rules.ts';
import { LanguageModelAgent } from './language-model-agent.ts';

const passages = ['Tea is free.', 'Coffee costs one euro.', 'Water is free.'];

/** Finds the n-th passages that the query names, as `search 1 2`. */
const finder: Tool = {
  name: 'find',
  emoji: '🔎',
  description: '',
  input: z.object({ numbers: z.array(z.int()) }),
  label: () => 'Finding',
  run: async (input) => ({
    status: 'ok',
    content: 'found',
    sources: z
      .array(z.int())
      .parse(input['numbers'])
      .map((n) => ({
        kb_id: 'kb',
        kb_name: 'Canteen',
        title: `Rule ${n}`,
        quote: passages[n] ?? '',
        sender: null,
        date: null,
        link: null,
      })),
  }),
};

async function answer(replies: FakeReply[], more: Partial<AgentTask> = {}, maxRounds = 8) {
  const server = await fakeModelServer(...replies);
  const models = new ModelRegistry(
    { providers: { test: { baseUrl: server.baseUrl, apiKey, models: ['m'] } } },
    (provider, config, model) =>
      new OpenAiCompatibleModel({ provider, model, ...config, idleTimeoutMs: 150, retryDelaysMs: [5, 5] }),
  );
  const agent = new LanguageModelAgent(models, new ToolRegistry([calculator, finder]), {
    maxRounds,
    now: () => new Date('2026-11-21T12:00:00Z'),
  });
  const task = testTask('What is free?', more);
  try {
    const { events, error } = await collectEvents(agent.run(task));
    expect(brokenRules(events, 'answer')).toEqual([]);
    return {
      events,
      error,
      text: textOf(events),
      usage: task.usage,
      requests: server.requests,
      types: events.map((event) => event.type),
    };
  } finally {
    await server.close();
  }
}

const sourcesIn = (events: { type: EventType; value?: unknown }[]): number[] =>
  events.flatMap((event) =>
    event.type === EventType.CUSTOM ? (event.value as { n: number }[]).map((source) => source.n) : [],
  );

describe('LanguageModelAgent', () => {
  it('streams what the model says and reports its usage once', async () => {
    const { text, types, usage, requests } = await answer([textReply('Hello', ' there')]);
    expect(text).toBe('Hello there');
    expect(types).toEqual([
      EventType.TEXT_MESSAGE_START,
      EventType.TEXT_MESSAGE_CONTENT,
      EventType.TEXT_MESSAGE_CONTENT,
      EventType.TEXT_MESSAGE_END,
    ]);
    expect(usage).toEqual([{ inputTokens: 10, outputTokens: 2, model: 'm', provider: 'test' }]);
    expect(requests[0]?.body.messages[0]).toMatchObject({
      role: 'system',
      content: expect.stringContaining('21 November 2026 at 15:00 (Europe/Moscow)'),
    });
  });

  it('runs tools, tells the model their results, and goes on', async () => {
    const { text, types, events, requests, usage } = await answer([
      toolReply('call_1', 'calculator', '{"expression"', ':"6*7"}'),
      textReply('It is 42.'),
    ]);
    expect(text).toBe('It is 42.');
    expect(types.slice(0, 5)).toEqual([
      EventType.TOOL_CALL_START,
      EventType.TOOL_CALL_ARGS,
      EventType.TOOL_CALL_ARGS,
      EventType.TOOL_CALL_END,
      EventType.TOOL_CALL_RESULT,
    ]);
    expect(events[4]).toMatchObject({ toolCallId: 'call_1', content: '6*7 = 42' });
    expect(requests[1]?.body.messages.at(-1)).toEqual({
      role: 'tool',
      tool_call_id: 'call_1',
      content: '6*7 = 42',
    });
    expect(usage).toMatchObject([{ inputTokens: 30, outputTokens: 6 }]);
  });

  it('numbers sources over several searches and shows those that are cited', async () => {
    const { events, requests } = await answer([
      toolReply('call_0', 'find', '{"numbers":[0,1]}'),
      // The same id again, as some providers do.
      toolReply('call_0', 'find', '{"numbers":[1,2]}'),
      textReply('Tea [1] and water [3]', ' are free.'),
    ]);
    expect(JSON.stringify(requests[2]?.body.messages.at(-1))).toContain('[3] Rule 2 (Canteen)');
    expect(JSON.stringify(requests[2]?.body.messages.at(-1))).toContain('[2] Rule 1');
    expect(sourcesIn(events)).toEqual([1, 3]);
  });

  it('shows all sources when none is cited', async () => {
    const { events } = await answer([toolReply('a', 'find', '{"numbers":[0,1]}'), textReply('Tea.')]);
    expect(sourcesIn(events)).toEqual([1, 2]);
  });

  it('lets the model read what was wrong with its call', async () => {
    const { text, events } = await answer([
      toolReply('a', 'calculator', '{"expression":'),
      toolReply('b', 'nothing', '{}'),
      textReply('Sorry.'),
    ]);
    expect(text).toBe('Sorry.');
    const results = events.flatMap((event) =>
      event.type === EventType.TOOL_CALL_RESULT ? [event.content] : [],
    );
    expect(results[0]).toMatch(/^Error: The arguments do not fit/);
    expect(results[1]).toMatch(/^Error: There is no tool "nothing"/);
  });

  it('takes the tools away in the last round and does not go on for ever', async () => {
    const { requests, error } = await answer([toolReply('a', 'find', '{"numbers":[0]}')], {}, 3);
    expect(requests).toHaveLength(3);
    expect(requests.map((request) => request.body.tools?.length ?? 0)).toEqual([2, 2, 0]);
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });

  it('calls a tool of the client and ends', async () => {
    const clientTools: ClientTool[] = [
      { name: 'paint', description: 'Paints', parameters: { type: 'object' } },
    ];
    const { types, requests, error } = await answer([toolReply('a', 'paint', '{"colour":"red"}')], {
      clientTools,
    });
    expect(error).toBeUndefined();
    expect(types).toEqual([EventType.TOOL_CALL_START, EventType.TOOL_CALL_ARGS, EventType.TOOL_CALL_END]);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.body.tools).toHaveLength(3);
  });

  it('goes on from the result that a client sent, and leaves out what a provider would refuse', async () => {
    const call = (id: string) => ({
      id,
      type: 'function' as const,
      function: { name: 'paint', arguments: '{}' },
    });
    const { text, requests } = await answer([textReply('Painted.')], {
      clientMessages: [
        { id: '1', role: 'user', content: 'Paint it' },
        { id: '2', role: 'assistant', toolCalls: [call('a'), call('unanswered')] },
        { id: '3', role: 'tool', toolCallId: 'a', content: 'done' },
        { id: '4', role: 'tool', toolCallId: 'orphan', content: '?' },
      ],
    });
    expect(text).toBe('Painted.');
    expect(requests[0]?.body.messages.map((message) => message.role)).toEqual([
      'system',
      'user',
      'assistant',
      'tool',
    ]);
  });

  it('keeps what was said when the provider breaks off', async () => {
    const { text, error, usage } = await answer([{ chunks: [chunk({ content: 'Half' })], after: 'destroy' }]);
    expect(text).toBe('Half');
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', details: { reason: 'interrupted' } });
    expect(usage).toHaveLength(1);
  });

  it('takes an empty answer for a failure', async () => {
    expect((await answer([textReply()])).error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });

  it('tells the model the newest messages when a conversation is long', async () => {
    const messages = Array.from({ length: 400 }, (_, i) => ({
      role: i % 2 === 0 ? ('user' as const) : ('assistant' as const),
      content: `message ${i} ${'word '.repeat(200)}`,
    }));
    const { requests } = await answer([textReply('Ok')], { messages });
    const sent = requests[0]?.body.messages ?? [];
    expect(sent.length).toBeGreaterThan(50);
    expect(sent.length).toBeLessThan(110);
    expect(JSON.stringify(sent.at(-1))).toContain('message 399');
  });

  it('ends quietly and at once when it is stopped', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 60);
    const { text, error } = await answer([{ chunks: [chunk({ content: 'Half' })], after: 'hang' }], {
      signal: controller.signal,
    });
    expect([text, error]).toEqual(['Half', undefined]);
  });
});
