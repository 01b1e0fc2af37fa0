import { describe, expect, it } from 'vitest';
import type { FormField } from '../../contracts/forms.ts';
import type { Language } from '../../language.ts';
import { parseFieldInput } from './parse-field-input.ts';

const field = (
  type: FormField['type'],
  more: Partial<FormField> & { integer?: boolean } = {},
): FormField => ({
  name: 'x',
  type,
  label: 'X',
  required: false,
  readonly: false,
  ...more,
});
const parse = (of: FormField, text: string, language: Language = 'en') => parseFieldInput(of, text, language);

describe('a number that somebody types', () => {
  it.each([
    ['12', 12],
    ['12.50', 12.5],
    ['12,50', 12.5],
    ['-3', -3],
    ['−3', -3],
    ['+7', 7],
    ['1 234,50', 1234.5],
    ['1\u00a0234\u202f567', 1234567],
    ['1,234.50', 1234.5],
    ['1.234,50', 1234.5],
    ["1'234.5", 1234.5],
    ['1,234,567', 1234567],
    ['1.234.567,8', 1234567.8],
    ['0,500', 0.5],
    ['1.234', 1.234],
    ['  8  ', 8],
  ])('%j is %d', (text, value) => {
    expect(parse(field('number'), text)).toEqual({ status: 'ok', value });
  });

  it.each([
    'twelve',
    '12€',
    '1e5',
    '0x10',
    'Infinity',
    'NaN',
    '1,2,3',
    '1.2.3',
    '1,23,456.7',
    '.5',
    '5.',
    '--1',
    '1 2',
  ])('%j is none', (text) => {
    expect(parse(field('number'), text).status).toBe('invalid');
  });

  it('is asked for again where a comma may mean a thousand, and read as people write in Russian', () => {
    expect(parse(field('number'), '1,234')).toEqual({
      status: 'invalid',
      message: 'A number is needed; please write it without a separator of thousands.',
    });
    expect(parse(field('number'), '1,234', 'ru')).toEqual({ status: 'ok', value: 1.234 });
  });

  it('keeps to its bounds, and is told them', () => {
    const amount = field('number', { min: 0.01, max: 100000 });
    expect(parse(amount, '0')).toEqual({
      status: 'invalid',
      message: 'A number from 0.01 to 100,000 is needed; this is too small.',
    });
    expect(parse(field('number', { min: 1 }), 'x', 'ru')).toEqual({
      status: 'invalid',
      message: 'Нужно число от 1; это не число.',
    });
    expect(parse(field('number', { integer: true, max: 5 }), '2.5')).toEqual({
      status: 'invalid',
      message: 'A whole number of at most 5 is needed; this has a fraction.',
    });
  });
});

describe('a date', () => {
  it('is a day of the calendar, written either way', () => {
    expect(parse(field('date'), '2026-11-21')).toEqual({ status: 'ok', value: '2026-11-21' });
    expect(parse(field('date'), '1.2.2026')).toEqual({ status: 'ok', value: '2026-02-01' });
    expect(parse(field('date'), '31.02.2026')).toEqual({
      status: 'invalid',
      message: 'A date such as 2026-11-21 is needed; this is not a date.',
    });
    // 11/12/2026 is another day in America.
    expect(parse(field('date'), '11/12/2026').status).toBe('invalid');
  });
});

describe('a choice', () => {
  const colour = field('select', {
    required: true,
    options: [
      { value: 'r', label: 'Red' },
      { value: 'g', label: 'Зелёный' },
    ],
  });

  it('is named by its label or its value', () => {
    expect(parse(colour, 'red')).toEqual({ status: 'ok', value: 'r' });
    expect(parse(colour, 'зелёный')).toEqual({ status: 'ok', value: 'g' });
    expect(parse(colour, 'G')).toEqual({ status: 'ok', value: 'g' });
    expect(parse(colour, 'blue')).toEqual({
      status: 'invalid',
      message: 'One of these is needed: Red, Зелёный; this is none of them.',
    });
    expect(parse(colour, ' ')).toEqual({
      status: 'invalid',
      message: 'One of these is needed: Red, Зелёный; nothing was given.',
    });
  });
});

describe('yes or no', () => {
  it('is understood in both languages', () => {
    expect(parse(field('checkbox'), 'Yes')).toEqual({ status: 'ok', value: true });
    expect(parse(field('checkbox'), 'нет')).toEqual({ status: 'ok', value: false });
    expect(parse(field('checkbox'), 'perhaps').status).toBe('invalid');
    expect(parse(field('checkbox', { required: true }), 'no')).toEqual({
      status: 'invalid',
      message: 'A yes is needed to go on; nothing was given.',
    });
  });
});

describe('text', () => {
  it('is counted in characters as people see them', () => {
    const short = field('text', { min_length: 2, max_length: 3 });
    expect(parse(short, '🙂🙂🙂')).toEqual({ status: 'ok', value: '🙂🙂🙂' });
    expect(parse(short, 'a')).toEqual({
      status: 'invalid',
      message: 'Text from 2 to 3 characters is needed; this is too short.',
    });
    expect(parse(short, 'abcd', 'ru')).toEqual({
      status: 'invalid',
      message: 'Нужен текст от 2 до 3 символов; это слишком длинно.',
    });
    expect(parse(field('text'), '')).toEqual({ status: 'ok', value: null });
  });
});
