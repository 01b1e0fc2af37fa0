import { afterEach, describe, expect, it } from 'vitest';
import {
  apiKey,
  chunk,
  type FakeModelServer,
  type FakeReply,
  fakeModelServer,
  textReply,
  toolReply,
  usageChunk,
} from './fake-model-server.ts';
import type { ModelPart, ModelRequest } from './language-model.ts';
import { OpenAiCompatibleModel } from './openai-compatible-model.ts';

const quick = { connectTimeoutMs: 150, idleTimeoutMs: 150, retryDelaysMs: [5, 10] };

const open: FakeModelServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function serve(...replies: FakeReply[]): Promise<FakeModelServer> {
  const server = await fakeModelServer(...replies);
  open.push(server);
  return server;
}

const modelOf = (server: { baseUrl: string }, key = apiKey) =>
  new OpenAiCompatibleModel({ provider: 'test', model: 'm', baseUrl: server.baseUrl, apiKey: key, ...quick });

const request = (more: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [{ role: 'user', content: 'Hi' }],
  tools: [],
  signal: new AbortController().signal,
  ...more,
});

async function collect(
  server: FakeModelServer,
  more: Partial<ModelRequest> = {},
  key = apiKey,
): Promise<{ parts: ModelPart[]; text: string; error: unknown }> {
  const parts: ModelPart[] = [];
  let error: unknown;
  try {
    for await (const part of modelOf(server, key).stream(request(more))) parts.push(part);
  } catch (caught) {
    error = caught;
  }
  const text = parts.map((part) => (part.type === 'text' ? part.delta : '')).join('');
  return { parts, text, error };
}

