// A language model whose every word the test says, so that a process can be ended between two of them. Speaks OpenAI's
// chat completions on loopback.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request of the app, which waits for words. */
export interface ModelCall {
  say(text: string): void;
  /** The answer is complete. */
  finish(): void;
  /** The connection breaks. */
  breakOff(): void;
}

export interface ScriptedModel {
  /** Environment of an app that answers with this model. */
  environment: Record<string, string>;
  readonly apiKey: string;
  /** All requests so far, oldest first. */
  readonly calls: readonly ModelCall[];
  /** The request with this index, now or later. */
  call(index: number): Promise<ModelCall>;
  /** Refuses the next requests with this status and body, until it is told `undefined`. */
  refuseWith(refusal: { status: number; body: string } | undefined): void;
  close(): Promise<void>;
}

export async function startScriptedModel(): Promise<ScriptedModel> {
  const apiKey = `sk-${'made-up-by-a-test-'.repeat(2)}`;
  const calls: ModelCall[] = [];
  const waiting = new Map<number, (call: ModelCall) => void>();
  let refusal: { status: number; body: string } | undefined;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.headers.authorization !== `Bearer ${apiKey}` || refusal) {
        const { status, body } = refusal ?? { status: 401, body: '{"error":{"message":"wrong key"}}' };
        response.writeHead(status, { 'content-type': 'application/json' }).end(body);
        return;
      }
      const call = begin(response);
      calls.push(call);
      waiting.get(calls.length - 1)?.(call);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    apiKey,
    environment: {
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      OPENAI_API_KEY: apiKey,
      DEFAULT_MODEL: 'openai:scripted',
    },
    calls,
    call: (index) =>
      new Promise((resolve, reject) => {
        const there = calls[index];
        if (there) return resolve(there);
        const timer = setTimeout(
          () => reject(new Error(`The model was not asked ${index + 1} times`)),
          30_000,
        );
        waiting.set(index, (call) => {
          clearTimeout(timer);
          resolve(call);
        });
      }),
    refuseWith: (next) => {
      refusal = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function begin(response: ServerResponse): ModelCall {
  response.on('error', () => undefined);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (choice: object) => {
    const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'scripted' };
    response.write(`data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, ...choice }] })}\n\n`);
  };
  send({ delta: { role: 'assistant', content: '' }, finish_reason: null });
  return {
    say: (content) => send({ delta: { content }, finish_reason: null }),
    finish: () => {
      send({ delta: {}, finish_reason: 'stop' });
      response.end('data: [DONE]\n\n');
    },
    breakOff: () => void response.destroy(),
  };
}
