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
  return new Intl.NumberFormat(language, {
    minimumFractionDigits: decimals ?? 0,
    maximumFractionDigits: decimals ?? 10,
  }).format(value);
}

/** `2026-11-21` for people; anything that is no day stays as it is. */
function showDay(day: string, language: Language): string {
  const date = new Date(`${day}T00:00:00.000Z`);
  if (Number.isNaN(date.getTime())) return day;
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(date);
}

const yesNo: Record<Language, [string, string]> = { en: ['yes', 'no'], ru: ['да', 'нет'] };
