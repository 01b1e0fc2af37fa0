// One conversation as the chat shows it, and the pure steps that change it.
import type { ThreadView } from '../../../src/shared/contracts/threads.ts';
import { type ChatMessage, emptyAnswer } from './message.ts';

export interface Conversation {
  /** The thread's id, or a draft's key while the server has not heard of it. */
  key: string;
  /** The same from draft to thread, so that what draws it stays (and with it the keyboard's focus). */
  viewId: string;
  threadId: string | undefined;
  title: string;
  kbIds: readonly string[];
  messages: readonly ChatMessage[];
  phase: 'ready' | 'loading' | 'failed' | 'missing';
  /** Messages before the first one shown. */
  earlier: number;
  /** The run that is answering now. */
  runId: string | undefined;
  stopping: boolean;
}

export function draftKey(kbId: string | undefined): string {
  return kbId === undefined ? 'draft' : `draft:${kbId}`;
}

export function newConversation(key: string, viewId: string, kbIds: readonly string[] = []): Conversation {
  return {
    key,
    viewId,
    threadId: undefined,
    title: '',
    kbIds,
    messages: [],
    phase: 'ready',
    earlier: 0,
    runId: undefined,
    stopping: false,
  };
}

export function changeMessage(
  conversation: Conversation,
  matches: (message: ChatMessage) => boolean,
  change: (message: ChatMessage) => ChatMessage,
): Conversation {
  const index = conversation.messages.findLastIndex(matches);
  const found = conversation.messages[index];
  if (!found) return conversation;
  return { ...conversation, messages: conversation.messages.with(index, change(found)) };
}

/** The question has arrived. When its record came first, by another way, that one stays. */
export function settleQuestion(
  conversation: Conversation,
  clientId: string,
  recordedId: string | undefined,
): Conversation {
  const isLocal = (message: ChatMessage) => message.key === clientId;
  const isRecorded = (message: ChatMessage) => message.id !== undefined && message.id === recordedId;
  if (conversation.messages.some((message) => isRecorded(message) && !isLocal(message))) {
    return { ...conversation, messages: conversation.messages.filter((message) => !isLocal(message)) };
  }
  return changeMessage(conversation, isLocal, (message) => ({
    ...message,
    id: recordedId,
    status: 'complete',
  }));
}

export function isAnswerOf(runId: string): (message: ChatMessage) => boolean {
  return (message) => message.role === 'assistant' && message.runId === runId;
}

/** Makes room for the answer of a run; what was recorded of it already becomes that room. */
export function beginAnswer(conversation: Conversation, runId: string, at: string): Conversation {
  const known = conversation.messages.some(isAnswerOf(runId));
  return {
    ...conversation,
    runId,
    stopping: false,
    messages: known ? conversation.messages : [...conversation.messages, emptyAnswer(runId, at)],
  };
}

/**
 * The server's record laid under what is shown: it replaces everything but the messages that it cannot know (not yet
 * sent) and the answers that are being received, which are newer here. Keys stay where a message is the same.
 */
export function mergeRecord(
  shown: Conversation,
  record: {
    thread: ThreadView;
    messages: readonly ChatMessage[];
    earlier: number;
    live: ReadonlySet<string>;
  },
): Conversation {
  const isLive = (message: ChatMessage) =>
    message.role === 'assistant' && message.runId !== undefined && record.live.has(message.runId);
  const before = new Map<string, ChatMessage>();
  for (const message of shown.messages) {
    if (message.id !== undefined) before.set(message.id, message);
    if (message.role === 'assistant' && message.runId !== undefined) before.set(message.runId, message);
  }
  const messages: ChatMessage[] = record.messages.map((message) => {
    const known =
      before.get(message.id ?? '') ??
      (message.role === 'assistant' ? before.get(message.runId ?? '') : undefined);
    if (known && isLive(known)) return known;
    // The record says "streaming" of an answer that nobody gives any more: its process died.
    const status = message.status === 'streaming' && !isLive(message) ? 'partial' : message.status;
    return { ...message, status, key: known?.key ?? message.key };
  });
  const recorded = new Set(messages.map((message) => message.key));
  for (const message of shown.messages) {
    const unknownToServer = message.status === 'sending' || message.status === 'unsent' || isLive(message);
    if (unknownToServer && !recorded.has(message.key)) messages.push(message);
  }
  return {
    ...shown,
    threadId: record.thread.id,
    title: record.thread.title,
    kbIds: record.thread.kb_ids,
    messages,
    earlier: record.earlier,
    phase: 'ready',
  };
}
