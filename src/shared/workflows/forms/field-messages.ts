// What a person reads when a value does not fit: first what is expected, then what is wrong with what came.
import type { FormField } from '../../contracts/forms.ts';
import type { Language } from '../../language.ts';
import type { WorkflowField } from './form-definition.ts';
import { showNumber } from './show-value.ts';

export type FieldFault =
  | 'missing'
  | 'wrongType'
  | 'notWhole'
  | 'tooSmall'
  | 'tooLarge'
  | 'tooShort'
  | 'tooLong'
  /** `1,234` in English may be a thousand or one and a bit. */
  | 'ambiguous';

interface Texts {
  missing: string;
  tooSmall: string;
  tooLarge: string;
  tooShort: string;
  tooLong: string;
  notWhole: string;
  ambiguous: string;
  notA: Record<FormField['type'], string>;
  number(whole: boolean, bounds: string): string;
  text(lengths: string): string;
  bounds(from: string | undefined, to: string | undefined): string;
  characters: string;
  date: string;
  oneOf(options: string): string;
  yesNo: string;
  ticked: string;
  file: string;
}

const english: Texts = {
  missing: 'nothing was given',
  tooSmall: 'this is too small',
  tooLarge: 'this is too large',
  tooShort: 'this is too short',
  tooLong: 'this is too long',
  notWhole: 'this has a fraction',
  ambiguous: 'please write it without a separator of thousands',
  notA: {
    text: 'this is not text',
    textarea: 'this is not text',
    number: 'this is not a number',
    date: 'this is not a date',
    select: 'this is none of them',
    checkbox: 'this is neither',
    file: 'this is not a file',
    button: 'this is neither',
  },
  number: (whole, bounds) => `A ${whole ? 'whole number' : 'number'}${bounds} is needed`,
  text: (lengths) => `Text${lengths} is needed`,
  bounds: (from, to) => {
    if (from !== undefined && to !== undefined) return ` from ${from} to ${to}`;
    if (from !== undefined) return ` of at least ${from}`;
    return to === undefined ? '' : ` of at most ${to}`;
  },
  characters: 'characters',
  date: 'A date such as 2026-11-21 is needed',
  oneOf: (options) => `One of these is needed: ${options}`,
  yesNo: 'Yes or no is needed',
  ticked: 'A yes is needed to go on',
  file: 'A file is needed',
};

const russian: Texts = {
  missing: 'ничего не указано',
  tooSmall: 'это слишком мало',
  tooLarge: 'это слишком много',
  tooShort: 'это слишком коротко',
  tooLong: 'это слишком длинно',
  notWhole: 'это дробное число',
  ambiguous: 'напишите его без разделителя тысяч',
  notA: {
    text: 'это не текст',
    textarea: 'это не текст',
    number: 'это не число',
    date: 'это не дата',
    select: 'такого варианта нет',
    checkbox: 'это ни то, ни другое',
    file: 'это не файл',
    button: 'это ни то, ни другое',
  },
  number: (whole, bounds) => `Нужно ${whole ? 'целое число' : 'число'}${bounds}`,
  text: (lengths) => `Нужен текст${lengths}`,
  bounds: (from, to) => `${from === undefined ? '' : ` от ${from}`}${to === undefined ? '' : ` до ${to}`}`,
  characters: 'символов',
  date: 'Нужна дата, например 21.11.2026',
  oneOf: (options) => `Нужен один из вариантов: ${options}`,
  yesNo: 'Нужно ответить да или нет',
  ticked: 'Чтобы продолжить, нужно согласиться',
  file: 'Нужен файл',
};

const texts: Record<Language, Texts> = { en: english, ru: russian };

export function fieldMessage(field: WorkflowField, fault: FieldFault, language: Language): string {
  const text = texts[language];
  const wrong = fault === 'wrongType' ? text.notA[field.type] : text[fault];
  return `${expectation(field, language)}; ${wrong}.`;
}

export function noSuchField(language: Language): string {
  return language === 'ru' ? 'Такого поля в этой форме нет.' : 'This form has no such field.';
}

export function pressOne(buttons: readonly string[], language: Language): string {
  const list = buttons.map((button) => `"${button}"`).join(', ');
  return language === 'ru' ? `Нужно выбрать действие: ${list}.` : `Choose what to do: ${list}.`;
}

function expectation(field: WorkflowField, language: Language): string {
  const text = texts[language];
  const bounds = (from: number | undefined, to: number | undefined) =>
    text.bounds(shownBound(from, language), shownBound(to, language));
  switch (field.type) {
    case 'number':
      return text.number(field.integer === true, bounds(field.min, field.max));
    case 'text':
    case 'textarea': {
      const lengths = bounds(field.min_length, field.max_length);
      return text.text(lengths === '' ? '' : `${lengths} ${text.characters}`);
    }
    case 'date':
      return text.date;
    case 'select':
      return text.oneOf((field.options ?? []).map(({ label }) => label).join(', '));
    case 'checkbox':
      return field.required ? text.ticked : text.yesNo;
    case 'button':
      return text.yesNo;
    case 'file':
      return text.file;
  }
}

function shownBound(bound: number | undefined, language: Language): string | undefined {
  return bound === undefined ? undefined : showNumber(bound, undefined, language);
}
