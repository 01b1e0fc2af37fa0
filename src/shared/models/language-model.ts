// The port of language models. Providers differ behind it; agents know only this.

export interface ModelToolCall {
  id: string;
  name: string;
  /** JSON text as the model wrote it; it may be broken. */
  arguments: string;
}

export type ModelMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; toolCalls?: readonly ModelToolCall[] }
  | { role: 'tool'; callId: string; name: string; content: string };

export interface ModelTool {
  name: string;
  description: string;
  /** JSON Schema of an object. */
  parameters: Record<string, unknown>;
}

export interface ModelRequest {
  messages: readonly ModelMessage[];
  tools: readonly ModelTool[];
  signal: AbortSignal;
  temperature?: number;
  maxOutputTokens?: number;
}

export interface ModelUsage {
  /** 0 where the provider does not tell. */
  inputTokens: number;
  outputTokens: number;
}

/** Deltas are never empty. Every tool call that starts ends, before `finish`. */
export type ModelPart =
  | { type: 'text'; delta: string }
  | { type: 'reasoning'; delta: string }
  | { type: 'tool-call-start'; id: string; name: string }
  | { type: 'tool-call-delta'; id: string; delta: string }
  | { type: 'tool-call-end'; id: string; name: string; arguments: string }
  | {
      type: 'finish';
      usage: ModelUsage;
      reason: 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other';
    };

export interface LanguageModel {
  /** `<provider>:<model>`. */
  readonly id: string;
  /** Name of the provider as configured. */
  readonly provider: string;
  /**
   * Streams one answer; `finish` is last. Throws an AppError UPSTREAM_UNAVAILABLE whose message may be shown and
   * whose `details.reason` is a ModelFailure; what came before it stays valid. Throws the signal's reason when aborted.
   */
  stream(request: ModelRequest): AsyncIterable<ModelPart>;
}
