import type { z } from 'zod';
import { AppError, type Issue } from '#shared/errors.ts';

/** The typed value; throws VALIDATION_ERROR with one issue per defect. `where` stands before each path. */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown, where = ''): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw AppError.validation(parsed.error.issues.slice(0, 50).map((issue) => issueOf(issue, where)));
}

function issueOf(issue: z.core.$ZodIssue, where: string): Issue {
  const path = [...(where === '' ? [] : [where]), ...issue.path.map(String)].join('.');
  return { path, message: issue.message };
}
