import { EventType } from '@ag-ui/core';
import { type AgentEvent, sourcesEventName } from '../agents/agent.ts';
import type { Source, UsedTool } from '../contracts/threads.ts';

/** UTF-16 units that one answer may have; an agent that says more is stopped. */
export const maxAnswerLength = 200_000;

/** What an answer amounts to so far: the message that will be recorded, grown event by event. */
export class Answer {
  content = '';
  sources: Source[] = [];
  readonly #tools = new Map<string, UsedTool>();
  readonly #emojiOf: (toolName: string) => string;
  #messageId: string | undefined;

  constructor(emojiOf: (toolName: string) => string) {
    this.#emojiOf = emojiOf;
  }

  get tools(): UsedTool[] {
    return [...this.#tools.values()];
  }

  /** Whether the event changed what would be recorded. */
  add(event: AgentEvent): boolean {
    switch (event.type) {
      case EventType.TEXT_MESSAGE_CONTENT:
        // An agent may speak again after a tool: one recorded message, a blank line between the parts.
        if (this.#messageId !== event.messageId && this.content !== '') this.content += '\n\n';
        this.#messageId = event.messageId;
        this.content += event.delta;
        return true;
      case EventType.TOOL_CALL_START:
        this.#tools.set(event.toolCallId, {
          call_id: event.toolCallId,
          name: event.toolCallName,
          emoji: this.#emojiOf(event.toolCallName),
          success: false,
        });
        return true;
      case EventType.TOOL_CALL_RESULT: {
        const tool = this.#tools.get(event.toolCallId);
        if (tool) this.#tools.set(event.toolCallId, { ...tool, success: event.metadata?.['error'] !== true });
        return tool !== undefined;
      }
      case EventType.CUSTOM:
        if (event.name !== sourcesEventName) return false;
        this.sources = event.value as Source[];
        return true;
      default:
        return false;
    }
  }
}
