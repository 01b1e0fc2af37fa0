import { describe, expect, it } from 'vitest';
import { isDay, resolveDate } from './dates.ts';

const now = '2026-01-31T12:00:00.000Z';

describe('a due date', () => {
  it.each([
    ['P3D', '2026-02-03T12:00:00.000Z'],
    ['P2W', '2026-02-14T12:00:00.000Z'],
    ['PT4H', '2026-01-31T16:00:00.000Z'],
    ['P1DT1H30M5S', '2026-02-01T13:30:05.000Z'],
    // The month after January the 31st ends earlier, and so does the due date.
    ['P1M', '2026-02-28T12:00:00.000Z'],
    ['P1Y1M', '2027-02-28T12:00:00.000Z'],
    ['2026-03-01', '2026-03-01T23:59:59.000Z'],
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T10:00+03:00', '2026-03-01T07:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(resolveDate(text, now)).toBe(expected);
  });

  it.each([
    '',
    'P',
    'PT',
    'P1',
    'PD',
    'tomorrow',
    '2026-02-30',
    '2026-03-01 10:00',
    'P-1D',
    'P99999999999999Y',
    '1',
  ])('%j is none', (text) => {
    expect(resolveDate(text, now)).toBeUndefined();
  });
});

describe('a day', () => {
  it('exists in the calendar', () => {
    expect(isDay('2028-02-29')).toBe(true);
    expect(isDay('2026-02-29')).toBe(false);
    expect(isDay('2026-13-01')).toBe(false);
    expect(isDay('2026-1-1')).toBe(false);
  });
});
