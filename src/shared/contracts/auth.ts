import { z } from 'zod';

export const permissions = [
  'read:public_kb',
  'search:public_kb',
  'chat:ephemeral',
  'chat:threads',
  'read:private_kb',
  'write:kb',
  'manage:kb',
  'execute:workflows',
  'view:tasks',
  'complete:tasks',
  'view:profile',
  'upload:files',
  'manage:agents',
  'view:traces',
  'manage:team',
] as const;
export const permission = z.enum(permissions);

export const telegramLogin = z.object({ initData: z.string().min(1) });

export const tokenPair = z
  .object({
    jwt_token: z.string(),
    refresh_token: z.string(),
    /** Seconds until `jwt_token` expires. */
    expires_in: z.int(),
  })
  .meta({ id: 'TokenPair' });

export const loginAnswer = tokenPair
  .extend({
    user: z.object({
      telegram_user_id: z.int(),
      username: z.string().nullable(),
      first_name: z.string(),
      last_name: z.string().nullable(),
      camunda_user_id: z.string().nullable(),
      webapp_user_id: z.uuid(),
    }),
  })
  .meta({ id: 'Login' });

export const guestAnswer = z
  .object({
    token: z.string(),
    token_type: z.literal('guest'),
    expires_in: z.int(),
    message: z.string(),
    upgrade_url: z.string(),
    permissions: z.array(permission),
  })
  .meta({ id: 'Guest' });

/** Browsers send the refresh token as a cookie instead; then the body may be empty. */
export const refreshRequest = z.object({ refresh_token: z.string().min(1).optional() });

export type Permission = (typeof permissions)[number];
export type TokenPair = z.infer<typeof tokenPair>;
export type LoginAnswer = z.infer<typeof loginAnswer>;
export type GuestAnswer = z.infer<typeof guestAnswer>;
