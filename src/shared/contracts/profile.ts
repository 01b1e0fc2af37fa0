import { z } from 'zod';
import { id, language, timestamp } from './common.ts';
import { processInstance } from './workflows.ts';

export const personSettings = z
  .object({
    language,
    llm_provider: z.string().max(100).nullable(),
    llm_model: z.string().max(200).nullable(),
    streaming_enabled: z.boolean(),
    notifications: z.boolean(),
  })
  .meta({ id: 'Settings' });

/** Fields left out stay as they are. */
export const settingsPatch = personSettings.partial().strict();

export const profile = z
  .object({
    id,
    telegram_user_id: z.int().nullable(),
    username: z.string().nullable(),
    first_name: z.string(),
    last_name: z.string().nullable(),
    created_at: timestamp,
    stats: z.object({
      messages_sent: z.int(),
      tasks_completed: z.int(),
      groups_managed: z.int(),
      kb_size_mb: z.number(),
    }),
    settings: personSettings,
    active_processes: z.array(processInstance),
  })
  .meta({ id: 'Profile' });

export type PersonSettings = z.infer<typeof personSettings>;
export type SettingsPatch = z.infer<typeof settingsPatch>;
export type Profile = z.infer<typeof profile>;
