import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';

/** A tool as a language model is told of it. */
export interface ToolDeclaration {
  name: string;
  description: string;
  /** JSON Schema of an object. */
  parameters: Record<string, unknown>;
}

export interface ToolRegistryOptions {
  /** Milliseconds that a tool may take. @default 10_000 */
  timeoutMs?: number;
  /** UTF-16 units of a result's text; the rest is cut. @default 32_000 */
  maxContentLength?: number;
  /** Told what a tool threw: a defect, or another system that is down. */
  onError?: (toolName: string, error: unknown) => void;
}

/** All tools of the process, and the one way to run them. */
export class ToolRegistry {
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #timeoutMs: number;
  readonly #maxContentLength: number;
  readonly #onError: (toolName: string, error: unknown) => void;

  /** Throws when two tools have one name. */
  constructor(tools: readonly Tool[], options: ToolRegistryOptions = {}) {
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
    if (this.#tools.size < tools.length) throw new Error('Two tools have the same name.');
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#maxContentLength = options.maxContentLength ?? 32_000;
    this.#onError = options.onError ?? (() => undefined);
  }

  list(): readonly Tool[] {
    return [...this.#tools.values()];
  }

  find(name: string): Tool | undefined {
    return this.#tools.get(name);
  }

  declarations(): ToolDeclaration[] {
    return this.list().map((tool) => ({
      name: tool.name,
      description: tool.description,
      parameters: z.toJSONSchema(tool.input, { io: 'input' }),
    }));
  }

  /**
   * Runs a tool with arguments as a model wrote them, parsed or as JSON text. Whatever goes wrong is a result that
   * the model can read; it throws only the reason of an abort.
   */
  async invoke(name: string, rawArguments: unknown, context: ToolContext): Promise<ToolResult> {
    const tool = this.#tools.get(name);
    if (!tool) {
      const names = [...this.#tools.keys()].join(', ');
      return { status: 'error', message: `There is no tool "${name}". There are: ${names}.` };
    }
    const parsed = tool.input.safeParse(parsedJson(rawArguments));
    if (!parsed.success) {
      return { status: 'error', message: `The arguments do not fit:\n${z.prettifyError(parsed.error)}` };
    }
    context.signal.throwIfAborted();
    const late = AbortSignal.timeout(this.#timeoutMs);
    const signal = AbortSignal.any([context.signal, late]);
    try {
      const result = await untilAborted(tool.run(parsed.data, { ...context, signal }), signal);
      return this.#bounded(result);
    } catch (error) {
      context.signal.throwIfAborted();
      if (late.aborted) {
        return { status: 'error', message: `"${name}" took longer than ${this.#timeoutMs / 1000} s.` };
      }
      this.#onError(name, error);
      const message = error instanceof AppError ? error.message : `"${name}" failed.`;
      return { status: 'error', message };
    }
  }

  #bounded(result: ToolResult): ToolResult {
    if (result.status === 'error' || result.content.length <= this.#maxContentLength) return result;
    return { ...result, content: `${result.content.slice(0, this.#maxContentLength)}… (cut)` };
  }
}

/** Models send arguments as text, and sometimes none at all for a tool that needs none. */
function parsedJson(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw ?? {};
  if (raw.trim() === '') return {};
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

/** A tool that ignores its signal is left behind. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
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
