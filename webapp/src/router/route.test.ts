import { describe, expect, it } from 'vitest';
import { formatRoute, parentOf, parseRoute, type Route, routeOfStartParam, tabOf } from './route.ts';

const id = '01990000-0000-7000-8000-000000000001';
const routes: Route[] = [
  { screen: 'chat' },
  { screen: 'chat', threadId: id },
  { screen: 'chat', kbId: id },
  { screen: 'catalog' },
  { screen: 'kb', id },
  { screen: 'tasks', list: 'inbox' },
  { screen: 'tasks', list: 'scheduled' },
  { screen: 'task', id },
  { screen: 'workflows' },
  { screen: 'workflows', groupId: id },
  { screen: 'workflow', key: 'leave request/ü' },
  { screen: 'workflow', key: 'leave', groupId: id },
  { screen: 'group', id },
  { screen: 'profile' },
];

describe('addresses', () => {
  it.each(routes)('read back what they were made of: %j', (route) => {
    expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  it('begin at the chat', () => {
    expect(parseRoute('/app')).toEqual({ screen: 'chat' });
    expect(parseRoute('/app/')).toEqual({ screen: 'chat' });
    expect(parseRoute('/app/index.html')).toEqual({ screen: 'chat' });
  });

  it.each(['/', '/apple', '/app/nowhere', '/app/kb/a/b', '/app/kb/%E0%A4%A'])(
    'know nothing of %s',
    (path) => {
      expect(parseRoute(path)).toEqual({ screen: 'missing' });
    },
  );

  it('take an unknown list of tasks for the inbox', () => {
    expect(parseRoute('/app/tasks?list=secret')).toEqual({ screen: 'tasks', list: 'inbox' });
  });
});

describe('start parameters', () => {
  it.each([
    [`task_${id}`, { screen: 'task', id }],
    [`kb_${id}`, { screen: 'kb', id }],
    [`thread_${id}`, { screen: 'chat', threadId: id }],
    [`group_${id}`, { screen: 'group', id }],
  ])('%s leads to its screen', (parameter, route) => {
    expect(routeOfStartParam(parameter)).toEqual(route);
  });

  it.each(['', 'task_', 'user_1', 'task_../../etc', `kb_${'a'.repeat(65)}`, 'help'])(
    '%j leads nowhere',
    (parameter) => {
      expect(routeOfStartParam(parameter)).toBeUndefined();
    },
  );
});

it('every screen but the first of a tab has a way back within its tab', () => {
  for (const route of routes) {
    const parent = parentOf(route);
    if (parent) expect(tabOf(parent)).toBe(tabOf(route));
  }
  expect(parentOf({ screen: 'chat' })).toBeUndefined();
  expect(parentOf({ screen: 'kb', id })).toEqual({ screen: 'catalog' });
});
