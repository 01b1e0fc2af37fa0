// What starts a run and what its readers get.

import type {
  Event as AgUiEvent,
  Message as AgUiMessage,
  Tool as ClientTool,
  RunErrorEvent,
  RunFinishedEvent,
  RunStartedEvent,
} from '@ag-ui/core';
import { EventType } from '@ag-ui/core';
import type { AgentEvent } from '../agents/agent.ts';
import type { Caller } from '../identity/caller.ts';

/** Every event that a run's log can hold. */
export type RunEvent = RunStartedEvent | RunFinishedEvent | RunErrorEvent | AgentEvent;

/** `seq` is dense, from 1: a gap is a loss. */
export interface FollowedEvent {
  seq: number;
  event: RunEvent;
}

export interface StartRun {
  caller: Caller;
  text: string;
  /** Left out: a new conversation. */
  threadId?: string | undefined;
  agentId?: string | undefined;
  /** Limits a new conversation to these knowledge bases. */
  kbIds?: readonly string[] | undefined;
  /** Makes the start idempotent within the owner. */
  clientMessageId?: string | undefined;
  /** The run's id when the client chose it (AG-UI); a UUID. */
  runId?: string | undefined;
  /** A thread id that the client chose (AG-UI): made when missing, refused when somebody else's. */
  createThreadId?: string | undefined;
  clientTools?: readonly ClientTool[] | undefined;
  clientMessages?: readonly AgUiMessage[] | undefined;
  /** Set by the bot for a conversation of a group: the caller asks, the group owns the thread. */
  groupThread?: { groupId: string; topicId: number } | undefined;
}

export interface StartedRun {
  status: 'started' | 'duplicate';
  runId: string;
  threadId: string;
  userMessageId: string;
  assistantMessageId: string;
}

export function isTerminal(event: AgUiEvent | RunEvent): event is RunFinishedEvent | RunErrorEvent {
  return event.type === EventType.RUN_FINISHED || event.type === EventType.RUN_ERROR;
}
