// For tests: the rules of AG-UI that every agent's events must keep (https://docs.ag-ui.com/concepts/events).
import { EventType } from '@ag-ui/core';
import type { AgentEvent, AgentTask } from './agent.ts';

/** What is wrong with the events of a finished run; empty when nothing is. */
export function brokenRules(events: readonly AgentEvent[], messageId: string): string[] {
  const broken: string[] = [];
  const texts = new Set<string>();
  const reasoning = new Set<string>();
  const calls = new Set<string>();
  const ended = new Set<string>();
  const need = (holds: boolean, rule: string): void => {
    if (!holds) broken.push(rule);
  };
  for (const event of events) {
    switch (event.type) {
      case EventType.TEXT_MESSAGE_START:
        need(event.messageId === messageId, 'text carries the id of the answer');
        need(!texts.has(event.messageId), 'text starts once');
        texts.add(event.messageId);
        break;
      case EventType.TEXT_MESSAGE_CONTENT:
        need(texts.has(event.messageId), 'text starts before its content');
        need(event.delta !== '', 'deltas are not empty');
        break;
      case EventType.TEXT_MESSAGE_END:
        need(texts.delete(event.messageId), 'text ends once');
        break;
      case EventType.TOOL_CALL_START:
        need(!calls.has(event.toolCallId) && !ended.has(event.toolCallId), 'call ids are unique');
        need(event.parentMessageId === messageId, 'calls belong to the answer');
        calls.add(event.toolCallId);
        break;
      case EventType.TOOL_CALL_ARGS:
        need(calls.has(event.toolCallId) && event.delta !== '', 'arguments stand inside of their call');
        break;
      case EventType.TOOL_CALL_END:
        need(calls.delete(event.toolCallId), 'calls end once');
        ended.add(event.toolCallId);
        break;
      case EventType.TOOL_CALL_RESULT:
        need(ended.has(event.toolCallId), 'results follow their call');
        need(event.messageId !== '' && event.messageId !== messageId, 'results have their own message id');
        break;
      case EventType.REASONING_MESSAGE_START:
        reasoning.add(event.messageId);
        break;
      case EventType.REASONING_MESSAGE_CONTENT:
        need(reasoning.has(event.messageId) && event.delta !== '', 'reasoning starts before its content');
        break;
      case EventType.REASONING_MESSAGE_END:
        need(reasoning.delete(event.messageId), 'reasoning ends once');
        break;
      default:
        break;
    }
  }
  need(texts.size + calls.size + reasoning.size === 0, 'all spans are closed');
  return broken;
}

export function textOf(events: readonly AgentEvent[]): string {
  return events.map((event) => (event.type === EventType.TEXT_MESSAGE_CONTENT ? event.delta : '')).join('');
}

/** A task whose usage reports are collected in `usage`. */
export function testTask(
  question: string,
  more: Partial<AgentTask> = {},
): AgentTask & { usage: Parameters<AgentTask['reportUsage']>[0][] } {
  const usage: Parameters<AgentTask['reportUsage']>[0][] = [];
  return {
    runId: 'run',
    threadId: 'thread',
    messageId: 'answer',
    messages: [{ role: 'user', content: question }],
    caller: { kind: 'guest', guestId: 'g', language: 'en' },
    language: 'en',
    timeZone: 'Europe/Moscow',
    kbIds: [],
    clientTools: [],
    signal: new AbortController().signal,
    reportUsage: (one) => usage.push(one),
    usage,
    ...more,
  };
}

export async function collectEvents(
  events: AsyncIterable<AgentEvent>,
): Promise<{ events: AgentEvent[]; error: unknown }> {
  const collected: AgentEvent[] = [];
  try {
    for await (const event of events) collected.push(event);
    return { events: collected, error: undefined };
  } catch (error) {
    return { events: collected, error };
  }
}
