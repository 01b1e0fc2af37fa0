import { z } from 'zod';
import { id, pageQuery } from '#shared/contracts/common.ts';
import {
  createThread,
  messagePage,
  renameThread,
  thread,
  threadPage,
  threadsQuery,
} from '#shared/contracts/threads.ts';
import type { Threads } from '#shared/services.ts';
import { defineRoute, type Route } from '../http/route.ts';

const tag = 'threads';
const permission = 'chat:threads';
const byId = z.object({ id });

export function threadRoutes({ threads }: { threads: Threads }): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/threads',
      tag,
      summary: 'Conversations of the caller, the latest first',
      permission,
      limit: 'objects',
      query: threadsQuery,
      answer: threadPage,
      handler: ({ caller, query }) => threads.list(caller, query),
    }),
    defineRoute({
      method: 'post',
      path: '/api/threads',
      tag,
      summary: 'Begins a conversation',
      permission,
      limit: 'objects',
      body: createThread,
      answer: thread,
      status: 201,
      handler: ({ caller, body }) => threads.create(caller, body),
    }),
    defineRoute({
      method: 'get',
      path: '/api/threads/{id}',
      tag,
      summary: 'One conversation without its messages',
      permission,
      limit: 'objects',
      params: byId,
      answer: thread,
      handler: ({ caller, params }) => threads.get(caller, params.id),
    }),
    defineRoute({
      method: 'patch',
      path: '/api/threads/{id}',
      tag,
      summary: 'Renames a conversation',
      permission,
      limit: 'objects',
      params: byId,
      body: renameThread,
      answer: thread,
      handler: ({ caller, params, body }) => threads.rename(caller, params.id, body.title),
    }),
    defineRoute({
      method: 'delete',
      path: '/api/threads/{id}',
      tag,
      summary: 'Deletes a conversation with its messages',
      permission,
      limit: 'objects',
      params: byId,
      answer: z.undefined(),
      status: 204,
      handler: async ({ caller, params }) => {
        await threads.remove(caller, params.id);
        return undefined;
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/threads/{id}/messages',
      tag,
      summary: 'Messages of a conversation, the oldest first',
      permission,
      limit: 'objects',
      params: byId,
      query: pageQuery,
      answer: messagePage,
      handler: ({ caller, params, query }) => threads.messages(caller, params.id, query),
    }),
  ];
}
