/** An expression that cannot be read or cannot be evaluated. `position` counts UTF-16 units from 0 in `source`. */
export class ExpressionError extends Error {
  readonly source: string;
  readonly position: number;

  constructor(source: string, position: number, problem: string) {
    super(`${problem} (at character ${position + 1} of "${shortened(source)}")`);
    this.name = 'ExpressionError';
    this.source = source;
    this.position = position;
  }

  static expected(source: string, position: number, expected: string, found: string): ExpressionError {
    return new ExpressionError(source, position, `expected ${expected}, found ${found}`);
  }

  static unknownVariable(source: string, position: number, name: string): ExpressionError {
    return new ExpressionError(source, position, `there is no variable "${name}"`);
  }
}

function shortened(source: string): string {
  return source.length > 120 ? `${source.slice(0, 117)}…` : source;
}
