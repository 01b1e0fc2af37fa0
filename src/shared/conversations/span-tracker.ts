// AG-UI wants every message, tool call, reasoning and step closed before a run ends. Agents can be cut off anywhere,
// so what is open is known here and closed by the run service.
import { EventType } from '@ag-ui/core';
import type { AgentEvent } from '../agents/agent.ts';

export class SpanTracker {
  /** Closing events by span, in the order of opening. */
  readonly #open = new Map<string, AgentEvent>();

  /** Notes what the event opens or closes. Answers false for one that would break the order of AG-UI: drop it. */
  accept(event: AgentEvent): boolean {
    switch (event.type) {
      case EventType.TEXT_MESSAGE_START:
        return this.#begin(`text ${event.messageId}`, {
          type: EventType.TEXT_MESSAGE_END,
          messageId: event.messageId,
        });
      case EventType.TEXT_MESSAGE_CONTENT:
        return event.delta !== '' && this.#open.has(`text ${event.messageId}`);
      case EventType.TEXT_MESSAGE_END:
        return this.#open.delete(`text ${event.messageId}`);
      case EventType.TOOL_CALL_START:
        return this.#begin(`tool ${event.toolCallId}`, {
          type: EventType.TOOL_CALL_END,
          toolCallId: event.toolCallId,
        });
      case EventType.TOOL_CALL_ARGS:
        return this.#open.has(`tool ${event.toolCallId}`);
      case EventType.TOOL_CALL_END:
        return this.#open.delete(`tool ${event.toolCallId}`);
      case EventType.REASONING_START:
        return this.#begin(`reasoning ${event.messageId}`, {
          type: EventType.REASONING_END,
          messageId: event.messageId,
        });
      case EventType.REASONING_END:
        return this.#open.delete(`reasoning ${event.messageId}`);
      case EventType.REASONING_MESSAGE_START:
        return this.#begin(`thought ${event.messageId}`, {
          type: EventType.REASONING_MESSAGE_END,
          messageId: event.messageId,
        });
      case EventType.REASONING_MESSAGE_CONTENT:
        return event.delta !== '' && this.#open.has(`thought ${event.messageId}`);
      case EventType.REASONING_MESSAGE_END:
        return this.#open.delete(`thought ${event.messageId}`);
      case EventType.STEP_STARTED:
        return this.#begin(`step ${event.stepName}`, {
          type: EventType.STEP_FINISHED,
          stepName: event.stepName,
        });
      case EventType.STEP_FINISHED:
        return this.#open.delete(`step ${event.stepName}`);
      case EventType.TOOL_CALL_RESULT:
      case EventType.STATE_SNAPSHOT:
      case EventType.STATE_DELTA:
      case EventType.CUSTOM:
        return true;
    }
  }

  /** What closes all that is open, innermost first. */
  close(): AgentEvent[] {
    const closing = [...this.#open.values()].toReversed();
    this.#open.clear();
    return closing;
  }

  #begin(span: string, closing: AgentEvent): boolean {
    if (this.#open.has(span)) return false;
    this.#open.set(span, closing);
    return true;
  }
}
