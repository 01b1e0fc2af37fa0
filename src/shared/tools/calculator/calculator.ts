import { z } from 'zod';
import type { Language } from '../../language.ts';
import type { Tool } from '../tool.ts';
import { type Calculation, type CalculationErrorCode, calculate } from './calculate.ts';

const input = z.object({
  expression: z
    .string()
    .min(1)
    .max(300)
    .describe('An arithmetic expression such as "12 * (7 + 3)", "20% of 300" or "sqrt(2) ^ 3"'),
});

export const calculator: Tool<typeof input> = {
  name: 'calculator',
  emoji: '🧮',
  description:
    'Computes an arithmetic expression exactly. Use it for every calculation instead of computing yourself. ' +
    'Knows + - * / % ^ ( ), sqrt abs round floor ceil min max ln log sin cos tan (radians), pi and e. ' +
    'Not for dates and times, units or equations.',
  input,
  label: (language) => (language === 'ru' ? 'Считаю' : 'Calculating'),
  async run({ expression }, { language }) {
    const result = calculate(expression, { commaGroups: language === 'en' });
    if (result.status === 'error') return { status: 'error', message: explain(result, language) };
    return {
      status: 'ok',
      content: `${expression.trim()} = ${result.display}`,
      data: { expression: expression.trim(), value: result.value, display: result.display },
    };
  },
};

type Failure = Extract<Calculation, { status: 'error' }>;
type Explanation = (failure: Failure) => string;

const explanations: Record<Language, Record<CalculationErrorCode, Explanation>> = {
  en: {
    empty: () => 'There is nothing to compute.',
    too_long: ({ what }) => `The expression is longer than ${what} characters.`,
    too_deep: ({ position, what }) => `More than ${what} nested levels at position ${position}.`,
    unexpected: ({ position, what }) => `"${what}" at position ${position} does not belong there.`,
    unexpected_end: ({ position }) =>
      `The expression ends at position ${position} where a number is expected.`,
    unknown_name: ({ position, what }) =>
      `"${what}" at position ${position} is neither a function nor a constant.`,
    unclosed: ({ position }) => `The parenthesis at position ${position} is never closed.`,
    wrong_arguments: ({ position, what }) =>
      `"${what}" at position ${position} needs its arguments in parentheses.`,
    division_by_zero: ({ position }) => `Division by zero at position ${position}.`,
    outside_domain: ({ position, what }) => `"${what}" at position ${position} has no real result.`,
    too_large: ({ position }) => `The number at position ${position} is too large.`,
  },
  ru: {
    empty: () => 'Считать нечего.',
    too_long: ({ what }) => `Выражение длиннее ${what} символов.`,
    too_deep: ({ position, what }) => `Больше ${what} уровней вложенности в позиции ${position}.`,
    unexpected: ({ position, what }) => `«${what}» в позиции ${position} здесь лишнее.`,
    unexpected_end: ({ position }) => `Выражение обрывается в позиции ${position}, а там ожидается число.`,
    unknown_name: ({ position, what }) => `«${what}» в позиции ${position} — не функция и не константа.`,
    unclosed: ({ position }) => `Скобка в позиции ${position} не закрыта.`,
    wrong_arguments: ({ position, what }) => `«${what}» в позиции ${position} ждёт аргументы в скобках.`,
    division_by_zero: ({ position }) => `Деление на ноль в позиции ${position}.`,
    outside_domain: ({ position, what }) => `У «${what}» в позиции ${position} нет вещественного результата.`,
    too_large: ({ position }) => `Число в позиции ${position} слишком велико.`,
  },
};

function explain(failure: Failure, language: Language): string {
  return explanations[language][failure.code](failure);
}
