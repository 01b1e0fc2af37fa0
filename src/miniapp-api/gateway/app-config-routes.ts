import { z } from 'zod';
import { defineRoute, type Route } from '../http/route.ts';
import { version } from '../http/version.ts';

export function appConfigRoutes(options: {
  botIdentity: () => { username: string } | undefined;
  miniAppName: string | undefined;
}): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/app-config',
      tag: 'service',
      summary: 'What the Mini App must know before anybody signs in',
      permission: 'public',
      limit: 'none',
      answer: z
        .object({
          bot_username: z.string().nullable(),
          mini_app_name: z.string().nullable(),
          version: z.string(),
        })
        .meta({ id: 'AppConfig' }),
      handler: async () => ({
        bot_username: options.botIdentity()?.username ?? null,
        mini_app_name: options.miniAppName ?? null,
        version,
      }),
    }),
  ];
}
