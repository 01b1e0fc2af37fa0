// Builds the events of one answer so that every span is opened before it is used and closed once.
import { EventType } from '@ag-ui/core';
import type { Source } from '../contracts/threads.ts';
import { newId } from '../database/id.ts';
import { type AgentEvent, sourcesEventName } from './agent.ts';

/** Text and reasoning exclude each other; a tool call ends both. All text carries the answer's one message id. */
export class AnswerWriter {
  readonly #messageId: string;
  #textOpen = false;
  #reasoningId: string | undefined;
  #openCalls = new Set<string>();
  #text = '';

  constructor(messageId: string) {
    this.#messageId = messageId;
  }

  /** All text so far. */
  get written(): string {
    return this.#text;
  }

  text(delta: string): AgentEvent[] {
    if (delta === '') return [];
    const events = this.#endReasoning();
    if (!this.#textOpen) {
      this.#textOpen = true;
      events.push({ type: EventType.TEXT_MESSAGE_START, messageId: this.#messageId, role: 'assistant' });
      // What was said before a tool was used is a paragraph of its own.
      if (this.#text !== '') events.push(this.#content('\n\n'));
    }
    events.push(this.#content(delta));
    return events;
  }

  reasoning(delta: string): AgentEvent[] {
    if (delta === '') return [];
    const events = this.#endText();
    if (this.#reasoningId === undefined) {
      this.#reasoningId = newId();
      events.push(
        { type: EventType.REASONING_START, messageId: this.#reasoningId },
        { type: EventType.REASONING_MESSAGE_START, messageId: this.#reasoningId, role: 'reasoning' },
      );
    }
    events.push({ type: EventType.REASONING_MESSAGE_CONTENT, messageId: this.#reasoningId, delta });
    return events;
  }

  toolStart(callId: string, name: string): AgentEvent[] {
    this.#openCalls.add(callId);
    return [
      ...this.#endReasoning(),
      ...this.#endText(),
      {
        type: EventType.TOOL_CALL_START,
        toolCallId: callId,
        toolCallName: name,
        parentMessageId: this.#messageId,
      },
    ];
  }

  toolArguments(callId: string, delta: string): AgentEvent[] {
    return delta === '' ? [] : [{ type: EventType.TOOL_CALL_ARGS, toolCallId: callId, delta }];
  }

  toolEnd(callId: string): AgentEvent[] {
    return this.#openCalls.delete(callId) ? [{ type: EventType.TOOL_CALL_END, toolCallId: callId }] : [];
  }

  /** AG-UI has no field for a failure, so it is told in the metadata that every event may carry. */
  toolResult(callId: string, content: string, { failed }: { failed: boolean }): AgentEvent[] {
    return [
      {
        type: EventType.TOOL_CALL_RESULT,
        messageId: newId(),
        toolCallId: callId,
        content,
        role: 'tool',
        ...(failed ? { metadata: { error: true } } : {}),
      },
    ];
  }

  sources(sources: readonly Source[]): AgentEvent[] {
    return sources.length === 0
      ? []
      : [{ type: EventType.CUSTOM, name: sourcesEventName, value: [...sources] }];
  }

  /** Closes whatever is open; for every way an answer can end. */
  end(): AgentEvent[] {
    const calls = [...this.#openCalls].flatMap((callId) => this.toolEnd(callId));
    return [...calls, ...this.#endReasoning(), ...this.#endText()];
  }

  #content(delta: string): AgentEvent {
    this.#text += delta;
    return { type: EventType.TEXT_MESSAGE_CONTENT, messageId: this.#messageId, delta };
  }

  #endText(): AgentEvent[] {
    if (!this.#textOpen) return [];
    this.#textOpen = false;
    return [{ type: EventType.TEXT_MESSAGE_END, messageId: this.#messageId }];
  }

  #endReasoning(): AgentEvent[] {
    const messageId = this.#reasoningId;
    if (messageId === undefined) return [];
    this.#reasoningId = undefined;
    return [
      { type: EventType.REASONING_MESSAGE_END, messageId },
      { type: EventType.REASONING_END, messageId },
    ];
  }
}
