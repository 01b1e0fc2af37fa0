import { z } from 'zod';
import { id } from '#shared/contracts/common.ts';
import { completeTask, taskPage, taskQuery, userTaskDetail } from '#shared/contracts/workflows.ts';
import { requirePerson } from '#shared/identity/caller.ts';
import type { Workflows } from '#shared/services.ts';
import { defineRoute, type Route } from '../http/route.ts';

const tag = 'tasks';
const byId = z.object({ id });

export function taskRoutes({ workflows }: { workflows: Workflows }): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/tasks',
      tag,
      summary: 'Tasks of the caller, by list',
      permission: 'view:tasks',
      limit: 'objects',
      query: taskQuery,
      answer: taskPage,
      handler: async ({ caller, query: { filter, ...page } }) =>
        workflows.tasks(requirePerson(caller), filter, page),
    }),
    defineRoute({
      method: 'get',
      path: '/api/tasks/{id}',
      tag,
      summary: 'One task with its form',
      permission: 'view:tasks',
      limit: 'objects',
      params: byId,
      answer: userTaskDetail,
      handler: async ({ caller, params }) => workflows.task(requirePerson(caller), params.id),
    }),
    defineRoute({
      method: 'post',
      path: '/api/tasks/{id}/claim',
      tag,
      summary: 'Takes a task that is offered to a group',
      permission: 'complete:tasks',
      limit: 'objects',
      params: byId,
      answer: userTaskDetail,
      handler: async ({ caller, params }) => workflows.claim(requirePerson(caller), params.id),
    }),
    defineRoute({
      method: 'post',
      path: '/api/tasks/{id}/complete',
      tag,
      summary: 'Completes a task; a second time is a conflict',
      permission: 'complete:tasks',
      limit: 'objects',
      params: byId,
      body: completeTask,
      answer: userTaskDetail,
      handler: async ({ caller, params, body }) => workflows.complete(requirePerson(caller), params.id, body),
    }),
  ];
}
