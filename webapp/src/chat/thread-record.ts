import type { MessageView, ThreadView } from '../../../src/shared/contracts/threads.ts';
import type { Api } from '../api/api.ts';

export type ThreadApi = Pick<Api, 'thread' | 'messages'>;

const pageSize = 50;

interface ThreadRecord {
  thread: ThreadView;
  /** Oldest first. */
  messages: MessageView[];
  /** How many there are before the first of them. */
  earlier: number;
}

/** A thread with its newest page of messages. */
export async function readThread(api: ThreadApi, threadId: string): Promise<ThreadRecord> {
  const thread = await api.thread(threadId);
  const guessed = Math.max(0, thread.message_count - pageSize);
  const page = await api.messages(threadId, guessed, pageSize);
  if (page.total <= guessed + page.results.length)
    return { thread, messages: page.results, earlier: guessed };
  // More were written since the thread was read.
  const earlier = Math.max(0, page.total - pageSize);
  return { thread, messages: (await api.messages(threadId, earlier, pageSize)).results, earlier };
}

/** The page before the message number `before`. */
export async function readEarlier(
  api: ThreadApi,
  threadId: string,
  before: number,
): Promise<Pick<ThreadRecord, 'messages' | 'earlier'>> {
  const earlier = Math.max(0, before - pageSize);
  return { messages: (await api.messages(threadId, earlier, before - earlier)).results, earlier };
}
