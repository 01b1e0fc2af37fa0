// The conversation as a model gets it: valid for strict providers, and short enough.
import type { Message as AgUiMessage } from '@ag-ui/core';
import type { ModelMessage, ModelToolCall } from '../../models/language-model.ts';
import type { AgentTask } from '../agent.ts';

/** The newest messages that fit, oldest first; the question is always among them. */
export function historyOf(task: AgentTask, maxTokens: number): ModelMessage[] {
  const messages = task.clientMessages ? fromClient(task.clientMessages) : fromConversation(task);
  return trimmed(messages, maxTokens);
}

/** Rough on purpose: four bytes of UTF-8 a token, and a few for the frame. Never far below the truth. */
function estimateTokens(message: ModelMessage): number {
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
  const text = message.content + calls.map((call) => call.name + call.arguments).join('');
  return Math.ceil(Buffer.byteLength(text) / 4) + 8;
}

function fromConversation(task: AgentTask): ModelMessage[] {
  return task.messages
    .filter((message) => message.content.trim() !== '')
    .map((message) => ({
      role: message.role,
      content:
        message.author && message.role === 'user' ? `${message.author}: ${message.content}` : message.content,
    }));
}

/** Calls without a result and results without a call are left out: providers refuse both. */
function fromClient(messages: readonly AgUiMessage[]): ModelMessage[] {
  const answered = new Set(messages.flatMap((one) => (one.role === 'tool' ? [one.toolCallId] : [])));
  const called = new Map<string, string>();
  const results = new Map<string, ModelMessage>();
  for (const message of messages) {
    if (message.role === 'tool') {
      results.set(message.toolCallId, {
        role: 'tool',
        callId: message.toolCallId,
        name: '',
        content: textOf(message.error ?? message.content),
      });
    }
  }
  const history: ModelMessage[] = [];
  for (const message of messages) {
    if (message.role === 'user' || message.role === 'system' || message.role === 'developer') {
      const content = textOf(message.content);
      // A client's system message is a request of the person who runs it, never above ours.
      if (content.trim()) history.push({ role: 'user', content });
    } else if (message.role === 'assistant') {
      const toolCalls: ModelToolCall[] = (message.toolCalls ?? [])
        .filter((call) => answered.has(call.id) && !called.has(call.id))
        .map((call) => ({ id: call.id, name: call.function.name, arguments: call.function.arguments }));
      const content = textOf(message.content ?? '');
      if (toolCalls.length === 0 && !content.trim()) continue;
      history.push({ role: 'assistant', content, ...(toolCalls.length > 0 ? { toolCalls } : {}) });
      for (const call of toolCalls) {
        called.set(call.id, call.name);
        const result = results.get(call.id);
        if (result?.role === 'tool') history.push({ ...result, name: call.name });
      }
    }
  }
  return history;
}

function textOf(content: AgUiMessage['content'] | string): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) =>
      typeof part === 'object' && 'text' in part && typeof part.text === 'string' ? part.text : '',
    )
    .join('\n');
}

function trimmed(messages: readonly ModelMessage[], maxTokens: number): ModelMessage[] {
  let left = maxTokens;
  let first = messages.length;
  while (first > 0) {
    const message = messages[first - 1];
    if (!message) break;
    left -= estimateTokens(message);
    if (left < 0 && first < messages.length) break;
    first--;
  }
  // A call and its results stay together.
  while (first < messages.length - 1 && messages[first]?.role === 'tool') first++;
  return messages.slice(first);
}
