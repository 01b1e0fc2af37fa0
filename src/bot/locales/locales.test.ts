import { describe, expect, it } from 'vitest';
import { languages } from '#shared/language.ts';
import { dayFromNow, showDay, showMoment } from './moments.ts';
import { textsIn } from './texts.ts';

/** Every text of a language, functions called with something plausible. */
function sentences(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'function')
    return sentences((value as (...args: unknown[]) => unknown)(7, 'Seven', 'and more'));
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(sentences) : [];
}

describe.each(languages)('the texts in %s', (language) => {
  it('fit where Telegram shows them', () => {
    const { commands, errors, form, tasks } = textsIn(language);
    for (const description of Object.values(commands)) expect(description.length).toBeLessThanOrEqual(100);
    const popups = [
      ...Object.values(errors),
      form.failed,
      form.answered,
      tasks.openBotFirst,
      tasks.needsForm,
    ];
    for (const popup of popups) expect(popup.length, popup).toBeLessThanOrEqual(200);
    expect(form.placeholder.length).toBeLessThanOrEqual(64);
  });

  it('have no holes', () => {
    const all = sentences(textsIn(language));
    expect(all.length).toBeGreaterThan(150);
    for (const text of all) expect(text).not.toMatch(/undefined|null|NaN|\[object|^$| {2}/);
  });
});

it('counts as each language does', () => {
  const [en, ru] = [textsIn('en'), textsIn('ru')];
  expect([0, 1, 2].map(en.start.openTasks)).toEqual([
    'No task waits for you.',
    '1 task waits for you.',
    '2 tasks wait for you.',
  ]);
  expect([1, 3, 5, 21].map(ru.start.openTasks)).toEqual([
    'Вас ждёт 1 задача.',
    'Вас ждут 3 задачи.',
    'Вас ждут 5 задач.',
    'Вас ждёт 21 задача.',
  ]);
});

it('says times in the zone and the language of the reader, and days as they are', () => {
  const noon = '2026-11-21T12:00:00Z';
  expect(showMoment(noon, { language: 'en', timeZone: 'America/New_York' })).toBe('Nov 21, 2026, 7:00 AM');
  expect(showMoment(noon, { language: 'ru', timeZone: 'Europe/Moscow' })).toMatch(
    /^21 нояб\. 2026[^]*15:00$/,
  );
  expect(showDay('2026-11-21', 'ru')).toMatch(/^21 ноября 2026/);
  expect(showDay('soon', 'en')).toBe('soon');
  expect(dayFromNow(1, 'Asia/Tokyo', Date.parse('2026-11-21T20:00:00Z'))).toBe('2026-11-23');
});
