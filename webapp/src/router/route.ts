// The app's addresses. Launch data of Telegram sits in the URL's hash, so screens live in the path.
import type { TaskList } from '../../../src/shared/contracts/workflows.ts';

export type Route =
  /** A conversation; without `threadId` a new one, about `kbId` alone when given. */
  | { screen: 'chat'; threadId?: string; kbId?: string }
  | { screen: 'catalog' }
  | { screen: 'kb'; id: string }
  | { screen: 'tasks'; list: TaskList }
  | { screen: 'task'; id: string }
  | { screen: 'workflows'; groupId?: string }
  | { screen: 'workflow'; key: string; groupId?: string }
  | { screen: 'group'; id: string }
  | { screen: 'profile' }
  | { screen: 'missing' };

export type Tab = 'chat' | 'catalog' | 'tasks' | 'profile';

const basePath = '/app';

const taskLists: readonly TaskList[] = ['inbox', 'next', 'waiting', 'scheduled', 'done'];

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Reads a path with its query, such as `/app/tasks?list=next`. A path outside the app is `missing`. */
export function parseRoute(path: string): Route {
  const url = new URL(path, 'http://app.invalid');
  if (url.pathname !== basePath && !url.pathname.startsWith(`${basePath}/`)) return { screen: 'missing' };
  const segments = url.pathname
    .slice(basePath.length)
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode);
  const [first, second, ...rest] = segments;
  if (rest.length > 0 || segments.includes(undefined)) return { screen: 'missing' };
  const groupId = url.searchParams.get('group');
  const inGroup = groupId ? { groupId } : {};
  if (second === undefined) {
    const list = url.searchParams.get('list');
    const kbId = url.searchParams.get('kb');
    switch (first) {
      case undefined:
      case 'index.html':
      case 'chat':
        return { screen: 'chat', ...(kbId ? { kbId } : {}) };
      case 'catalog':
      case 'profile':
        return { screen: first };
      case 'tasks':
        return { screen: 'tasks', list: taskLists.find((known) => known === list) ?? 'inbox' };
      case 'workflows':
        return { screen: 'workflows', ...inGroup };
      default:
        return { screen: 'missing' };
    }
  }
  switch (first) {
    case 'chat':
      return { screen: 'chat', threadId: second };
    case 'kb':
      return { screen: 'kb', id: second };
    case 'tasks':
      return { screen: 'task', id: second };
    case 'workflows':
      return { screen: 'workflow', key: second, ...inGroup };
    case 'groups':
      return { screen: 'group', id: second };
    default:
      return { screen: 'missing' };
  }
}

export function formatRoute(route: Route): string {
  const group = 'groupId' in route && route.groupId ? `?group=${encodeURIComponent(route.groupId)}` : '';
  switch (route.screen) {
    case 'chat':
      if (route.threadId !== undefined) return `${basePath}/chat/${encodeURIComponent(route.threadId)}`;
      return `${basePath}/chat${route.kbId === undefined ? '' : `?kb=${encodeURIComponent(route.kbId)}`}`;
    case 'kb':
      return `${basePath}/kb/${encodeURIComponent(route.id)}`;
    case 'tasks':
      return `${basePath}/tasks${route.list === 'inbox' ? '' : `?list=${route.list}`}`;
    case 'task':
      return `${basePath}/tasks/${encodeURIComponent(route.id)}`;
    case 'workflows':
      return `${basePath}/workflows${group}`;
    case 'workflow':
      return `${basePath}/workflows/${encodeURIComponent(route.key)}${group}`;
    case 'group':
      return `${basePath}/groups/${encodeURIComponent(route.id)}`;
    case 'missing':
      return `${basePath}/chat`;
    default:
      return `${basePath}/${route.screen}`;
  }
}

/** Where a `t.me/<bot>/<app>?startapp=…` link leads; undefined when the parameter names nothing we know. */
export function routeOfStartParam(parameter: string): Route | undefined {
  const match = /^(task|kb|thread|group)_([A-Za-z0-9_-]{1,64})$/.exec(parameter);
  const id = match?.[2];
  if (id === undefined) return undefined;
  switch (match?.[1]) {
    case 'task':
      return { screen: 'task', id };
    case 'kb':
      return { screen: 'kb', id };
    case 'thread':
      return { screen: 'chat', threadId: id };
    default:
      return { screen: 'group', id };
  }
}

export function tabOf(route: Route): Tab {
  switch (route.screen) {
    case 'catalog':
    case 'kb':
      return 'catalog';
    case 'tasks':
    case 'task':
    case 'workflows':
    case 'workflow':
    case 'group':
      return 'tasks';
    case 'profile':
      return 'profile';
    default:
      return 'chat';
  }
}

/** Where "back" leads when the history holds nothing of ours; undefined on a tab's first screen. */
export function parentOf(route: Route): Route | undefined {
  switch (route.screen) {
    case 'chat':
      return route.threadId !== undefined || route.kbId !== undefined ? { screen: 'chat' } : undefined;
    case 'kb':
      return { screen: 'catalog' };
    case 'task':
    case 'workflows':
    case 'group':
      return { screen: 'tasks', list: 'inbox' };
    case 'workflow':
      return { screen: 'workflows', ...(route.groupId ? { groupId: route.groupId } : {}) };
    default:
      return undefined;
  }
}
