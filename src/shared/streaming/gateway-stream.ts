// AG-UI events of one run → frames of the gateway sockets. The same log gives the same frames with the same numbers,
// whoever reads it and how often: a reader that resumes translates from the start and skips what it has.
import { EventType, type TokenUsage } from '@ag-ui/core';
import { sourcesEventName } from '../agents/agent.ts';
import type { ServerFrame } from '../contracts/gateway-frames.ts';
import type { Source } from '../contracts/threads.ts';
import type { FollowedEvent, RunEvent } from '../conversations/run.ts';
import { type ErrorCode, errorCodes } from '../errors.ts';

export interface GatewayTranslatorOptions {
  runId: string;
  /** Known from RUN_STARTED when left out. */
  threadId?: string | undefined;
  /** The recorded message of the answer; the first text message's id when left out. */
  messageId?: string | undefined;
  /** Whether a delta is what is new, or the whole text so far. */
  mode: 'incremental' | 'cumulative';
  /** Goes into the first frame, such as the client's own id of its question. */
  metadata?: Readonly<Record<string, unknown>>;
  emojiOf?: (toolName: string) => string;
}

export interface GatewayTranslator {
  /** Frames are numbered densely from 1 over the whole run, apart from the numbers of the events. */
  translate(followed: FollowedEvent): ServerFrame[];
}

type Unnumbered = ServerFrame extends infer F
  ? F extends ServerFrame
    ? Omit<F, 'run_id' | 'seq'>
    : never
  : never;

export function createGatewayTranslator(options: GatewayTranslatorOptions): GatewayTranslator {
  const run = new RunState(options);
  let seq = 0;
  return {
    translate: ({ event }) =>
      run.translate(event).map((frame) => {
        seq += 1;
        return { ...frame, run_id: options.runId, seq };
      }),
  };
}

class RunState {
  readonly #options: GatewayTranslatorOptions;
  readonly #calls = new Map<string, { name: string; args: string }>();
  readonly #toolsUsed = new Set<string>();
  #threadId: string;
  #messageId: string | undefined;
  #lastTextId: string | undefined;
  #text = '';
  #sources: Source[] = [];
  #startedAt: number | undefined;

  constructor(options: GatewayTranslatorOptions) {
    this.#options = options;
    this.#threadId = options.threadId ?? '';
    this.#messageId = options.messageId;
  }

