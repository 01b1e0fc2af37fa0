// An answer as a reader of its run sees it grow.
import { EventType } from '@ag-ui/core';
import { sourcesEventName } from '#shared/agents/agent.ts';
import type { Source } from '#shared/contracts/threads.ts';
import type { FollowedEvent } from '#shared/conversations/run.ts';

export type AnswerEnd =
  | { status: 'complete' }
  | { status: 'stopped' }
  | { status: 'interrupted' }
  | { status: 'failed'; code: string };

export interface ToolUse {
  id: string;
  name: string;
  state: 'running' | 'done' | 'failed';
}

/** Code of RUN_ERROR when the process or its time ran out: nobody is at fault, and the text so far stands. */
const interruptedCode = 'INTERRUPTED';

export class AnswerSoFar {
  text = '';
  /** Whether a tool was used after the last word. */
  toolsLast = false;
  sources: readonly Source[] = [];
  end: AnswerEnd | undefined;
  /** `seq` of the last event. */
  seq = 0;
  readonly #tools = new Map<string, ToolUse>();
  #messageId: string | undefined;

  get tools(): ToolUse[] {
    return [...this.#tools.values()];
  }

  /** Whether the event changed anything that is shown. */
  add({ seq, event }: FollowedEvent): boolean {
    this.seq = seq;
    switch (event.type) {
      case EventType.TEXT_MESSAGE_CONTENT:
        if (this.#messageId !== event.messageId && this.text !== '') this.text += '\n\n';
        this.#messageId = event.messageId;
        this.text += event.delta;
        this.toolsLast = false;
        return true;
      case EventType.TOOL_CALL_START:
        this.#tools.set(event.toolCallId, {
          id: event.toolCallId,
          name: event.toolCallName,
          state: 'running',
        });
        this.toolsLast = true;
        return true;
      case EventType.TOOL_CALL_RESULT: {
        const tool = this.#tools.get(event.toolCallId);
        if (tool) tool.state = event.metadata?.['error'] === true ? 'failed' : 'done';
        return tool !== undefined;
      }
      case EventType.CUSTOM:
        if (event.name !== sourcesEventName) return false;
        this.sources = event.value as Source[];
        return false;
      case EventType.RUN_FINISHED:
        this.#finished(event.outcome);
        return true;
      case EventType.RUN_ERROR:
        this.end =
          event.code === interruptedCode
            ? { status: 'interrupted' }
            : { status: 'failed', code: event.code ?? 'INTERNAL_ERROR' };
        return true;
      default:
        return false;
    }
  }

  #finished(
    outcome: { type: string; interrupts?: readonly { message?: string | undefined }[] } | undefined,
  ): void {
    this.end = { status: outcome?.type === 'cancelled' ? 'stopped' : 'complete' };
    // A question of the agent is part of what it said.
    for (const { message } of outcome?.interrupts ?? []) {
      if (message) this.text += this.text === '' ? message : `\n\n${message}`;
    }
  }
}
