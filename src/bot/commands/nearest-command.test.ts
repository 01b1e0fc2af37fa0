import { expect, test } from 'vitest';
import { nearestCommand } from './nearest-command.ts';

const known = ['start', 'new', 'chat', 'search', 'tasks', 'run', 'settings', 'stop'];

test.each([
  ['task', 'tasks'],
  ['serch', 'search'],
  ['setings', 'settings'],
  ['stpo', 'stop'],
  ['rin', 'run'],
  ['set', 'settings'],
  ['weather', undefined],
  ['x', undefined],
])('%s is taken for %s', (typed, expected) => {
  expect(nearestCommand(typed, known)).toBe(expected);
});
