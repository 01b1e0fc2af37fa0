// The meaning of expressions. Conversions follow JUEL (Expression Language 2.1, section 1.17 and 1.18):
// arithmetic takes numbers and texts that are numbers, null counts as 0, comparisons with null are false.
import type { BinaryOperator, Expression } from './expression.ts';
import { ExpressionError } from './expression-error.ts';
import { isList, textOf, type Value, type Variables } from './value.ts';

/** Throws ExpressionError for an unknown variable and for operands that do not fit. */
export function evaluate(expression: Expression, variables: Variables, source: string): Value {
  const fail = (at: number, problem: string) => new ExpressionError(source, at, problem);

  function value(node: Expression): Value {
    switch (node.kind) {
      case 'literal':
        return node.value;
      case 'variable': {
        const found = Object.hasOwn(variables, node.name) ? variables[node.name] : undefined;
        if (found === undefined) throw ExpressionError.unknownVariable(source, node.at, node.name);
        return found;
      }
      case 'property':
        return property(value(node.base), value(node.key), node.at);
      case 'unary': {
        const operand = value(node.operand);
        if (node.operator === 'not') return !truth(operand, node.operand.at);
        if (node.operator === 'empty') return isEmpty(operand);
        return finite(-numeric(operand, node.operand.at), node.at);
      }
      case 'binary':
        return binary(node.operator, node.left, node.right, node.at);
      case 'choice':
        return truth(value(node.condition), node.condition.at) ? value(node.yes) : value(node.no);
    }
  }

  function binary(operator: BinaryOperator, left: Expression, right: Expression, at: number): Value {
    switch (operator) {
      case 'or':
        return truth(value(left), left.at) || truth(value(right), right.at);
      case 'and':
        return truth(value(left), left.at) && truth(value(right), right.at);
      case '==':
        return equal(value(left), value(right), at);
      case '!=':
        return !equal(value(left), value(right), at);
      case '<':
      case '<=':
      case '>':
      case '>=':
        return compare(operator, value(left), value(right), at);
      default:
        return arithmetic(operator, numeric(value(left), left.at), numeric(value(right), right.at), at);
    }
  }

  function property(base: Value, key: Value, at: number): Value {
    if (base === null || key === null) return null;
    if (typeof base !== 'object') throw fail(at, `a ${typeof base} has no properties`);
    if (isList(base)) {
      const index = typeof key === 'number' ? key : Number.NaN;
      if (!Number.isInteger(index)) throw fail(at, 'an entry of a list is taken by its number');
      return base[index] ?? null;
    }
    const name = textOf(key);
    return Object.hasOwn(base, name) ? (base[name] ?? null) : null;
  }

  function compare(operator: '<' | '<=' | '>' | '>=', left: Value, right: Value, at: number): boolean {
    if (left === null || right === null) return left === right && operator.endsWith('=');
    const order = orderOf(left, right, at);
    if (operator === '<') return order < 0;
    if (operator === '<=') return order <= 0;
    if (operator === '>') return order > 0;
    return order >= 0;
  }

  function orderOf(left: Value, right: Value, at: number): number {
    if (typeof left === 'number' || typeof right === 'number') return numeric(left, at) - numeric(right, at);
    if (typeof left === 'string' && typeof right === 'string')
      return left < right ? -1 : Number(left > right);
    throw fail(at, 'these two cannot be put in order');
  }

  function equal(left: Value, right: Value, at: number): boolean {
    if (left === null || right === null) return left === right;
    if (typeof left === 'object' || typeof right === 'object') return left === right;
    if (typeof left === typeof right) return left === right;
    if (typeof left === 'number' || typeof right === 'number')
      return numeric(left, at) === numeric(right, at);
    return truth(left, at) === truth(right, at);
  }

  function truth(of: Value, at: number): boolean {
    if (of === null || of === '') return false;
    if (typeof of === 'boolean') return of;
    if (typeof of === 'string') return of.toLowerCase() === 'true';
    throw fail(at, 'yes or no is needed here');
  }

  function numeric(of: Value, at: number): number {
    if (of === null || of === '') return 0;
    if (typeof of === 'number') return of;
    const number = typeof of === 'string' && of.trim() !== '' ? Number(of) : Number.NaN;
    if (!Number.isFinite(number)) throw fail(at, 'a number is needed here');
    return number;
  }

  function arithmetic(
    operator: '+' | '-' | '*' | '/' | '%',
    left: number,
    right: number,
    at: number,
  ): number {
    if ((operator === '/' || operator === '%') && right === 0) throw fail(at, 'division by zero');
    switch (operator) {
      case '+':
        return finite(left + right, at);
      case '-':
        return finite(left - right, at);
      case '*':
        return finite(left * right, at);
      case '/':
        return finite(left / right, at);
      case '%':
        return finite(left % right, at);
    }
  }

  function finite(number: number, at: number): number {
    if (!Number.isFinite(number)) throw fail(at, 'the result is too large');
    return number;
  }

  return value(expression);
}

function isEmpty(value: Value): boolean {
  if (value === null || value === '') return true;
  if (typeof value !== 'object') return false;
  return isList(value) ? value.length === 0 : Object.keys(value).length === 0;
}
