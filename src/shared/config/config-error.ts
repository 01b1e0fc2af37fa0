import type { Issue } from '../errors.ts';

/** Everything that is wrong with the configuration, at once, by variable name and without any value. */
export class ConfigError extends Error {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    const lines = issues.map((issue) => `  ${issue.path}: ${issue.message}`);
    super(`The configuration is not valid:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.issues = issues;
  }
}
