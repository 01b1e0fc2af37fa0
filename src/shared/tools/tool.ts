// The tool port: what an agent can do besides talking.
import type { z } from 'zod';
import type { Source } from '../contracts/threads.ts';
import type { Caller } from '../identity/caller.ts';
import type { Language } from '../language.ts';

export interface ToolContext {
  caller: Caller;
  language: Language;
  /** IANA name. */
  timeZone: string;
  /** Knowledge bases that the conversation is limited to; empty: all that the caller may read. */
  kbIds: readonly string[];
  signal: AbortSignal;
}

/** `content` is what the model reads; `data` is what a surface may show; `sources` become the answer's sources. */
export type ToolResult =
  | { status: 'ok'; content: string; data?: unknown; sources?: Omit<Source, 'n'>[] }
  | { status: 'error'; message: string };

/**
 * One tool. `run` gets input that its schema accepted, returns expected failures as `status: 'error'` (the model reads
 * the message and may try again) and throws only for defects.
 */
export interface Tool<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** One emoji, shown while it works. */
  readonly emoji: string;
  /** For the model: when to use it and when not. */
  readonly description: string;
  readonly input: Input;
  /** What a person reads while it works: "Searching …". */
  label(language: Language): string;
  run(input: z.infer<Input>, context: ToolContext): Promise<ToolResult>;
}
