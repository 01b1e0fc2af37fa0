// Arithmetic as people type it: a tokenizer and a Pratt parser that evaluates as it reads. Nothing is executed.

export type CalculationErrorCode =
  | 'empty'
  | 'too_long'
  | 'too_deep'
  | 'unexpected'
  | 'unexpected_end'
  | 'unknown_name'
  | 'unclosed'
  | 'wrong_arguments'
  | 'division_by_zero'
  | 'outside_domain'
  | 'too_large';

export type Calculation =
  | { status: 'ok'; value: number; display: string }
  | {
      status: 'error';
      code: CalculationErrorCode;
      /** 1-based, in UTF-16 units of the expression; 0 where it is about the whole of it. */
      position: number;
      /** What stands there, where something does. */
      what: string;
    };

export interface CalculateOptions {
  /** What `1,000` means: 1000 where the comma groups digits, otherwise 1. @default false */
  commaGroups?: boolean;
}

const maxLength = 300;
const maxDepth = 60;
const maxMagnitude = 1e300;

class CalculationError extends Error {
  readonly code: CalculationErrorCode;
  readonly position: number;
  readonly what: string;

  constructor(code: CalculationErrorCode, position: number, what = '') {
    super(code);
    this.code = code;
    this.position = position;
    this.what = what;
  }
}

/**
 * Understands `+ - * / % ^`, `× ÷ − **`, parentheses, decimals with a point or a comma, digits grouped by spaces,
 * `20% of 300`, `200 + 10%` (= 220), functions (arguments parted by `;` or `,`) and the constants pi and e. Angles are radians.
 * `-2^2` is -4 and `2^3^2` is 512, as in mathematics. A `%` between two operands is the remainder.
 */
export function calculate(expression: string, options: CalculateOptions = {}): Calculation {
  try {
    if (expression.length > maxLength) throw new CalculationError('too_long', 0, String(maxLength));
    const parser = new Parser(tokenize(expression, options.commaGroups ?? false), expression.length + 1);
    const value = parser.parse();
    return { status: 'ok', value, display: displayNumber(value) };
  } catch (error) {
    if (!(error instanceof CalculationError)) throw error;
    return { status: 'error', code: error.code, position: error.position, what: error.what };
  }
}

/** Without the noise of binary fractions: 15 significant digits are exact. */
function displayNumber(value: number): string {
  const rounded = Number(value.toPrecision(15));
  if (rounded === 0) return '0';
  const magnitude = Math.abs(rounded);
  if (magnitude >= 1e15 || magnitude < 1e-6) {
    return rounded.toExponential().replace('e+', 'e');
  }
  // Below 1e-6 JavaScript would switch to an exponent by itself; here it never does.
  return String(rounded);
}

interface Token {
  kind: 'number' | 'name' | 'operator' | 'open' | 'close' | 'separator';
  text: string;
  value: number;
  position: number;
}

const operatorNames: Record<string, string> = {
  '×': '*',
  '·': '*',
  '÷': '/',
  ':': '/',
  '−': '-',
  '–': '-',
  '**': '^',
};
const tokenPattern =
  /(?<space>\s+)|(?<number>\d+(?:[ \u00a0\u202f]\d{3}(?!\d))*(?:[.,]\d+)*(?:e[+-]?\d+)?|[.,]\d+(?:e[+-]?\d+)?)|(?<name>[\p{L}_][\p{L}\d_]*)|(?<operator>\*\*|[-+*/%^×·÷:−–√])|(?<open>\()|(?<close>\))|(?<separator>[;,])/iuy;

