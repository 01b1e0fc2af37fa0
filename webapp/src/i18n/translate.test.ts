import { describe, expect, it } from 'vitest';
import { languages } from '../../../src/shared/language.ts';
import { createTranslator, dictionaries, nearest, type Plural } from './translate.ts';

const keys = Object.keys(dictionaries.en).toSorted();

function textsOf(message: string | Plural): string[] {
  return typeof message === 'string' ? [message] : Object.values(message);
}

function placeholders(text: string): string[] {
  return [...new Set(text.match(/\{\w+\}/g) ?? [])].toSorted();
}

describe.each(languages)('the texts in %s', (language) => {
  const dictionary = dictionaries[language];

  it('are complete', () => {
    expect(Object.keys(dictionary).toSorted()).toEqual(keys);
    for (const message of Object.values(dictionary)) {
      for (const text of textsOf(message)) expect(text.trim()).not.toBe('');
    }
  });

  it('fill in the same things as the English ones', () => {
    for (const [key, message] of Object.entries(dictionaries.en)) {
      const expected = placeholders(textsOf(message).join(' '));
      const translated = dictionary[key as keyof typeof dictionaries.en];
      for (const text of textsOf(translated)) expect([key, placeholders(text)]).toEqual([key, expected]);
    }
  });

  it('have every plural form that the language needs', () => {
    const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
    for (const [key, message] of Object.entries(dictionary)) {
      if (typeof message === 'string') continue;
      expect([key, Object.keys(message).toSorted()]).toEqual([key, needed]);
    }
  });
});

describe('a translator', () => {
  const en = createTranslator('en');
  const ru = createTranslator('ru');

  it('chooses the form of a plural by the number', () => {
    expect([1, 2].map((n) => en.t('chat.sources', { n }))).toEqual(['1 source', '2 sources']);
    expect([1, 3, 5, 21].map((n) => ru.t('chat.sources', { n }))).toEqual([
      '1 источник',
      '3 источника',
      '5 источников',
      '21 источник',
    ]);
  });

  it('fills in names as they are, even when they look like placeholders', () => {
    expect(en.t('chat.scope', { name: '{n} $& tea' })).toBe('Only {n} $& tea');
  });

  it('tells times by how near they are', () => {
    const now = Date.parse('2026-11-21T12:00:00');
    expect(en.when('2026-11-21T11:55:00', now)).toBe('5 minutes ago');
    expect(en.when('2026-11-21T20:00:00', now)).toBe('in 8 hours');
    expect(en.when('2026-11-20T09:00:00', now)).toBe('yesterday');
    expect(ru.when('2026-11-22T23:00:00', now)).toBe('завтра');
    expect(en.when('2026-03-02T09:00:00', now)).toBe('Mar 2');
    expect(en.when('2024-03-02T09:00:00', now)).toBe('Mar 2, 2024');
  });

  it('means the same day everywhere by a day without a time', () => {
    expect(en.date('2026-11-21')).toBe('Nov 21, 2026');
  });
});

it.each([
  ['ru-RU', 'ru'],
  ['RU', 'ru'],
  ['en-GB', 'en'],
  ['de', 'en'],
  [undefined, 'en'],
])('the nearest language to %s is %s', (tag, language) => {
  expect(nearest(tag)).toBe(language);
});
