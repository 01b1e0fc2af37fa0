// A message as the chat shows it, and how the frames of a run change it. Pure: the store holds the state.
import type { ServerFrame } from '../../../src/shared/contracts/gateway-frames.ts';
import type { MessageView, Source } from '../../../src/shared/contracts/threads.ts';

type ChatMessageStatus =
  /** Written here, not yet known to have arrived. */
  | 'sending'
  /** The server refused it, `problem` says why; nothing of it was kept. */
  | 'unsent'
  | 'streaming'
  | 'complete'
  | 'stopped'
  /** Interrupted: the process or the model went away midway. */
  | 'partial'
  | 'failed';

export interface ToolStep {
  id: string;
  name: string;
  emoji: string;
  state: 'running' | 'done' | 'failed' | 'needs-approval' | 'rejected';
}

export interface Problem {
  code: string;
  message: string;
  /** Seconds. */
  retryAfter?: number;
}

export interface ChatMessage {
  /** Stable from the first drawing on; the server's id comes later. */
  key: string;
  id: string | undefined;
  role: 'user' | 'assistant';
  text: string;
  status: ChatMessageStatus;
  runId: string | undefined;
  tools: readonly ToolStep[];
  sources: readonly Source[];
  createdAt: string;
  problem?: Problem;
}

export function fromView(view: MessageView): ChatMessage {
  return {
    key: view.id,
    id: view.id,
    role: view.role,
    text: view.content,
    status: view.status,
    runId: view.run_id ?? undefined,
    tools: view.tools.map((tool) => ({
      id: tool.call_id,
      name: tool.name,
      emoji: tool.emoji,
      state: tool.success ? 'done' : 'failed',
    })),
    sources: view.sources,
    createdAt: view.created_at,
  };
}

export function emptyAnswer(runId: string, createdAt: string): ChatMessage {
  return {
    key: `run:${runId}`,
    id: undefined,
    role: 'assistant',
    text: '',
    status: 'streaming',
    runId,
    tools: [],
    sources: [],
    createdAt,
  };
}

export function isEnd(frame: ServerFrame): boolean {
  if (frame.type !== 'stateUpdate') return false;
  // `waiting` ends a run that asks something back: the answer to it is a new run.
  return ['complete', 'error', 'cancelled', 'waiting'].includes(frame.status);
}

/**
 * The answer after one more frame of its run. The caller has seen to it that every `seq` comes once and in order;
 * `seq` 1 begins anew, so a run can be replayed over what was recorded of it.
 */
export function applyFrame(answer: ChatMessage, frame: ServerFrame): ChatMessage {
  const before: ChatMessage =
    frame.seq === 1 ? { ...answer, text: '', tools: [], sources: [], status: 'streaming' } : answer;
  switch (frame.type) {
    case 'textStreamDelta':
      return { ...before, id: frame.message_id, text: before.text + frame.delta };
    case 'toolInvocation':
      return {
        ...before,
        tools: [
          ...before.tools.filter((tool) => tool.id !== frame.tool_id),
          {
            id: frame.tool_id,
            name: frame.tool_name,
            emoji: frame.emoji,
            state: frame.requires_approval ? 'needs-approval' : 'running',
          },
        ],
      };
    case 'toolResult':
      return setTool(before, frame.tool_id, frame.success ? 'done' : 'failed');
    case 'messageComplete':
      return { ...before, id: frame.message_id, sources: frame.metadata.sources ?? [] };
    case 'error':
      return { ...before, problem: problemOf(frame) };
    case 'stateUpdate':
      if (frame.status === 'complete' || frame.status === 'waiting') return ended(before, 'complete');
      if (frame.status === 'cancelled') return ended(before, 'stopped');
      if (frame.status === 'error') return ended(before, before.text === '' ? 'failed' : 'partial');
      return before;
    default:
      return before;
  }
}

export function setTool(answer: ChatMessage, toolId: string, state: ToolStep['state']): ChatMessage {
  return {
    ...answer,
    tools: answer.tools.map((tool) => (tool.id === toolId ? { ...tool, state } : tool)),
  };
}

export function problemOf(frame: Extract<ServerFrame, { type: 'error' }>): Problem {
  const retryAfter = frame.details?.retry_after;
  return {
    code: frame.code,
    message: frame.message,
    ...(typeof retryAfter === 'number' ? { retryAfter } : {}),
  };
}

function ended(answer: ChatMessage, status: 'complete' | 'stopped' | 'partial' | 'failed'): ChatMessage {
  const open = status === 'complete' ? 'done' : 'failed';
  const isOpen = (tool: ToolStep) => tool.state === 'running' || tool.state === 'needs-approval';
  return {
    ...answer,
    status,
    tools: answer.tools.map((tool) => (isOpen(tool) ? { ...tool, state: open } : tool)),
  };
}
