// The one error of this code base. Its code is stable: the API maps it to a status, the bot to a kind sentence.

export const errorCodes = [
  'AUTH_INVALID_TOKEN',
  'AUTH_INVALID_SIGNATURE',
  'AUTH_REQUIRED',
  'PERMISSION_DENIED',
  'UPGRADE_REQUIRED',
  'RESOURCE_NOT_FOUND',
  'CONFLICT',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'VALIDATION_ERROR',
  'RATE_LIMIT_EXCEEDED',
  'WORKFLOW_ERROR',
  'TOOL_ERROR',
  'UPSTREAM_UNAVAILABLE',
  'INTERNAL_ERROR',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** One thing that is wrong with an input: where, and what is expected there. */
export interface Issue {
  path: string;
  message: string;
}

export interface AppErrorOptions {
  /** Sent to the client as it is: never put secrets, SQL or another system's text here. */
  details?: Record<string, unknown>;
  /** For the log only. */
  cause?: unknown;
}

/**
 * An error that may be shown: `message` is a sentence for the person who caused it and says what to do.
 * Not for outcomes that a caller is expected to handle; those are unions told apart by `status`.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? {};
  }

  static notFound(what: string): AppError {
    return new AppError('RESOURCE_NOT_FOUND', `This ${what} does not exist, or you may not see it.`);
  }

  static validation(issues: readonly Issue[]): AppError {
    const first = issues[0];
    const message = first ? `${first.path || 'input'}: ${first.message}` : 'The input is not valid.';
    return new AppError('VALIDATION_ERROR', message, { details: { issues } });
  }

  static conflict(message: string, details: Record<string, unknown> = {}): AppError {
    return new AppError('CONFLICT', message, { details });
  }

  static denied(permission: string): AppError {
    return new AppError('PERMISSION_DENIED', 'You may not do this.', { details: { permission } });
  }

  static upgradeRequired(feature: string): AppError {
    return new AppError('UPGRADE_REQUIRED', 'Open the app from Telegram to use this.', {
      details: { upgrade_url: '/api/auth/telegram-miniapp', feature },
    });
  }
}
