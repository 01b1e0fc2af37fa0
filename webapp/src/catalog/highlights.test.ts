import { expect, it } from 'vitest';
import { splitHighlights } from './highlights.ts';

const show = (text: string, ...ranges: [number, number][]) =>
  splitHighlights(
    text,
    ranges.map(([start, end]) => ({ start, end })),
  )
    .map((part) => (part.marked ? `[${part.text}]` : part.text))
    .join('');

it.each([
  ['plain', [], 'plain'],
  ['one two', [[4, 7]], 'one [two]'],
  [
    'one two',
    [
      [4, 7],
      [0, 3],
    ],
    '[one] [two]',
  ],
  [
    'abcdef',
    [
      [0, 3],
      [2, 5],
    ],
    '[abc][de]f',
  ],
  ['abc', [[1, 99]], 'a[bc]'],
  [
    'abc',
    [
      [5, 9],
      [2, 2],
      [3, 1],
    ],
    'abc',
  ],
  ['', [[0, 1]], ''],
] as [string, [number, number][], string][])('cuts %j at %j', (text, ranges, shown) => {
  expect(show(text, ...ranges)).toBe(shown);
});
