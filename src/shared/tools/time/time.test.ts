import { describe, expect, it } from 'vitest';
import type { Language } from '../../language.ts';
import { timeTool } from './time.ts';
import { findZone } from './zones.ts';

const tool = timeTool(() => new Date('2026-11-21T12:30:00Z'));

async function ask(
  input: { place?: string; compare_with?: string; until?: string },
  language: Language = 'en',
) {
  const result = await tool.run(input, {
    caller: { kind: 'anonymous', language },
    language,
    timeZone: 'Europe/Moscow',
    kbIds: [],
    signal: AbortSignal.timeout(1_000),
  });
  return result.status === 'ok' ? result.content : `error: ${result.message}`;
}

describe('the time tool', () => {
  it('tells the time where the person is', async () => {
    expect(await ask({})).toBe('It is 15:30, Saturday, 21 November 2026 where you are (Europe/Moscow).');
    expect(await ask({}, 'ru')).toBe('У вас сейчас 15:30, суббота, 21 ноября 2026 (Europe/Moscow).');
  });

  it('tells it elsewhere', async () => {
    expect(await ask({ place: 'tokyo' })).toBe('Tokyo: it is 21:30, Saturday, 21 November 2026.');
    expect(await ask({ place: 'Нью-Йорке' }, 'ru')).toBe('Нью-Йорк: сейчас 07:30, суббота, 21 ноября 2026.');
  });

  it('tells the difference between two zones, half hours included', async () => {
    expect(await ask({ compare_with: 'Tokyo' })).toContain('Tokyo is 6 h ahead of Moscow.');
    expect(await ask({ place: 'Delhi', compare_with: 'London' })).toContain(
      'Delhi is 5 h 30 min ahead of London.',
    );
    expect(await ask({ compare_with: 'Minsk' })).toContain('Moscow and Minsk have the same time.');
  });

  it('tells how far a date is, by the calendar of the place', async () => {
    expect(await ask({ until: '2026-12-31' })).toContain('40 days left until 2026-12-31.');
    expect(await ask({ until: '2026-11-20' })).toContain('2026-11-20 was 1 day ago.');
    expect(await ask({ until: '2026-11-21' })).toContain('2026-11-21 is today.');
    expect(await ask({ until: '2026-11-21T18:00' })).toContain('2 h 30 min left until 2026-11-21T18:00.');
    expect(await ask({ until: '2026-11-23' }, 'ru')).toContain('До 2026-11-23 осталось 2 дня.');
  });

  it('says what it does not understand', async () => {
    expect(await ask({ place: 'Gotham' })).toMatch(/^error: I know no time zone for "Gotham"/);
    expect(await ask({ until: 'soon' })).toMatch(/^error: "soon" is not a date/);
  });
});

describe('findZone', () => {
  it.each([
    ['Москве', 'Europe/Moscow'],
    ['санкт-петербурге', 'Europe/Moscow'],
    ['san francisco', 'America/Los_Angeles'],
    ['Europe/Paris', 'Europe/Paris'],
    ['Лондоне', 'Europe/London'],
    ['Токио', 'Asia/Tokyo'],
    ['Reykjavik', 'Atlantic/Reykjavik'],
  ])('finds %s', (place, zone) => {
    expect(findZone(place)?.zone).toBe(zone);
  });
});
