// Frames of the sockets /ws/chat and /ws/tasks. Unknown fields are ignored; camelCase aliases are folded before parsing.
import { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import type { Language } from '../language.ts';
import type { Permission } from './auth.ts';
import type { Form } from './forms.ts';
import { formValues } from './forms.ts';
import type { KnowledgeBase, SearchAnswer } from './knowledge.ts';
import { searchMethods } from './knowledge.ts';
import type { Source } from './threads.ts';

export const clientFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('auth'),
    token: z.string().max(4096),
    password: z.string().max(200).optional(),
    stream_mode: z.enum(['incremental', 'cumulative']).default('incremental'),
  }),
  z.object({
    type: z.literal('user_message'),
    message: z.string().trim().min(1).max(16_000),
    thread_id: z.uuid().optional(),
    agent_id: z.string().max(100).optional(),
    kb_ids: z.array(z.uuid()).max(50).optional(),
    attachments: z.array(z.string()).max(10).optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
    client_message_id: z.string().min(1).max(100).optional(),
  }),
  z.object({
    type: z.literal('command'),
    command: z.string().max(50),
    args: z.record(z.string(), z.unknown()).default({}),
  }),
  z.object({
    type: z.literal('form_submit'),
    form_id: z.string().max(100),
    values: formValues,
    action: z.string().max(100).optional(),
  }),
  z.object({
    type: z.literal('search_kb'),
    query: z.string().trim().min(1).max(500),
    kb_ids: z.array(z.uuid()).max(50).default([]),
    max_results: z.int().min(1).max(50).default(10),
    search_method: z.enum(searchMethods).default('text'),
  }),
  z.object({ type: z.literal('thread_switch'), thread_id: z.uuid() }),
  z.object({ type: z.literal('cancel_action'), action_id: z.string().max(100) }),
  z.object({
    type: z.literal('tool_decision'),
    call_id: z.string().max(200),
    decision: z.enum(['approve', 'edit', 'reject']),
    modified_arguments: z.record(z.string(), z.unknown()).optional(),
    feedback: z.string().max(2000).optional(),
  }),
  z.object({ type: z.literal('resume'), run_id: z.uuid(), after: z.int().min(0) }),
  z.object({ type: z.literal('ping') }),
]);

export type ClientFrame = z.infer<typeof clientFrame>;

export interface TaskFrame {
  id: string;
  name: string;
  description: string;
  process_id: string;
  process_name: string;
  created: string;
  due: string | null;
  assignee: string | null;
}

/** Sent by the server. Those that belong to a run also carry `run_id` and `seq` (dense, from 1). */
export type ServerFrame = { run_id?: string; seq?: number; timestamp?: string | number } & (
  | {
      type: 'auth_success';
      mode: 'guest' | 'authenticated';
      user_id: string | null;
      permissions: Permission[];
      message: string;
      upgrade_url?: string;
      rate_limits?: { messages_per_minute: number; total_messages: number; remaining: number };
    }
  | {
      type: 'uiContext';
      contextId: string;
      /** Milliseconds since 1970. */
      timestamp: number;
      activeMode: string;
      modes: UiMode[];
      quickPrompts: { id: string; text: string; source: string }[];
      scopeControls: { id: string; label: string; emoji: string; selected: boolean }[];
      userInfo: { userId: string | null; displayName: string; language: Language; isGuest: boolean };
      metadata: {
        groupCount: number;
        taskCount: number;
        scope: { source: string; groupIds: string[] };
      };
    }
  | {
      type: 'stateUpdate';
      status: 'generating' | 'waiting' | 'tool_executing' | 'complete' | 'error' | 'cancelled';
      thread_id: string;
      metadata: Record<string, unknown>;
    }
  | {
      type: 'textStreamDelta';
      delta: string;
      message_id: string;
      metadata?: { model?: string; provider?: string };
    }
  | {
      type: 'toolInvocation';
      tool_id: string;
      tool_name: string;
      args: unknown;
      emoji: string;
      requires_approval?: boolean;
    }
  | { type: 'toolResult'; tool_id: string; success: boolean; result?: unknown; error?: string }
  | {
      type: 'messageComplete';
      message_id: string;
      /** UTF-16 units. */
      total_length: number;
      metadata: {
        tokens: number | null;
        duration_ms: number;
        tools_used: string[];
        sources: Source[];
      };
    }
  | {
      type: 'taskList';
      timestamp: string;
      source: string;
      tasks: unknown[];
      pagination: { total: number; limit: number; offset: number };
      metadata: { taskCount: number };
      emptyState?: { title: string; message: string };
    }
  | {
      type: 'formRequest';
      form_id: string;
      title: string;
      description: string;
      process_info: { process_id: string; process_name: string };
      fields: Form['fields'];
    }
  | {
      type: 'taskNotification';
      event: 'created' | 'updated' | 'completed' | 'deleted';
      task: TaskFrame;
    }
  | {
      type: 'catalogData';
      catalog: {
        featured: KnowledgeBase[];
        by_category: Record<string, KnowledgeBase[]>;
        my_kbs: KnowledgeBase[];
        stats: { total_public: number; total_private: number };
      };
    }
  | ({ type: 'searchResult' } & SearchAnswer)
  | { type: 'commandResult'; command: string; result: unknown }
  | { type: 'pong'; timestamp: string }
  | {
      type: 'error';
      code: ErrorCode;
      message: string;
      details: Record<string, unknown>;
      severity: 'error' | 'warning' | 'info';
      recoverable: boolean;
    }
);

export interface UiMode {
  id: string;
  label: string;
  emoji: string;
  requiresAuth: boolean;
  showInMenu: boolean;
  badgeCount?: number;
  disabled?: boolean;
}
