import { AppError, type Issue } from '../../errors.ts';
import { ExpressionError } from '../expressions/expression-error.ts';
import { parseTemplate, type Template } from '../expressions/template.ts';

/** Collects all that is wrong with a process, so that its author is told everything at once. */
export class Problems {
  readonly #issues: Issue[] = [];

  add(elementId: string, message: string): void {
    this.#issues.push({ path: elementId, message });
  }

  /** Reads a template; one that cannot be read is a problem of the element and counts as empty from then on. */
  template(elementId: string, what: string, source: string): Template {
    try {
      return parseTemplate(source);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      this.add(elementId, `${what}: ${error.message}`);
      return { source: '', parts: [] };
    }
  }

  /** Throws VALIDATION_ERROR with one issue per problem; its `path` is the id of the element. */
  throwIfAny(process: string): void {
    if (this.#issues.length === 0) return;
    const text = this.#issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
    throw new AppError('VALIDATION_ERROR', `The process "${process}" cannot be deployed. ${text}`, {
      details: { issues: this.#issues },
    });
  }
}