describe('a model behind chat completions', () => {
  it('streams text, reasoning and usage', async () => {
    const server = await serve({
      chunks: [
        chunk({ role: 'assistant', reasoning_content: 'Hm' }),
        chunk({ content: 'Hello' }),
        chunk({ content: '' }),
        chunk({ content: ' there' }),
        chunk({}, 'stop'),
        usageChunk(7, 2),
      ],
    });
    const { parts, error } = await collect(server);
    expect(error).toBeUndefined();
    expect(parts).toEqual([
      { type: 'reasoning', delta: 'Hm' },
      { type: 'text', delta: 'Hello' },
      { type: 'text', delta: ' there' },
      { type: 'finish', usage: { inputTokens: 7, outputTokens: 2 }, reason: 'stop' },
    ]);
  });

  it.each([1, 2, 3, 7])(
    'reads a stream that is cut every %d bytes, umlauts and emoji included',
    async (bytes) => {
      const server = await serve({
        ...textReply('Grüße ', '👋🏽', ' из ', '東京'),
        bytesAtOnce: bytes,
      });
      expect((await collect(server)).text).toBe('Grüße 👋🏽 из 東京');
    },
  );

  it('puts tool calls together from their pieces', async () => {
    const server = await serve(toolReply('call_1', 'calculator', '{"expr', 'ession":', '"1+1"}'));
    const { parts } = await collect(server, {
      tools: [{ name: 'calculator', description: 'd', parameters: { type: 'object', properties: {} } }],
    });
    expect(parts[0]).toEqual({ type: 'tool-call-start', id: 'call_1', name: 'calculator' });
    expect(parts.flatMap((part) => (part.type === 'tool-call-delta' ? [part.delta] : [])).join('')).toBe(
      '{"expression":"1+1"}',
    );
    expect(parts.at(-2)).toMatchObject({ type: 'tool-call-end', arguments: '{"expression":"1+1"}' });
    expect(parts.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' });
    expect(server.requests[0]?.body.tools).toHaveLength(1);
  });

  it('sends calls and their results back as the protocol wants them', async () => {
    const server = await serve(textReply('Two.'));
    const { text } = await collect(server, {
      messages: [
        { role: 'system', content: 'Be short' },
        { role: 'user', content: '1+1?' },
        {
          role: 'assistant',
          content: '',
          toolCalls: [{ id: 'c', name: 'calculator', arguments: '{"a":1}' }],
        },
        { role: 'tool', callId: 'c', name: 'calculator', content: '2' },
      ],
    });
    expect(text).toBe('Two.');
    expect(server.requests[0]?.body.messages.at(-1)).toEqual({
      role: 'tool',
      tool_call_id: 'c',
      content: '2',
    });
  });
});

describe('when a provider fails', () => {
  it('401 is told kindly, at once, and the key stays secret', async () => {
    const server = await serve(textReply('never'));
    const { error } = await collect(server, {}, 'sk-wrong-9876543210');
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', details: { reason: 'refused' } });
    const cause = error instanceof Error ? error.cause : undefined;
    expect(String(cause)).toContain('401');
    expect(`${String(error)} ${String(cause)} ${JSON.stringify(cause)}`).not.toContain('9876543210');
  });

  it.each([429, 500, 503])('%d is tried again before the first word', async (status) => {
    const server = await serve({ status }, textReply('Now'));
    expect(await collect(server)).toMatchObject({ text: 'Now', error: undefined });
    expect(server.requests).toHaveLength(2);
  });

  it('gives up after two retries', async () => {
    const server = await serve({ status: 429 });
    expect((await collect(server)).error).toMatchObject({ details: { reason: 'limited' } });
    expect(server.requests).toHaveLength(3);
  });

  it('does not wait for a minute because the provider wishes so', async () => {
    const server = await serve({ status: 429, headers: { 'retry-after': '60' } });
    expect((await collect(server)).error).toMatchObject({ details: { reason: 'limited' } });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [400, 'rejected'],
    [404, 'unknown_model'],
  ])('%d is not tried again: %s', async (status, reason) => {
    const server = await serve({ status });
    expect((await collect(server)).error).toMatchObject({ details: { reason } });
    expect(server.requests).toHaveLength(1);
  });

  it('a refused connection is unreachable', async () => {
    const server = await fakeModelServer();
    await server.close();
    expect((await collect(server)).error).toMatchObject({ details: { reason: 'unreachable' } });
  });

  it('an error inside the stream keeps what came before and is not tried again', async () => {
    const server = await serve({
      chunks: [chunk({ content: 'Half' }), { error: { message: 'overloaded', code: 500 } }],
    });
    const { text, error } = await collect(server);
    expect(text).toBe('Half');
    expect(error).toMatchObject({ details: { reason: 'interrupted' } });
    expect(server.requests).toHaveLength(1);
  });

  it.each(['destroy', 'done'] as const)('a stream that ends too early (%s) is no answer', async (after) => {
    const server = await serve({ chunks: [chunk({ content: 'Half' })], after });
    const { text, error } = await collect(server);
    expect(text).toBe('Half');
    expect(error).toMatchObject({ details: { reason: 'interrupted' } });
  });

  it('silence before and within the answer is a timeout', async () => {
    const silent = await serve({ silent: true });
    expect((await collect(silent)).error).toMatchObject({ details: { reason: 'timeout' } });
    const hanging = await serve({ chunks: [chunk({ content: 'Half' })], after: 'hang' });
    const { text, error } = await collect(hanging);
    expect(text).toBe('Half');
    expect(error).toMatchObject({ details: { reason: 'timeout' } });
  });
});

describe('when the answer is stopped', () => {
  it('ends at once with the reason and closes the connection', async () => {
    const server = await serve({ chunks: [chunk({ content: 'Half' })], after: 'hang' });
    const controller = new AbortController();
    const reading = (async () => {
      for await (const part of modelOf(server).stream(request({ signal: controller.signal }))) {
        if (part.type === 'text') controller.abort(new Error('stop pressed'));
      }
    })();
    await expect(reading).rejects.toThrow('stop pressed');
    await expect.poll(() => server.aborted).toBe(1);
  });
});
