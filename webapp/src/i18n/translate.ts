import type { Language } from '../../../src/shared/language.ts';
import { en } from './en.ts';
import { ru } from './ru.ts';

/** Forms by the categories of Intl.PluralRules; `{n}` is the number. */
export type Plural = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;
export type MessageKey = keyof typeof en;
export type Dictionary = Record<MessageKey, string | Plural>;
export type Parameters = Record<string, string | number>;

export const dictionaries: Record<Language, Dictionary> = { en, ru };

export interface Translator {
  language: Language;
  /** Fills `{name}` in the message; a message with plural forms is chosen by the parameter `n`. */
  t: (key: MessageKey, parameters?: Parameters) => string;
  number: (value: number) => string;
  /** `12.5K`; for counts in narrow places. */
  compact: (value: number) => string;
  /** Relative for the last and next days, else a date. */
  when: (iso: string, now?: number) => string;
  /** Takes a day (`2026-11-21`) or a point in time. */
  date: (iso: string) => string;
  dateTime: (iso: string) => string;
}

/** The language of ours nearest to an IETF tag such as `ru-RU`; English when there is none. */
export function nearest(tag: string | undefined): Language {
  const base = tag?.toLowerCase().split('-')[0] ?? '';
  return base in dictionaries ? (base as Language) : 'en';
}

export function createTranslator(language: Language): Translator {
  const dictionary = dictionaries[language];
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const compact = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const date = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', year: 'numeric' });
  const shortDate = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' });
  const dateTime = new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });

  return {
    language,
    t(key, parameters = {}) {
      const message = dictionary[key];
      const n = parameters.n;
      const text =
        typeof message === 'string'
          ? message
          : (message[plurals.select(typeof n === 'number' ? n : 0)] ?? message.other);
      return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
        const value = parameters[name];
        return value === undefined ? whole : typeof value === 'number' ? numbers.format(value) : value;
      });
    },
    number: (value) => numbers.format(value),
    compact: (value) => compact.format(value),
    when(iso, now = Date.now()) {
      const time = Date.parse(iso);
      const minutes = Math.round((time - now) / 60_000);
      if (Math.abs(minutes) < 1) return relative.format(0, 'minute');
      if (Math.abs(minutes) < 60) return relative.format(minutes, 'minute');
      if (Math.abs(minutes) < 12 * 60) return relative.format(Math.round(minutes / 60), 'hour');
      const days = Math.round((startOfDay(time) - startOfDay(now)) / 86_400_000);
      if (Math.abs(days) <= 6) return relative.format(days, 'day');
      return new Date(time).getFullYear() === new Date(now).getFullYear()
        ? shortDate.format(time)
        : date.format(time);
    },
    date: (iso) => date.format(isDay(iso) ? Date.parse(`${iso}T00:00:00`) : Date.parse(iso)),
    dateTime: (iso) => dateTime.format(Date.parse(iso)),
  };
}

/** A day without a time means that day wherever the reader is. */
function isDay(iso: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(iso);
}

function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}
