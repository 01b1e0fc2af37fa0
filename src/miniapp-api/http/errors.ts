// How failures look on the wire. Every failure of every route ends here, so that nothing but an AppError's own words
// ever reaches a client.

import type { ErrorBody } from '#shared/contracts/common.ts';
import { isDatabaseUnavailable } from '#shared/database/is-database-unavailable.ts';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import { isUnavailable } from '#shared/session-store/errors.ts';

const statuses: Record<ErrorCode, number> = {
  AUTH_INVALID_TOKEN: 401,
  AUTH_INVALID_SIGNATURE: 401,
  AUTH_REQUIRED: 401,
  PERMISSION_DENIED: 403,
  UPGRADE_REQUIRED: 403,
  RESOURCE_NOT_FOUND: 404,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  VALIDATION_ERROR: 400,
  RATE_LIMIT_EXCEEDED: 429,
  WORKFLOW_ERROR: 502,
  TOOL_ERROR: 502,
  UPSTREAM_UNAVAILABLE: 503,
  INTERNAL_ERROR: 500,
};

/** An AppError whose status or headers differ from what its code says. */
export class HttpFailure extends Error {
  readonly status: number;
  readonly error: AppError;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, error: AppError, headers: Readonly<Record<string, string>> = {}) {
    super(error.message, { cause: error });
    this.name = 'HttpFailure';
    this.status = status;
    this.error = error;
    this.headers = headers;
  }

  static methodNotAllowed(allowed: readonly string[]): HttpFailure {
    const error = new AppError('RESOURCE_NOT_FOUND', 'This address does not take that method.', {
      details: { allowed_methods: allowed },
    });
    return new HttpFailure(405, error, { Allow: allowed.join(', ') });
  }

  static gone(message: string): HttpFailure {
    return new HttpFailure(410, new AppError('RESOURCE_NOT_FOUND', message));
  }
}

export interface Failure {
  status: number;
  error: AppError;
  headers: Readonly<Record<string, string>>;
  /** A defect or an outage rather than something that the client did: it belongs in the log. */
  unexpected: boolean;
}

/** What a client is told about whatever was thrown. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof HttpFailure) {
    return { status: thrown.status, error: thrown.error, headers: thrown.headers, unexpected: false };
  }
  if (thrown instanceof AppError) {
    const status = statuses[thrown.code];
    return { status, error: thrown, headers: retryAfter(thrown), unexpected: status >= 500 };
  }
  if (isUnavailable(thrown) || isDatabaseUnavailable(thrown)) {
    const error = new AppError(
      'UPSTREAM_UNAVAILABLE',
      'The service is short of breath. Try again in a moment.',
    );
    return { status: 503, error, headers: { 'Retry-After': '2' }, unexpected: true };
  }
  const error = new AppError('INTERNAL_ERROR', 'Something went wrong on our side. Try again later.');
  return { status: 500, error, headers: {}, unexpected: true };
}

export function errorBodyOf(error: AppError, requestId: string): ErrorBody {
  return {
    error: error.code,
    message: error.message,
    details: error.details,
    timestamp: new Date().toISOString(),
    request_id: requestId,
  };
}

function retryAfter(error: AppError): Record<string, string> {
  if (error.code !== 'RATE_LIMIT_EXCEEDED') return {};
  const seconds = error.details['retry_after'];
  // Without a time it is a budget that is used up, such as a guest's messages.
  return { 'Retry-After': String(typeof seconds === 'number' ? seconds : 3600) };
}
