// A recursive-descent parser with precedence climbing for the expression subset of JUEL.
import type { BinaryOperator, Expression } from './expression.ts';
import { ExpressionError } from './expression-error.ts';
import { describeToken, readToken, type Token } from './lexer.ts';

/** Nesting beyond this is refused: the parser and the evaluator recurse. */
const maximumDepth = 50;

interface Level {
  strength: number;
  operator: BinaryOperator;
}

const binaryOperators: ReadonlyMap<string, Level> = new Map<string, Level>([
  ['||', { strength: 1, operator: 'or' }],
  ['or', { strength: 1, operator: 'or' }],
  ['&&', { strength: 2, operator: 'and' }],
  ['and', { strength: 2, operator: 'and' }],
  ['==', { strength: 3, operator: '==' }],
  ['eq', { strength: 3, operator: '==' }],
  ['!=', { strength: 3, operator: '!=' }],
  ['ne', { strength: 3, operator: '!=' }],
  ['<', { strength: 4, operator: '<' }],
  ['lt', { strength: 4, operator: '<' }],
  ['<=', { strength: 4, operator: '<=' }],
  ['le', { strength: 4, operator: '<=' }],
  ['>', { strength: 4, operator: '>' }],
  ['gt', { strength: 4, operator: '>' }],
  ['>=', { strength: 4, operator: '>=' }],
  ['ge', { strength: 4, operator: '>=' }],
  ['+', { strength: 5, operator: '+' }],
  ['-', { strength: 5, operator: '-' }],
  ['*', { strength: 6, operator: '*' }],
  ['/', { strength: 6, operator: '/' }],
  ['div', { strength: 6, operator: '/' }],
  ['%', { strength: 6, operator: '%' }],
  ['mod', { strength: 6, operator: '%' }],
]);
const reserved = new Set('and or not eq ne lt le gt ge div mod empty true false null instanceof'.split(' '));

/** Parses what stands between `${` and `}`. `from` is after the brace, `next` after the closing one. */
export function parseExpressionAt(source: string, from: number): { expression: Expression; next: number } {
  const parser = new Parser(source, from);
  const expression = parser.choice(0);
  parser.take('}');
  return { expression, next: parser.position };
}

class Parser {
  readonly #source: string;
  #token: Token;
  /** After the last token that was taken. */
  #position: number;
  #next: number;

  constructor(source: string, from: number) {
    this.#source = source;
    this.#position = from;
    ({ token: this.#token, next: this.#next } = readToken(source, from));
  }

  get position(): number {
    return this.#position;
  }

  take(symbol: string): void {
    if (this.#token.kind !== 'symbol' || this.#token.text !== symbol) throw this.#unexpected(`"${symbol}"`);
    this.#advance();
  }

  choice(depth: number): Expression {
    if (depth > maximumDepth) {
      throw new ExpressionError(this.#source, this.#token.at, `more than ${maximumDepth} levels of nesting`);
    }
    const condition = this.#binary(1, depth);
    if (!this.#skip('?')) return condition;
    const yes = this.choice(depth + 1);
    this.take(':');
    const no = this.choice(depth + 1);
    return { kind: 'choice', at: condition.at, condition, yes, no };
  }

  #binary(minimum: number, depth: number): Expression {
    let left = this.#unary(depth);
    let links = 0;
    for (;;) {
      const level = this.#binaryLevel();
      if (level === undefined || level.strength < minimum) return left;
      const at = this.#token.at;
      // A chain like 1+1+1+… nests to the left, so its length counts as depth too.
      if (depth + ++links > maximumDepth) {
        throw new ExpressionError(this.#source, at, `more than ${maximumDepth} levels of nesting`);
      }
      this.#advance();
      const right = this.#binary(level.strength + 1, depth + links);
      left = { kind: 'binary', at, operator: level.operator, left, right };
    }
  }

  #binaryLevel(): Level | undefined {
    if (this.#token.kind !== 'symbol' && this.#token.kind !== 'name') return undefined;
    return binaryOperators.get(this.#token.text);
  }

  #unary(depth: number): Expression {
    if (depth > maximumDepth) {
      throw new ExpressionError(this.#source, this.#token.at, `more than ${maximumDepth} levels of nesting`);
    }
    const { at } = this.#token;
    if (this.#skip('!') || this.#skip('not')) {
      return { kind: 'unary', at, operator: 'not', operand: this.#unary(depth + 1) };
    }
    if (this.#skip('empty')) return { kind: 'unary', at, operator: 'empty', operand: this.#unary(depth + 1) };
    if (this.#skip('-')) return { kind: 'unary', at, operator: '-', operand: this.#unary(depth + 1) };
    return this.#access(depth);
  }

  #access(depth: number): Expression {
    let base = this.#primary(depth);
    let links = 0;
    for (;;) {
      const { at } = this.#token;
      if (depth + links++ > maximumDepth) {
        throw new ExpressionError(this.#source, at, `more than ${maximumDepth} levels of nesting`);
      }
      if (this.#skip('.')) {
        const name = this.#token;
        if (name.kind !== 'name') throw this.#unexpected('the name of a property');
        this.#advance();
        base = { kind: 'property', at, base, key: { kind: 'literal', at: name.at, value: name.text } };
      } else if (this.#skip('[')) {
        const key = this.choice(depth + 1);
        this.take(']');
        base = { kind: 'property', at, base, key };
      } else if (this.#token.kind === 'symbol' && this.#token.text === '(') {
        throw new ExpressionError(this.#source, at, 'methods and functions cannot be called');
      } else {
        return base;
      }
    }
  }

  #primary(depth: number): Expression {
    const token = this.#token;
    const { at } = token;
    if (token.kind === 'number' || token.kind === 'string') {
      this.#advance();
      return { kind: 'literal', at, value: token.value };
    }
    if (this.#skip('(')) {
      const inner = this.choice(depth + 1);
      this.take(')');
      return inner;
    }
    if (this.#skip('true')) return { kind: 'literal', at, value: true };
    if (this.#skip('false')) return { kind: 'literal', at, value: false };
    if (this.#skip('null')) return { kind: 'literal', at, value: null };
    if (token.kind !== 'name' || reserved.has(token.text)) {
      throw this.#unexpected('a value, a variable or an opening parenthesis');
    }
    this.#advance();
    return { kind: 'variable', at, name: token.text };
  }

  #skip(text: string): boolean {
    const { kind } = this.#token;
    if ((kind !== 'symbol' && kind !== 'name') || this.#token.text !== text) return false;
    this.#advance();
    return true;
  }

  #advance(): void {
    this.#position = this.#next;
    // Behind the closing brace comes free text, which is not made of tokens.
    if (this.#token.kind === 'symbol' && this.#token.text === '}') {
      this.#token = { kind: 'end', at: this.#position, text: '' };
      return;
    }
    ({ token: this.#token, next: this.#next } = readToken(this.#source, this.#position));
  }

  #unexpected(expected: string): ExpressionError {
    return ExpressionError.expected(this.#source, this.#token.at, expected, describeToken(this.#token));
  }
}
