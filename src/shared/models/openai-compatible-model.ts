// Any provider that speaks OpenAI's chat completions. The wire format is @ai-sdk's; timeouts, retries and errors are ours.
import { setTimeout as sleep } from 'node:timers/promises';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel, ModelMessage, ModelPart, ModelRequest } from './language-model.ts';
import { failureOfStatus, type ModelFailure, modelError } from './model-error.ts';

export interface OpenAiCompatibleOptions {
  provider: string;
  model: string;
  /** With the version: `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey?: string | undefined;
  /** Milliseconds until the answer's headers are there. @default 30_000 */
  connectTimeoutMs?: number;
  /** Milliseconds between two parts of the answer. @default 60_000 */
  idleTimeoutMs?: number;
  /** Milliseconds before each retry; their number is the number of retries. @default [300, 1200] */
  retryDelaysMs?: readonly number[];
}

/** Longer requests to wait than this are answered with the error at once. */
const maxRetryAfterMs = 5_000;

type ChatModel = ReturnType<ReturnType<typeof createOpenAICompatible>['chatModel']>;
type ChatOptions = Parameters<ChatModel['doStream']>[0];
type ChatStream = Awaited<ReturnType<ChatModel['doStream']>>['stream'];
type ChatPart = ChatStream extends ReadableStream<infer Part> ? Part : never;

export class OpenAiCompatibleModel implements LanguageModel {
  readonly id: string;
  readonly provider: string;
  readonly #model: ChatModel;
  readonly #apiKey: string | undefined;
  readonly #connectTimeoutMs: number;
  readonly #idleTimeoutMs: number;
  readonly #retryDelaysMs: readonly number[];

  constructor(options: OpenAiCompatibleOptions) {
    this.id = `${options.provider}:${options.model}`;
    this.provider = options.provider;
    this.#apiKey = options.apiKey;
    this.#connectTimeoutMs = options.connectTimeoutMs ?? 30_000;
    this.#idleTimeoutMs = options.idleTimeoutMs ?? 60_000;
    this.#retryDelaysMs = options.retryDelaysMs ?? [300, 1_200];
    this.#model = createOpenAICompatible({
      name: options.provider,
      baseURL: options.baseUrl.replace(/\/+$/, ''),
      includeUsage: true,
      ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
    }).chatModel(options.model);
  }

  /** Retries on network errors, 429 and 5xx, only as long as nothing of the answer was given on. */
  async *stream(request: ModelRequest): AsyncGenerator<ModelPart> {
    for (let attempt = 0; ; attempt++) {
      let given = false;
      try {
        for await (const part of this.#attempt(request)) {
          given = true;
          yield part;
        }
        return;
      } catch (error) {
        request.signal.throwIfAborted();
        const failed = error instanceof AttemptError ? error : new AttemptError('unreachable', error);
        const delay = given ? undefined : this.#delayBefore(attempt, failed);
        if (delay === undefined) {
          throw modelError(given ? interruption(failed.failure) : failed.failure, failed.cause, this.#apiKey);
        }
        await sleep(delay, undefined, { signal: request.signal }).catch(() =>
          request.signal.throwIfAborted(),
        );
      }
    }
  }

  #delayBefore(attempt: number, failed: AttemptError): number | undefined {
    const delay = this.#retryDelaysMs[attempt];
    if (delay === undefined || (failed.failure !== 'unreachable' && failed.failure !== 'limited'))
      return undefined;
    const wait = Math.max(delay, failed.retryAfterMs ?? 0);
    return wait > maxRetryAfterMs ? undefined : wait;
  }

  async *#attempt(request: ModelRequest): AsyncGenerator<ModelPart> {
    const silence = new AbortController();
    const signal = AbortSignal.any([request.signal, silence.signal]);
    let timer = setTimeout(() => silence.abort(), this.#connectTimeoutMs);
    let reader: ReadableStreamDefaultReader<ChatPart> | undefined;
    try {
      const { stream } = await this.#model.doStream(chatOptions(request, signal));
      reader = stream.getReader();
      const open = new Map<string, string>();
      for (;;) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), this.#idleTimeoutMs);
        // The transport is not always quick to notice the signal.
        const { done, value } = await orAborted(reader.read(), signal);
        if (done) return;
        const part = partOf(value, open);
        if (part) yield part;
        if (part?.type === 'finish') return;
      }
    } catch (error) {
      if (silence.signal.aborted && !request.signal.aborted) throw new AttemptError('timeout', error);
      throw AttemptError.of(error);
    } finally {
      clearTimeout(timer);
      silence.abort();
      // The socket is closed by the signal; a stream that already failed says so again here.
      await reader?.cancel().catch(() => undefined);
    }
  }
}