function tokenize(expression: string, commaGroups: boolean): Token[] {
  const tokens: Token[] = [];
  /** For every open parenthesis whether it belongs to a function: there a comma parts arguments. */
  const calls: boolean[] = [];
  let at = 0;
  while (at < expression.length) {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(expression);
    if (!match?.groups)
      throw new CalculationError('unexpected', at + 1, String.fromCodePoint(expression.codePointAt(at) ?? 0));
    const { space, number, name, operator, open, close } = match.groups;
    const position = at + 1;
    let text = match[0];
    if (number !== undefined) {
      if (calls.at(-1)) text = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?|^\.\d+/i.exec(text)?.[0] ?? text.charAt(0);
      if (text.startsWith(',') && calls.at(-1))
        tokens.push({ kind: 'separator', text: ',', value: 0, position });
      else tokens.push({ kind: 'number', text, value: numberOf(text, position, commaGroups), position });
    } else if (name !== undefined) {
      tokens.push({ kind: 'name', text: name.toLowerCase(), value: 0, position });
    } else if (operator !== undefined) {
      tokens.push({ kind: 'operator', text: operatorNames[operator] ?? operator, value: 0, position });
    } else if (open !== undefined) {
      const before = tokens.at(-1);
      calls.push(before?.kind === 'name' && functions.has(before.text));
      tokens.push({ kind: 'open', text, value: 0, position });
    } else if (close !== undefined) {
      calls.pop();
      tokens.push({ kind: 'close', text, value: 0, position });
    } else if (space === undefined) {
      tokens.push({ kind: 'separator', text, value: 0, position });
    }
    at += text.length;
  }
  return tokens;
}

function numberOf(text: string, position: number, commaGroups: boolean): number {
  let digits = text.replace(/[ \u00a0\u202f]/g, '');
  const commas = digits.split(',').length - 1;
  const points = digits.split('.').length - 1;
  const grouped = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(digits);
  if (grouped && (commaGroups || commas > 1 || points > 0)) digits = digits.replaceAll(',', '');
  else if (commas === 1 && points === 0) digits = digits.replace(',', '.');
  else if (commas > 0 || points > 1) throw new CalculationError('unexpected', position, text);
  const value = Number(digits);
  if (!(value <= maxMagnitude)) throw new CalculationError('too_large', position, text);
  return value;
}

type Arguments = readonly number[];
const functions = new Map<string, { arity: readonly [number, number]; apply: (args: Arguments) => number }>([
  ['sqrt', unary(Math.sqrt)],
  ['abs', unary(Math.abs)],
  ['floor', unary(Math.floor)],
  ['ceil', unary(Math.ceil)],
  ['ln', unary(Math.log)],
  ['sin', unary(Math.sin)],
  ['cos', unary(Math.cos)],
  ['tan', unary(Math.tan)],
  ['round', { arity: [1, 2], apply: ([value = 0, digits = 0]) => roundTo(value, digits) }],
  [
    'log',
    {
      arity: [1, 2],
      apply: ([value = 0, base]) =>
        base === undefined ? Math.log10(value) : Math.log(value) / Math.log(base),
    },
  ],
  ['min', { arity: [1, 50], apply: (args) => Math.min(...args) }],
  ['max', { arity: [1, 50], apply: (args) => Math.max(...args) }],
]);
const constants = new Map([
  ['pi', Math.PI],
  ['π', Math.PI],
  ['пи', Math.PI],
  ['e', Math.E],
]);

function unary(apply: (value: number) => number): {
  arity: [number, number];
  apply: (args: Arguments) => number;
} {
  return { arity: [1, 1], apply: ([value = 0]) => apply(value) };
}

function roundTo(value: number, digits: number): number {
  const factor = 10 ** Math.max(-15, Math.min(15, Math.trunc(digits)));
  // toPrecision first: 1.005 * 100 is 100.49999999999999.
  return (Math.sign(value) * Math.round(Number((Math.abs(value) * factor).toPrecision(15)))) / factor;
}

/** Binding powers; the right one is lower for what groups to the right. */
const binary: Record<string, readonly [number, number]> = {
  '+': [10, 11],
  '-': [10, 11],
  '*': [20, 21],
  '/': [20, 21],
  '%': [20, 21],
  '^': [31, 30],
};
const prefixPower = 25;

