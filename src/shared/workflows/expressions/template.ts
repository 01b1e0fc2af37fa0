import { evaluate } from './evaluate.ts';
import type { Expression } from './expression.ts';
import { ExpressionError } from './expression-error.ts';
import { parseExpressionAt } from './parse-expression.ts';
import { textOf, type Value, type Variables } from './value.ts';

/** UTF-16 units of one template. */
export const maximumTemplateLength = 2000;

/** Text with expressions in it: `Expense of ${amount}`. `#{…}` means the same, as in JUEL. */
export interface Template {
  readonly source: string;
  readonly parts: readonly (string | Expression)[];
}

/** `\${` and `\#{` stand for themselves. Throws ExpressionError. */
export function parseTemplate(source: string): Template {
  if (source.length > maximumTemplateLength) {
    throw new ExpressionError(
      source,
      maximumTemplateLength,
      `longer than ${maximumTemplateLength} characters`,
    );
  }
  const parts: (string | Expression)[] = [];
  let text = '';
  let at = 0;
  while (at < source.length) {
    if (/^\\[$#]\{/.test(source.slice(at, at + 3))) {
      text += source.slice(at + 1, at + 3);
      at += 3;
    } else if (/^[$#]\{/.test(source.slice(at, at + 2))) {
      if (text !== '') parts.push(text);
      text = '';
      const { expression, next } = parseExpressionAt(source, at + 2);
      parts.push(expression);
      at = next;
    } else {
      text += source.charAt(at++);
    }
  }
  if (text !== '') parts.push(text);
  return { source, parts };
}

/** One lone expression keeps the type of its value; anything else becomes text. Throws ExpressionError. */
export function evaluateTemplate(template: Template, variables: Variables): Value {
  const [only] = template.parts;
  if (template.parts.length === 1 && only !== undefined && typeof only !== 'string') {
    return evaluate(only, variables, template.source);
  }
  return renderTemplate(template, variables, textOf);
}

/**
 * Text for people: `show` turns each value into words and is told the name when the expression is a bare variable,
 * so that an amount gets its decimals and a choice its label.
 */
export function renderTemplate(
  template: Template,
  variables: Variables,
  show: (value: Value, variable: string | undefined) => string,
): string {
  return template.parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const value = evaluate(part, variables, template.source);
      return show(value, part.kind === 'variable' ? part.name : undefined);
    })
    .join('');
}
