// The figures of the README. `npm run bench` prints them all, `npm run bench -- start` one of them.
import { firstToken } from './first-token.ts';
import { install } from './install.ts';
import { start } from './start.ts';

export interface Figure {
  name: string;
  /** One value a run; the middle one is quoted. */
  values: readonly number[];
  unit: 's' | 'ms' | 'MB';
  /** What it must not exceed, when there is such a bar. */
  bar?: number;
}

const benches: Record<string, () => Promise<Figure[]>> = { start, 'first-token': firstToken, install };

const wanted = process.argv.slice(2);
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const figure of await bench()) console.log(lineOf(figure));
}

function lineOf({ name, values, unit, bar }: Figure): string {
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const show = (value: number) => value.toFixed(value < 100 ? 1 : 0);
  const spread =
    values.length > 1 ? ` (${show(sorted[0] ?? 0)}–${show(sorted.at(-1) ?? 0)}, ${values.length} runs)` : '';
  const verdict = bar === undefined ? '' : `, bar ${bar} ${unit}: ${median <= bar ? 'met' : 'MISSED'}`;
  return `${name}: ${show(median)} ${unit}${spread}${verdict}`;
}