interface Operand {
  value: number;
  /** `10%` on its own: `200 + 10%` takes it of the 200. */
  percent: boolean;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }

  parse(): number {
    if (this.#tokens.length === 0) throw new CalculationError('empty', 0);
    const { value } = this.#expression(0);
    const rest = this.#tokens[this.#at];
    if (rest) throw new CalculationError('unexpected', rest.position, rest.text);
    return value;
  }

  #expression(minPower: number): Operand {
    if (++this.#depth > maxDepth) throw new CalculationError('too_deep', this.#position(), String(maxDepth));
    let left = this.#postfix(this.#prefix());
    for (;;) {
      const token = this.#tokens[this.#at];
      const sign =
        token && (token.kind === 'operator' ? token.text : multipliers.has(token.text) ? '*' : undefined);
      const powers = sign === undefined ? undefined : binary[sign];
      if (!token || sign === undefined || !powers || powers[0] < minPower) break;
      this.#at++;
      const right = this.#expression(powers[1]);
      const amount = right.percent && (sign === '+' || sign === '-') ? left.value * right.value : right.value;
      left = { value: checked(apply(sign, left.value, amount, token.position), token), percent: false };
    }
    this.#depth--;
    return left;
  }

  #prefix(): Operand {
    const token = this.#tokens[this.#at++];
    if (!token) throw new CalculationError('unexpected_end', this.#end);
    switch (token.kind) {
      case 'number':
        return { value: token.value, percent: false };
      case 'open': {
        const inner = this.#expression(0);
        this.#close(token);
        return { value: inner.value, percent: false };
      }
      case 'name':
        return { value: this.#named(token), percent: false };
      case 'operator':
        if (token.text === '-') return { value: -this.#expression(prefixPower).value, percent: false };
        if (token.text === '+') return { value: this.#expression(prefixPower).value, percent: false };
        if (token.text === '√')
          return { value: call('sqrt', [this.#expression(prefixPower).value], token), percent: false };
        break;
      case 'close':
      case 'separator':
        break;
    }
    throw new CalculationError('unexpected', token.position, token.text);
  }

  /** A `%` that no operand follows. */
  #postfix(operand: Operand): Operand {
    const token = this.#tokens[this.#at];
    if (token?.text !== '%') return operand;
    const next = this.#tokens[this.#at + 1];
    const followed =
      next &&
      (next.kind === 'number' ||
        next.kind === 'open' ||
        (next.kind === 'name' && !multipliers.has(next.text)));
    if (followed) return operand;
    this.#at++;
    return { value: operand.value / 100, percent: true };
  }

  #named(token: Token): number {
    const next = this.#tokens[this.#at];
    if (functions.has(token.text)) {
      if (next?.kind !== 'open') throw new CalculationError('wrong_arguments', token.position, token.text);
      this.#at++;
      const args = [this.#expression(0).value];
      while (this.#tokens[this.#at]?.kind === 'separator') {
        this.#at++;
        args.push(this.#expression(0).value);
      }
      this.#close(next);
      return call(token.text, args, token);
    }
    const constant = constants.get(token.text);
    if (constant === undefined) throw new CalculationError('unknown_name', token.position, token.text);
    return constant;
  }

  #close(open: Token): void {
    const token = this.#tokens[this.#at];
    if (!token) throw new CalculationError('unclosed', open.position, '(');
    if (token.kind !== 'close') throw new CalculationError('unexpected', token.position, token.text);
    this.#at++;
  }

  #position(): number {
    return this.#tokens[this.#at]?.position ?? this.#end;
  }
}

/** `20% of 300`, `20% от 300`, `3 x 4`. */
const multipliers = new Set(['of', 'от', 'x', 'х']);

function call(name: string, args: Arguments, token: Token): number {
  const known = functions.get(name);
  if (!known || args.length < known.arity[0] || args.length > known.arity[1]) {
    throw new CalculationError('wrong_arguments', token.position, name);
  }
  return checked(known.apply(args), token);
}

function apply(sign: string, left: number, right: number, position: number): number {
  switch (sign) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '^':
      return left ** right;
    default:
      if (right === 0) throw new CalculationError('division_by_zero', position, sign);
      return sign === '/' ? left / right : left % right;
  }
}

function checked(value: number, token: Token): number {
  if (Number.isNaN(value)) throw new CalculationError('outside_domain', token.position, token.text);
  if (Math.abs(value) > maxMagnitude) throw new CalculationError('too_large', token.position, token.text);
  return value;
}
