// What a client's menu shows: modes, badges, prompts. Built anew when asked; sent only when it differs.
import { randomUUID } from 'node:crypto';
import type { ServerFrame, UiMode } from '#shared/contracts/gateway-frames.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { Groups, Workflows } from '#shared/services.ts';
import { texts } from './texts.ts';

export type UiContext = Extract<ServerFrame, { type: 'uiContext' }>;
export type ModeId = 'chat' | 'tasks' | 'catalog' | 'search' | 'groups' | 'profile';

const modes: readonly { id: ModeId; emoji: string; requiresAuth: boolean; showInMenu: boolean }[] = [
  { id: 'chat', emoji: '💬', requiresAuth: false, showInMenu: true },
  { id: 'tasks', emoji: '✅', requiresAuth: true, showInMenu: true },
  { id: 'catalog', emoji: '📚', requiresAuth: false, showInMenu: true },
  { id: 'search', emoji: '🔎', requiresAuth: false, showInMenu: false },
  { id: 'groups', emoji: '👥', requiresAuth: true, showInMenu: false },
  { id: 'profile', emoji: '👤', requiresAuth: true, showInMenu: true },
];

export async function uiContext(
  services: { groups: Groups; workflows: Workflows },
  caller: Caller,
  activeMode: ModeId,
): Promise<UiContext> {
  const person = caller.kind === 'person' ? caller : undefined;
  const [groups, tasks] = person
    ? await Promise.all([
        services.groups.ofPerson(person.personId),
        services.workflows.tasks(person, 'inbox', { limit: 1, offset: 0 }),
      ])
    : [[], { total: 0 }];
  const text = texts[caller.language];
  return {
    type: 'uiContext',
    contextId: randomUUID(),
    timestamp: Date.now(),
    activeMode,
    modes: modes.map((mode) => modeOf(mode, text.modes[mode.id], person !== undefined, tasks.total)),
    quickPrompts: [
      { id: 'can-do', text: text.prompts.canDo, source: 'assistant' },
      ...(tasks.total > 0 ? [{ id: 'tasks', text: text.prompts.tasks, source: 'tasks' }] : []),
      { id: 'search', text: text.prompts.search, source: 'catalog' },
    ],
    scopeControls: [
      { id: 'all', label: text.everything, emoji: '🌐', selected: true },
      ...groups
        .slice(0, 20)
        .map((group) => ({ id: group.id, label: group.title, emoji: '👥', selected: false })),
    ],
    userInfo: {
      userId: person?.personId ?? null,
      displayName: person?.displayName ?? '',
      language: caller.language,
      isGuest: person === undefined,
    },
    metadata: {
      groupCount: groups.length,
      taskCount: tasks.total,
      scope: { source: 'all', groupIds: [] },
    },
  };
}

/** Equal for two contexts that show the same. */
export function contentOf({ contextId: _id, timestamp: _at, ...content }: UiContext): string {
  return JSON.stringify(content);
}

function modeOf(mode: (typeof modes)[number], label: string, isPerson: boolean, tasks: number): UiMode {
  return {
    ...mode,
    label,
    ...(mode.id === 'tasks' && tasks > 0 ? { badgeCount: tasks } : {}),
    ...(mode.requiresAuth && !isPerson ? { disabled: true } : {}),
  };
}
