// The commands of the gateway, called over REST and over the socket alike.
import { z } from 'zod';
import type { Permission } from '#shared/contracts/auth.ts';
import {
  type CatalogAnswer,
  catalogQuery,
  type SearchAnswer,
  searchRequest,
} from '#shared/contracts/knowledge.ts';
import type { Profile } from '#shared/contracts/profile.ts';
import { createThread, type ThreadView } from '#shared/contracts/threads.ts';
import { type TaskPage, taskQuery } from '#shared/contracts/workflows.ts';
import { AppError } from '#shared/errors.ts';
import { type Caller, permissionsOf, requirePermission, requirePerson } from '#shared/identity/caller.ts';
import type { Services } from '#shared/services.ts';
import { parseInput } from '../http/parse.ts';
import { texts } from './texts.ts';

const needs = {
  start: 'chat:ephemeral',
  catalog: 'read:public_kb',
  search: 'search:public_kb',
  tasks: 'view:tasks',
  profile: 'view:profile',
  chat: 'chat:threads',
  groups: 'view:profile',
} as const satisfies Record<string, Permission>;

export type CommandName = keyof typeof needs;

export type CommandResult =
  | { command: 'start'; result: { message: string; permissions: readonly Permission[] } }
  | { command: 'catalog'; result: CatalogAnswer }
  | { command: 'search'; result: SearchAnswer }
  | { command: 'tasks'; result: TaskPage }
  | { command: 'profile'; result: Profile }
  | { command: 'chat'; result: { thread: ThreadView } }
  | { command: 'groups'; result: { groups: { id: string; title: string; username: string | null }[] } };

/** Throws RESOURCE_NOT_FOUND for an unknown command and UPGRADE_REQUIRED for one that a guest may not use. */
export async function runCommand(
  services: Services,
  caller: Caller,
  name: string,
  args: Readonly<Record<string, unknown>>,
): Promise<CommandResult> {
  const command = commandNamed(name);
  requirePermission(caller, needs[command]);
  switch (command) {
    case 'start': {
      const text = texts[caller.language];
      const message = caller.kind === 'person' ? text.welcome(caller.displayName) : text.guestWelcome;
      return { command, result: { message, permissions: permissionsOf(caller) } };
    }
    case 'catalog':
      return {
        command,
        result: await services.catalog.list(caller, parseInput(catalogQuery, forQuery(args), 'args')),
      };
    case 'search':
      return {
        command,
        result: await services.search.search(caller, parseInput(searchRequest, args, 'args')),
      };
    case 'tasks': {
      const { filter, ...page } = parseInput(taskQuery, args, 'args');
      return { command, result: await services.workflows.tasks(requirePerson(caller), filter, page) };
    }
    case 'profile':
      return { command, result: await services.people.profile(requirePerson(caller)) };
    case 'chat': {
      const input = parseInput(chatArguments, args, 'args');
      const thread =
        input.thread_id === undefined
          ? await services.threads.create(caller, input)
          : await services.threads.get(caller, input.thread_id);
      return { command, result: { thread } };
    }
    case 'groups': {
      const groups = await services.groups.ofPerson(requirePerson(caller).personId);
      return {
        command,
        result: {
          groups: groups.map(({ id, title, username }) => ({ id, title, username: username ?? null })),
        },
      };
    }
  }
}

/** With a thread: goes on there. Without: a new conversation. */
const chatArguments = createThread.extend({ thread_id: z.uuid().optional() });

function commandNamed(name: string): CommandName {
  const plain = name.replace(/^\//, '').toLowerCase();
  const command = Object.keys(needs).find((known): known is CommandName => known === plain);
  if (command === undefined) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such command.');
  return command;
}

/** The catalog's query is written for query strings, where true is "true". */
function forQuery(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [name, typeof value === 'boolean' ? String(value) : value]),
  );
}
