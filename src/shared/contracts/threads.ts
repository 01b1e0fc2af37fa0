import { z } from 'zod';
import { id, page, pageQuery, timestamp } from './common.ts';

/** How a message ended: `stopped` by a person, `partial` because the process or the model went away midway. */
export const messageStatuses = ['streaming', 'complete', 'stopped', 'partial', 'failed'] as const;

/** A numbered source under an answer: `[n]` in the text refers to it. */
export const source = z
  .object({
    n: z.int().min(1),
    kb_id: id,
    kb_name: z.string(),
    title: z.string(),
    quote: z.string(),
    sender: z.string().nullable(),
    date: timestamp.nullable(),
    link: z.string().nullable(),
  })
  .meta({ id: 'Source' });

export const usedTool = z.object({
  call_id: z.string(),
  name: z.string(),
  emoji: z.string(),
  success: z.boolean(),
});

export const message = z
  .object({
    id,
    seq: z.int(),
    role: z.enum(['user', 'assistant']),
    content: z.string(),
    status: z.enum(messageStatuses),
    run_id: id.nullable(),
    sources: z.array(source),
    tools: z.array(usedTool),
    created_at: timestamp,
  })
  .meta({ id: 'Message' });

export const thread = z
  .object({
    id,
    title: z.string(),
    agent_id: z.string(),
    /** Knowledge bases that this conversation is about; empty: all that its owner may read. */
    kb_ids: z.array(id),
    message_count: z.int(),
    /** The run that is answering now, to `resume`. */
    active_run_id: id.nullable(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Thread' });

export const threadPage = page(thread).meta({ id: 'ThreadPage' });
export const messagePage = page(message).meta({ id: 'MessagePage' });
export const threadsQuery = pageQuery;

export const createThread = z.object({
  title: z.string().trim().min(1).max(200).optional(),
  agent_id: z.string().max(100).optional(),
  kb_ids: z.array(id).max(50).default([]),
});

export const renameThread = z.object({ title: z.string().trim().min(1).max(200) });

export type MessageStatus = (typeof messageStatuses)[number];
export type Source = z.infer<typeof source>;
export type UsedTool = z.infer<typeof usedTool>;
export type MessageView = z.infer<typeof message>;
export type ThreadView = z.infer<typeof thread>;
