import { personSettings, profile, settingsPatch } from '#shared/contracts/profile.ts';
import { requirePerson } from '#shared/identity/caller.ts';
import type { People } from '#shared/services.ts';
import { defineRoute, type Route } from '../http/route.ts';

const tag = 'profile';

export function profileRoutes({ people }: { people: People }): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/profile',
      tag,
      summary: 'The caller: name, figures, settings, running processes',
      permission: 'view:profile',
      limit: 'profile',
      answer: profile,
      handler: async ({ caller }) => people.profile(requirePerson(caller)),
    }),
    defineRoute({
      method: 'patch',
      path: '/api/profile/settings',
      tag,
      summary: 'Changes settings; what is left out stays',
      permission: 'view:profile',
      limit: 'profile',
      body: settingsPatch,
      answer: personSettings,
      handler: async ({ caller, body }) => people.updateSettings(requirePerson(caller), body),
    }),
  ];
}
