import { ExpressionError } from './expression-error.ts';

export type Token =
  | { kind: 'end'; at: number; text: string }
  | { kind: 'symbol'; at: number; text: string }
  | { kind: 'name'; at: number; text: string }
  | { kind: 'number'; at: number; text: string; value: number }
  | { kind: 'string'; at: number; text: string; value: string };

/** The longer ones first. */
const symbols = '== != <= >= && || < > ! ? : + - * / % . [ ] ( ) { }'.split(' ');
const word = /[A-Za-z_$][A-Za-z0-9_$]*/y;
const number = /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const space = /\s*/y;

/** Reads the token that begins at or after `from`. Token texts are kept as written, so `from + length` is the next start. */
export function readToken(source: string, from: number): { token: Token; next: number } {
  const at = from + matchAt(space, source, from).length;
  const token = tokenAt(source, at);
  return { token, next: at + token.text.length };
}

export function describeToken(token: Token): string {
  return token.kind === 'end' ? 'the end' : `"${token.text}"`;
}

function tokenAt(source: string, at: number): Token {
  if (at >= source.length) return { kind: 'end', at, text: '' };
  const first = source.charAt(at);
  if (first === '"' || first === "'") return stringAt(source, at, first);
  const digits = matchAt(number, source, at);
  if (digits !== '') {
    const value = Number(digits);
    if (!Number.isFinite(value)) throw new ExpressionError(source, at, `the number ${digits} is too large`);
    return { kind: 'number', at, text: digits, value };
  }
  const name = matchAt(word, source, at);
  if (name !== '') return { kind: 'name', at, text: name };
  const symbol = symbols.find((candidate) => source.startsWith(candidate, at));
  if (symbol !== undefined) return { kind: 'symbol', at, text: symbol };
  throw new ExpressionError(source, at, `the character "${first}" means nothing in an expression`);
}

function stringAt(source: string, at: number, quote: string): Token {
  let value = '';
  for (let index = at + 1; index < source.length; index++) {
    const character = source.charAt(index);
    if (character === quote) return { kind: 'string', at, text: source.slice(at, index + 1), value };
    // JUEL: a backslash quotes the backslash and both quotation marks, nothing else.
    if (character === '\\' && '\\"\''.includes(source.charAt(index + 1)) && index + 1 < source.length)
      index++;
    value += source.charAt(index);
  }
  throw new ExpressionError(source, at, 'this text has no closing quotation mark');
}

function matchAt(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}
