import type { Language } from '../../language.ts';
import type { Value } from '../expressions/value.ts';
import type { FieldDefinition } from './form-definition.ts';

type Shown = Pick<FieldDefinition, 'type' | 'decimals' | 'options'>;

/** A value in words: amounts with their decimals, choices by their label, dates and yes/no in the language. */
export function showValue(value: Value, field: Shown | undefined, language: Language): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return yesNo[language][value ? 0 : 1];
  if (typeof value === 'number') return showNumber(value, field?.decimals, language);
  if (typeof value === 'object') {
    return Object.values(value)
      .map((each) => showValue(each, undefined, language))
      .join(', ');
  }
  if (field?.type === 'select') {
    return field.options.find((option) => option.value === value)?.label[language] ?? value;
  }
  return field?.type === 'date' ? showDay(value, language) : value;
}

/** Ten decimals at most, which hides what binary fractions add (0.1 + 0.2). */
export function showNumber(value: number, decimals: number | undefined, language: Language): string {
  const places = decimals === undefined ? undefined : Math.min(decimals, 10);
  const key = `${language} ${places ?? ''}`;
  const format =
    numberFormats.get(key) ??
    new Intl.NumberFormat(language, {
      minimumFractionDigits: places ?? 0,
      maximumFractionDigits: places ?? 10,
    });
  numberFormats.set(key, format);
  return format.format(value);
}

/** `2026-11-21` for people; anything that is no day stays as it is. */
function showDay(day: string, language: Language): string {
  const date = new Date(`${day}T00:00:00.000Z`);
  if (Number.isNaN(date.getTime())) return day;
  const format =
    dayFormats.get(language) ?? new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' });
  dayFormats.set(language, format);
  return format.format(date);
}

// Making a format costs 0.1 ms and more, using one nothing. At most a dozen for each language.
const numberFormats = new Map<string, Intl.NumberFormat>();
const dayFormats = new Map<Language, Intl.DateTimeFormat>();

const yesNo: Record<Language, [string, string]> = { en: ['yes', 'no'], ru: ['да', 'нет'] };
