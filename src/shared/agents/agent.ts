// The agent port. Whatever can answer is one of these; no surface knows which.
import type {
  Message as AgUiMessage,
  Tool as ClientTool,
  CustomEvent,
  ReasoningEndEvent,
  ReasoningMessageContentEvent,
  ReasoningMessageEndEvent,
  ReasoningMessageStartEvent,
  ReasoningStartEvent,
  StateDeltaEvent,
  StateSnapshotEvent,
  StepFinishedEvent,
  StepStartedEvent,
  TextMessageContentEvent,
  TextMessageEndEvent,
  TextMessageStartEvent,
  ToolCallArgsEvent,
  ToolCallEndEvent,
  ToolCallResultEvent,
  ToolCallStartEvent,
} from '@ag-ui/core';
import type { RunUsage } from '../conversations/entities.ts';
import type { Caller } from '../identity/caller.ts';
import type { Language } from '../language.ts';

/**
 * What an agent may say. RUN_STARTED, RUN_FINISHED and RUN_ERROR are not here: the run service alone opens and ends
 * a run, so that every run has exactly one terminal event whatever an agent does.
 */
export type AgentEvent =
  | TextMessageStartEvent
  | TextMessageContentEvent
  | TextMessageEndEvent
  | ToolCallStartEvent
  | ToolCallArgsEvent
  | ToolCallEndEvent
  | ToolCallResultEvent
  | StepStartedEvent
  | StepFinishedEvent
  | StateSnapshotEvent
  | StateDeltaEvent
  | ReasoningStartEvent
  | ReasoningMessageStartEvent
  | ReasoningMessageContentEvent
  | ReasoningMessageEndEvent
  | ReasoningEndEvent
  | CustomEvent;

/** One message of the conversation so far, oldest first; the last one is the question. */
export interface ConversationMessage {
  role: 'user' | 'assistant';
  content: string;
  /** Who wrote it, where several people share a conversation. */
  author?: string;
}

export interface AgentTask {
  runId: string;
  threadId: string;
  /** The id that the answer's TEXT_MESSAGE_* events carry. */
  messageId: string;
  messages: readonly ConversationMessage[];
  caller: Caller;
  language: Language;
  /** IANA name. */
  timeZone: string;
  /** Knowledge bases that the conversation is limited to; empty: all that the caller may read. */
  kbIds: readonly string[];
  /** Tools that the client runs: the agent calls them and ends. */
  clientTools: readonly ClientTool[];
  /** The whole history as an AG-UI client sent it (tool messages included), when one did. */
  clientMessages?: readonly AgUiMessage[];
  /** Model that the person chose, if any: `<provider>:<model>`. */
  model?: string;
  /** Aborted when somebody presses Stop or the process shuts down. The agent ends its generator soon after. */
  signal: AbortSignal;
  /** Call it once, when known. */
  reportUsage(usage: RunUsage): void;
}

export interface AgentDescription {
  id: string;
  name: string;
  description: string;
  /** One emoji. */
  icon: string;
}

/**
 * Answers one question as a stream of AG-UI events. An error that is thrown ends the run as failed: throw an AppError
 * when its message is fit for the person who asked. What was said before it is kept.
 */
export interface Agent {
  readonly id: string;
  describe(language: Language): AgentDescription;
  run(task: AgentTask): AsyncIterable<AgentEvent>;
}

/** Name of the CUSTOM event whose value is `Source[]`: the numbered sources of the answer. Sent before its end. */
export const sourcesEventName = 'sources';
