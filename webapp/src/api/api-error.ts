import type { ErrorBody } from '../../../src/shared/contracts/common.ts';
import type { ErrorCode, Issue } from '../../../src/shared/errors.ts';

/** A call that failed. `NETWORK`: no answer came, so nothing is known about its effect. */
export class ApiError extends Error {
  readonly code: ErrorCode | 'NETWORK';
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode | 'NETWORK', message: string, status: number, details = {}) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.details = details;
  }

  static network(cause: unknown): ApiError {
    const error = new ApiError('NETWORK', 'The server did not answer.', 0);
    error.cause = cause;
    return error;
  }

  /** An answer that may come from a proxy in between: its body need not be ours. */
  static async fromResponse(response: Response): Promise<ApiError> {
    const body: unknown = await response.json().catch(() => undefined);
    if (isErrorBody(body)) return new ApiError(body.error, body.message, response.status, body.details ?? {});
    const code: ErrorCode =
      response.status === 404
        ? 'RESOURCE_NOT_FOUND'
        : response.status === 401
          ? 'AUTH_REQUIRED'
          : response.status === 413
            ? 'PAYLOAD_TOO_LARGE'
            : response.status === 429
              ? 'RATE_LIMIT_EXCEEDED'
              : response.status >= 502 && response.status <= 504
                ? 'UPSTREAM_UNAVAILABLE'
                : 'INTERNAL_ERROR';
    return new ApiError(code, `The server answered ${response.status}.`, response.status);
  }

  static from(reason: unknown): ApiError {
    return reason instanceof ApiError ? reason : ApiError.network(reason);
  }

  /** What is wrong, field by field; empty unless the code is VALIDATION_ERROR. */
  get issues(): Issue[] {
    const issues = this.details.issues;
    return Array.isArray(issues) ? issues.filter(isIssue) : [];
  }
}

function isErrorBody(body: unknown): body is ErrorBody {
  return (
    typeof body === 'object' &&
    body !== null &&
    'error' in body &&
    typeof body.error === 'string' &&
    'message' in body &&
    typeof body.message === 'string'
  );
}

function isIssue(value: unknown): value is Issue {
  return (
    typeof value === 'object' &&
    value !== null &&
    'path' in value &&
    typeof value.path === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  );
}
