// A provider for tests: speaks OpenAI's chat completions on loopback, refuses what OpenAI would refuse, and fails in
// the ways providers fail.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeReply {
  /** @default 200 */
  status?: number;
  headers?: Record<string, string>;
  /** Chunks of the stream; a string is sent as it is. */
  chunks?: readonly (object | string)[];
  /** Bytes a write; small ones cut UTF-8 and JSON in the middle. */
  bytesAtOnce?: number;
  /** What happens after the chunks. @default 'done': `[DONE]` and the end */
  after?: 'done' | 'hang' | 'destroy';
  /** For replies that are no stream. */
  body?: object;
  /** Nothing is answered at all. */
  silent?: boolean;
}

interface FakeRequest {
  headers: IncomingMessage['headers'];
  body: {
    model: string;
    messages: { role: string; content?: unknown; tool_call_id?: string }[];
    tools?: unknown[];
  };
}

export interface FakeModelServer {
  /** With the version. */
  baseUrl: string;
  requests: FakeRequest[];
  /** Requests whose client went away before the end. */
  readonly aborted: number;
  close(): Promise<void>;
}

export const apiKey = 'sk-test-0123456789';

/** Answers the n-th request with the n-th reply, and every further one with the last. */
export async function fakeModelServer(...replies: FakeReply[]): Promise<FakeModelServer> {
  const requests: FakeRequest[] = [];
  let aborted = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    response.on('close', () => {
      if (!response.writableFinished) aborted++;
    });
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const refusal = refusalOf(request, text);
      if (refusal) {
        sendJson(response, refusal.status, {
          error: { message: refusal.message, type: 'invalid_request_error' },
        });
        return;
      }
      requests.push({ headers: request.headers, body: JSON.parse(text) as FakeRequest['body'] });
      void answer(response, replies[requests.length - 1] ?? replies.at(-1) ?? {});
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get aborted() {
      return aborted;
    },
    close,
  };
}

/** The chunk of a delta. */
export function chunk(delta: object, finishReason: string | null = null): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'test',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  };
}

/** The last chunk of a provider that was asked for usage. */
export function usageChunk(input: number, output: number): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'test',
    choices: [],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  };
}

/** A whole answer of words. */
export function textReply(...words: string[]): FakeReply {
  return {
    chunks: [
      chunk({ role: 'assistant', content: '' }),
      ...words.map((content) => chunk({ content })),
      chunk({}, 'stop'),
      usageChunk(10, words.length),
    ],
  };
}

/** A call whose arguments come in pieces. */
export function toolReply(id: string, name: string, ...pieces: string[]): FakeReply {
  const call = (more: object): object => chunk({ tool_calls: [{ index: 0, ...more }] });
  return {
    chunks: [
      chunk({ role: 'assistant', content: null }),
      call({ id, type: 'function', function: { name, arguments: '' } }),
      ...pieces.map((piece) => call({ function: { arguments: piece } })),
      chunk({}, 'tool_calls'),
      usageChunk(20, 5),
    ],
  };
}

function refusalOf(request: IncomingMessage, text: string): { status: number; message: string } | undefined {
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
    return { status: 404, message: 'no route' };
  if (request.headers.authorization !== `Bearer ${apiKey}`) {
    return { status: 401, message: `Incorrect API key provided: ${request.headers.authorization}` };
  }
  let body: FakeRequest['body'] & { stream?: boolean };
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    return { status: 400, message: 'not JSON' };
  }
  if (!body.stream) return { status: 400, message: 'not streamed' };
  return wrongMessages(body.messages);
}

/** OpenAI: every tool message answers a call of the assistant message before it, and every call is answered. */
function wrongMessages(
  messages: FakeRequest['body']['messages'],
): { status: number; message: string } | undefined {
  let open = new Set<string>();
  for (const message of messages as (FakeRequest['body']['messages'][number] & {
    tool_calls?: { id: string }[];
  })[]) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id ?? ''))
        return { status: 400, message: 'tool message without a call' };
    } else if (open.size > 0) {
      return { status: 400, message: 'a call was not answered' };
    } else if (message.role === 'assistant') {
      open = new Set(message.tool_calls?.map((call) => call.id));
    }
  }
  return open.size > 0 ? { status: 400, message: 'a call was not answered' } : undefined;
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

async function answer(response: ServerResponse, reply: FakeReply): Promise<void> {
  if (reply.silent) return;
  const status = reply.status ?? 200;
  if (status !== 200 || reply.body) {
    sendJson(response, status, reply.body ?? { error: { message: 'failed' } }, reply.headers);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', ...reply.headers });
  const events = (reply.chunks ?? []).map((one) =>
    typeof one === 'string' ? one : `data: ${JSON.stringify(one)}\n\n`,
  );
  const after = reply.after ?? 'done';
  if (after === 'done') events.push('data: [DONE]\n\n');
  const bytes = Buffer.from(events.join(''));
  const size = reply.bytesAtOnce ?? (bytes.length || 1);
  for (let from = 0; from < bytes.length; from += size) {
    response.write(bytes.subarray(from, from + size));
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (after === 'done') response.end();
  if (after === 'destroy') setTimeout(() => response.destroy(), 20);
}
