import { describe, expect, it } from 'vitest';
import { showNumber, showValue } from './show-value.ts';

const field = { type: 'text', decimals: undefined, options: [] } as const;

describe('a value in words', () => {
  it('is an amount with its decimals, as the language writes it', () => {
    expect(showValue(1234.5, { ...field, type: 'number', decimals: 2 }, 'en')).toBe('1,234.50');
    expect(showValue(1234.5, { ...field, type: 'number', decimals: 2 }, 'ru')).toBe('1\u00a0234,50');
    expect(showNumber(0.1 + 0.2, undefined, 'en')).toBe('0.3');
    expect(showNumber(1 / 3, 999_999, 'en')).toBe('0.3333333333');
  });

  it('is a day, a choice by its label, yes or no, or nothing', () => {
    const select = {
      ...field,
      type: 'select',
      options: [{ value: 'h', label: { en: 'High', ru: 'Срочно' } }],
    } as const;
    expect(showValue('2026-11-21', { ...field, type: 'date' }, 'en')).toBe('November 21, 2026');
    expect(showValue('soon', { ...field, type: 'date' }, 'en')).toBe('soon');
    expect(showValue('h', select, 'ru')).toBe('Срочно');
    expect(showValue('gone', select, 'ru')).toBe('gone');
    expect(showValue(true, undefined, 'ru')).toBe('да');
    expect(showValue(null, field, 'en')).toBe('');
    expect(showValue(['a', 2], undefined, 'en')).toBe('a, 2');
  });
});
