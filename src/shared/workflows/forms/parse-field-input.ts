// What a person types in a chat, into the value that the field keeps.
import type { FormField } from '../../contracts/forms.ts';
import type { Language } from '../../language.ts';
import { fieldFault, type SentValue } from './check-field.ts';
import { type FieldFault, fieldMessage } from './field-messages.ts';
import type { WorkflowField } from './form-definition.ts';

type ParsedInput =
  | { status: 'ok'; value: Exclude<SentValue, undefined> }
  /** A sentence that says what is expected and what came instead. */
  | { status: 'invalid'; message: string };

type Reading = { value: Exclude<SentValue, undefined> } | { fault: FieldFault };

const yes = new Set(['yes', 'y', 'true', '1', '+', 'да', 'д', '✅', '👍']);
const no = new Set(['no', 'n', 'false', '0', '-', 'нет', 'н', '❌', '👎']);

/**
 * Understands "12,50" and "12.50", "1 234,50" and "1,234.50", "21.11.2026" and "2026-11-21", yes and да, and choices
 * by their label. Blank text is null. For values that already have their type use `fieldFault`.
 */
export function parseFieldInput(field: FormField, text: string, language: Language): ParsedInput {
  const reading = read(field, text.trim(), language);
  const fault = 'fault' in reading ? reading.fault : fieldFault(field, reading.value);
  if (fault !== undefined) return { status: 'invalid', message: fieldMessage(field, fault, language) };
  return 'value' in reading ? { status: 'ok', value: reading.value } : { status: 'ok', value: null };
}

function read(field: WorkflowField, text: string, language: Language): Reading {
  if (text === '') return { value: null };
  switch (field.type) {
    case 'number':
      return readNumber(text, language);
    case 'date':
      return readDay(text);
    case 'checkbox':
    case 'button': {
      const word = text.toLowerCase();
      if (yes.has(word)) return { value: true };
      return no.has(word) ? { value: false } : { fault: 'wrongType' };
    }
    case 'select':
      return { value: optionNamed(field, text) ?? text };
    case 'text':
    case 'textarea':
    case 'file':
      return { value: text };
  }
}

function readNumber(typed: string, language: Language): Reading {
  // Spaces, also the narrow and the unbreakable one, and apostrophes separate thousands.
  const text = typed.replaceAll(/(?<=\d)[\s\u00a0\u202f'’](?=\d{3}(?!\d))/g, '').replace('−', '-');
  if (!/^[+-]?\d[\d.,]*$/.test(text)) return { fault: 'wrongType' };
  const separators = [...text.matchAll(/[.,]/g)].map(([separator]) => separator);
  const [first, ...others] = separators;
  if (first === undefined) return finite(text);
  const decimal = separators.at(-1) ?? '.';
  if (others.length === 0) {
    // "1,234" is a thousand in English, and one and a bit in most of Europe: a wrong guess costs a factor of 1000.
    if (language === 'en' && /^[+-]?[1-9]\d{0,2},\d{3}$/.test(text)) return { fault: 'ambiguous' };
    return /\d$/.test(text) ? finite(text.replace(',', '.')) : { fault: 'wrongType' };
  }
  const grouped = (group: string) => new RegExp(`^[+-]?\\d{1,3}(?:\\${group}\\d{3})+$`);
  if (others.every((separator) => separator === first)) {
    return grouped(first).test(text) ? finite(text.replaceAll(first, '')) : { fault: 'wrongType' };
  }
  const [whole = '', fraction = '', ...rest] = text.split(decimal);
  if (rest.length > 0 || !grouped(first).test(whole) || fraction === '') return { fault: 'wrongType' };
  return finite(`${whole.replaceAll(first, '')}.${fraction}`);
}

function finite(text: string): Reading {
  const value = Number(text);
  return Number.isFinite(value) ? { value } : { fault: 'wrongType' };
}

function readDay(text: string): Reading {
  const [, day, month, year] = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text) ?? [];
  if (day === undefined || month === undefined || year === undefined) return { value: text };
  return { value: `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}` };
}

function optionNamed(field: FormField, text: string): string | undefined {
  const folded = text.toLowerCase();
  const options = field.options ?? [];
  const found =
    options.find(({ value }) => value === text) ??
    options.find(({ value, label }) => label.toLowerCase() === folded || value.toLowerCase() === folded);
  return found?.value;
}
