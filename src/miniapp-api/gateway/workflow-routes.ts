import { z } from 'zod';
import { id } from '#shared/contracts/common.ts';
import { form } from '#shared/contracts/forms.ts';
import { processInstance, startWorkflow, workflowDefinition } from '#shared/contracts/workflows.ts';
import { requirePerson } from '#shared/identity/caller.ts';
import type { Workflows } from '#shared/services.ts';
import type { ApiContext } from '../http/context.ts';
import { parseInput } from '../http/parse.ts';
import { defineRoute, type Route } from '../http/route.ts';

const tag = 'workflows';
const permission = 'execute:workflows';
const byKey = z.object({ key: z.string().max(200) });

export function workflowRoutes({ workflows }: { workflows: Workflows }): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/workflows',
      tag,
      summary: 'Workflows that the caller may start',
      permission,
      limit: 'objects',
      answer: z.object({ results: z.array(workflowDefinition) }),
      handler: async ({ caller }) => ({ results: await workflows.definitions(caller.language) }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/workflows/{key}/form',
      tag,
      summary: 'The form that starts a workflow',
      permission,
      limit: 'objects',
      params: byKey,
      answer: form,
      handler: ({ caller, params }) => workflows.startForm(params.key, caller.language),
    }),
    defineRoute({
      method: 'post',
      path: '/api/workflows/{key}/start',
      tag,
      summary: 'Starts a workflow; the same Idempotency-Key twice starts one',
      permission,
      limit: 'objects',
      params: byKey,
      body: startWorkflow,
      answer: processInstance,
      status: 201,
      handler: async ({ caller, params, body, ctx }) =>
        workflows.start(requirePerson(caller), {
          key: params.key,
          values: body.values,
          groupId: body.group_id,
          idempotencyKey: idempotencyKey(ctx),
        }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/processes',
      tag,
      summary: 'Processes that the caller started',
      permission,
      limit: 'objects',
      answer: z.object({ results: z.array(processInstance) }),
      handler: async ({ caller }) => ({ results: await workflows.processes(requirePerson(caller)) }),
    }),
    defineRoute({
      method: 'post',
      path: '/api/processes/{id}/cancel',
      tag,
      summary: 'Cancels a process of the caller',
      permission,
      limit: 'objects',
      params: z.object({ id }),
      answer: processInstance,
      handler: async ({ caller, params }) => workflows.cancel(requirePerson(caller), params.id),
    }),
  ];
}

function idempotencyKey(ctx: ApiContext): string | undefined {
  const header = ctx.get('idempotency-key');
  return header === '' ? undefined : parseInput(z.string().max(200), header, 'Idempotency-Key');
}