class AttemptError extends Error {
  readonly failure: ModelFailure;
  readonly retryAfterMs: number | undefined;

  constructor(failure: ModelFailure, cause: unknown, retryAfterMs?: number) {
    super(failure, { cause });
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
  }

  static of(error: unknown): AttemptError {
    if (error instanceof AttemptError) return error;
    const status = numberIn(error, 'statusCode');
    if (status === undefined) return new AttemptError('unreachable', error);
    // @ai-sdk also fails with the status of a success when the body is not what it expects.
    if (status < 400) return new AttemptError('interrupted', error);
    const headers = isRecord(error) && isRecord(error['responseHeaders']) ? error['responseHeaders'] : {};
    const seconds = Number(headers['retry-after']);
    return new AttemptError(failureOfStatus(status), error, seconds > 0 ? seconds * 1_000 : undefined);
  }
}

function interruption(failure: ModelFailure): ModelFailure {
  return failure === 'timeout' ? 'timeout' : 'interrupted';
}

function partOf(part: ChatPart, open: Map<string, string>): ModelPart | undefined {
  switch (part.type) {
    case 'text-delta':
      return part.delta === '' ? undefined : { type: 'text', delta: part.delta };
    case 'reasoning-delta':
      return part.delta === '' ? undefined : { type: 'reasoning', delta: part.delta };
    case 'tool-input-start':
      open.set(part.id, part.toolName);
      return { type: 'tool-call-start', id: part.id, name: part.toolName };
    case 'tool-input-delta':
      return part.delta === '' ? undefined : { type: 'tool-call-delta', id: part.id, delta: part.delta };
    case 'tool-call':
      open.delete(part.toolCallId);
      return { type: 'tool-call-end', id: part.toolCallId, name: part.toolName, arguments: part.input };
    case 'error':
      throw AttemptError.of(errorInStream(part.error));
    case 'finish': {
      const reason = part.finishReason.unified;
      if (reason === 'error' || reason === 'interrupted') {
        throw new AttemptError('interrupted', `finish reason "${reason}"`);
      }
      return {
        type: 'finish',
        usage: {
          inputTokens: part.usage.inputTokens.total ?? 0,
          outputTokens: part.usage.outputTokens.total ?? 0,
        },
        reason,
      };
    }
    default:
      return undefined;
  }
}

/** An error object inside of a stream that began with 200. */
function errorInStream(error: unknown): AttemptError {
  const code = numberIn(error, 'code') ?? numberIn(error, 'status');
  return new AttemptError(code !== undefined && code >= 400 ? failureOfStatus(code) : 'interrupted', error);
}

function numberIn(value: unknown, key: string): number | undefined {
  if (!isRecord(value)) return undefined;
  const found = value[key];
  return typeof found === 'number' ? found : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function chatOptions(request: ModelRequest, signal: AbortSignal): ChatOptions {
  return {
    prompt: request.messages.map(promptMessage),
    abortSignal: signal,
    ...(request.tools.length === 0
      ? {}
      : {
          tools: request.tools.map((tool) => ({
            type: 'function',
            name: tool.name,
            description: tool.description,
            inputSchema: tool.parameters,
          })),
          toolChoice: { type: 'auto' },
        }),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.maxOutputTokens === undefined ? {} : { maxOutputTokens: request.maxOutputTokens }),
  };
}

function promptMessage(message: ModelMessage): ChatOptions['prompt'][number] {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.content };
    case 'user':
      return { role: 'user', content: [{ type: 'text', text: message.content }] };
    case 'assistant':
      return {
        role: 'assistant',
        content: [
          ...(message.content ? [{ type: 'text' as const, text: message.content }] : []),
          ...(message.toolCalls ?? []).map((call) => ({
            type: 'tool-call' as const,
            toolCallId: call.id,
            toolName: call.name,
            input: inputOf(call.arguments),
          })),
        ],
      };
    case 'tool':
      return {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: message.callId,
            toolName: message.name,
            output: { type: 'text', value: message.content },
          },
        ],
      };
  }
}

/** What the model wrote, back to it; broken JSON is shown to it as an empty object, the tool's result says why. */
function inputOf(text: string): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch {
    return {};
  }
}
