import { z } from 'zod';
import type { Services } from '#shared/services.ts';
import { defineRoute, type Route } from '../http/route.ts';
import { runCommand } from './commands.ts';

export function commandRoutes(services: Services): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/api/commands/{command}',
      tag: 'commands',
      summary: 'start, catalog, search; with an account also tasks, profile, chat, groups',
      permission: 'chat:ephemeral',
      limit: 'commands',
      params: z.object({ command: z.string().max(50) }),
      body: z.object({ args: z.record(z.string(), z.unknown()).default({}) }),
      answer: z
        .object({ status: z.literal('success'), command: z.string(), result: z.unknown() })
        .meta({ id: 'CommandAnswer' }),
      handler: async ({ caller, params, body }) => ({
        status: 'success' as const,
        ...(await runCommand(services, caller, params.command, body.args)),
      }),
    }),
  ];
}