  translate(event: RunEvent): Unnumbered[] {
    switch (event.type) {
      case EventType.RUN_STARTED:
        this.#threadId = event.threadId;
        this.#startedAt = event.timestamp;
        return [this.#state('generating', { ...this.#options.metadata })];
      case EventType.TEXT_MESSAGE_START:
        this.#messageId ??= event.messageId;
        return [];
      case EventType.TEXT_MESSAGE_CONTENT:
        return this.#delta(event.messageId, event.delta);
      case EventType.TOOL_CALL_START:
        this.#calls.set(event.toolCallId, { name: event.toolCallName, args: '' });
        this.#toolsUsed.add(event.toolCallName);
        return [];
      case EventType.TOOL_CALL_ARGS: {
        const call = this.#calls.get(event.toolCallId);
        if (call) call.args += event.delta;
        return [];
      }
      case EventType.TOOL_CALL_END:
        return this.#invocation(event.toolCallId);
      case EventType.TOOL_CALL_RESULT: {
        const result = textOf(event.content);
        const failed = event.metadata?.['error'] === true;
        return [
          {
            type: 'toolResult',
            tool_id: event.toolCallId,
            success: !failed,
            ...(failed ? { error: result } : { result }),
          },
        ];
      }
      case EventType.CUSTOM:
        return this.#custom(event.name, event.value);
      case EventType.RUN_FINISHED:
        return [
          this.#complete(event.timestamp, event.usage),
          this.#state(stateOf(event.outcome?.type), { message_id: this.#answerId() }),
        ];
      case EventType.RUN_ERROR:
        return [
          {
            type: 'error',
            code: errorCodeOf(event.code),
            message: event.message,
            details: { thread_id: this.#threadId, message_id: this.#answerId() },
            severity: 'error',
            recoverable: true,
          },
          this.#state('error', { message_id: this.#answerId() }),
        ];
      case EventType.TEXT_MESSAGE_END:
      case EventType.STEP_STARTED:
      case EventType.STEP_FINISHED:
      case EventType.STATE_SNAPSHOT:
      case EventType.STATE_DELTA:
      case EventType.REASONING_START:
      case EventType.REASONING_MESSAGE_START:
      case EventType.REASONING_MESSAGE_CONTENT:
      case EventType.REASONING_MESSAGE_END:
      case EventType.REASONING_END:
        return [];
    }
  }

  #delta(textId: string, delta: string): Unnumbered[] {
    if (delta === '') return [];
    // An agent that speaks again after a tool writes one recorded message, with a blank line between the parts.
    const gap =
      this.#lastTextId !== undefined && this.#lastTextId !== textId && this.#text !== '' ? '\n\n' : '';
    this.#lastTextId = textId;
    this.#text += gap + delta;
    return [
      {
        type: 'textStreamDelta',
        delta: this.#options.mode === 'cumulative' ? this.#text : gap + delta,
        message_id: this.#answerId(),
      },
    ];
  }

  #invocation(toolCallId: string): Unnumbered[] {
    const call = this.#calls.get(toolCallId);
    if (!call) return [];
    this.#calls.delete(toolCallId);
    return [
      {
        type: 'toolInvocation',
        tool_id: toolCallId,
        tool_name: call.name,
        args: jsonOr(call.args),
        emoji: this.#options.emojiOf?.(call.name) ?? '🔧',
      },
      this.#state('tool_executing', { tool_id: toolCallId, tool_name: call.name }),
    ];
  }

  #custom(name: string, value: unknown): Unnumbered[] {
    if (name === sourcesEventName && Array.isArray(value)) this.#sources = value as Source[];
    // The value of these is the frame itself, without its type.
    if ((name === 'formRequest' || name === 'taskList') && typeof value === 'object' && value !== null) {
      return [{ ...value, type: name } as Unnumbered];
    }
    return [];
  }

  #complete(endedAt: number | undefined, usage: TokenUsage[] | undefined): Unnumbered {
    return {
      type: 'messageComplete',
      message_id: this.#answerId(),
      total_length: this.#text.length,
      metadata: {
        tokens: tokensOf(usage),
        duration_ms: Math.max(0, (endedAt ?? 0) - (this.#startedAt ?? endedAt ?? 0)),
        tools_used: [...this.#toolsUsed],
        sources: this.#sources,
      },
    };
  }

  #state(
    status: Extract<ServerFrame, { type: 'stateUpdate' }>['status'],
    metadata: Record<string, unknown>,
  ): Unnumbered {
    return { type: 'stateUpdate', status, thread_id: this.#threadId, metadata };
  }

  /** A run that said nothing has no text message; whatever takes a message id here also takes a run id. */
  #answerId(): string {
    return this.#messageId ?? this.#options.runId;
  }
}

function stateOf(outcome: string | undefined): 'complete' | 'cancelled' | 'waiting' {
  if (outcome === 'cancelled') return 'cancelled';
  return outcome === 'interrupt' ? 'waiting' : 'complete';
}

function tokensOf(usage: TokenUsage[] | undefined): number | null {
  if (!usage || usage.length === 0) return null;
  return usage.reduce(
    (sum, each) => sum + (each.totalTokens ?? (each.inputTokens ?? 0) + (each.outputTokens ?? 0)),
    0,
  );
}

function errorCodeOf(code: string | undefined): ErrorCode {
  return errorCodes.find((known) => known === code) ?? 'INTERNAL_ERROR';
}

function textOf(content: string | readonly { type: string; text?: unknown }[]): string {
  if (typeof content === 'string') return content;
  return content.flatMap((part) => (typeof part.text === 'string' ? [part.text] : [])).join('');
}

function jsonOr(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
