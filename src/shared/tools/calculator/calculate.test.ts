import { describe, expect, it } from 'vitest';
import { calculate } from './calculate.ts';

const result = (expression: string, commaGroups = false): string => {
  const outcome = calculate(expression, { commaGroups });
  return outcome.status === 'ok'
    ? outcome.display
    : `${outcome.code} ${outcome.position} ${outcome.what}`.trim();
};

describe('calculate', () => {
  it.each([
    ['12*7+3', '87'],
    ['2 + 2 * 2', '6'],
    ['(2 + 2) * 2', '8'],
    ['2^3^2', '512'],
    ['-2^2', '-4'],
    ['2^-1', '0.5'],
    ['10 - 4 - 3', '3'],
    ['7 % 4', '3'],
    ['0.1 + 0.2', '0.3'],
    ['1,5 + 1.5', '3'],
    ['1 000 000 / 4', '250000'],
    ['20% of 300', '60'],
    ['20% от 300', '60'],
    ['200 + 10%', '220'],
    ['200 - 10%', '180'],
    ['50%', '0.5'],
    ['sqrt(2)^2', '2'],
    ['√16 + 1', '5'],
    ['max(1,2,3) - min(4; 5)', '-1'],
    ['round(2.345, 2)', '2.35'],
    ['round(-2.5)', '-3'],
    ['log(1000) + ln(e)', '4'],
    ['log(8, 2)', '3'],
    ['sin(pi / 2)', '1'],
    ['2 × 3 ÷ 4 − 1', '0.5'],
    ['2 ** 10', '1024'],
    ['1e3 + 1', '1001'],
    ['.5 * 4', '2'],
    ['2^100', '1.26765060022823e30'],
    ['1/3', '0.333333333333333'],
  ])('%s = %s', (expression, expected) => {
    expect(result(expression)).toBe(expected);
  });

  it('reads 1,000 by the custom of the reader', () => {
    expect(result('1,000 + 1', true)).toBe('1001');
    expect(result('1,000 + 1', false)).toBe('2');
    expect(result('1,000,000 + 1', false)).toBe('1000001');
  });

  it.each([
    ['', 'empty 0'],
    ['2 +', 'unexpected_end 4'],
    ['2 + * 3', 'unexpected 5 *'],
    ['2 $ 3', 'unexpected 3 $'],
    ['(1 + 2', 'unclosed 1 ('],
    ['1 + 2)', 'unexpected 6 )'],
    ['foo + 1', 'unknown_name 1 foo'],
    ['sqrt 4', 'wrong_arguments 1 sqrt'],
    ['sqrt(1, 2)', 'wrong_arguments 1 sqrt'],
    ['1 / (2 - 2)', 'division_by_zero 3 /'],
    ['5 % 0', 'division_by_zero 3 %'],
    ['sqrt(0 - 1)', 'outside_domain 1 sqrt'],
    ['9^9^9', 'too_large 2 ^'],
    ['1.2.3', 'unexpected 1 1.2.3'],
    ['process.exit(1)', 'unexpected 8 .'],
    ['2 3', 'unexpected 3 3'],
    [`${'('.repeat(100)}1`, 'too_deep 61 60'],
    ['1+'.repeat(200), 'too_long 0 300'],
  ])('%s is refused: %s', (expression, expected) => {
    expect(result(expression)).toBe(expected);
  });
});
