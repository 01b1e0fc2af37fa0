/** Stable codes; callers tell failures of the store apart by them, never by the text. */
export type SessionStoreErrorCode =
  | 'STORE_UNAVAILABLE'
  | 'STORE_FULL'
  | 'STORE_CLOSED'
  | 'STREAM_CONFLICT'
  | 'NOT_A_NUMBER'
  | 'STORE_FAILED';

/**
 * Every failure of a session store that is not a mistake of its caller (those are `RangeError`s).
 * Neither the text nor the cause carries keys' values or the store's URL, so it can be logged as it is.
 */
export class SessionStoreError extends Error {
  readonly code: SessionStoreErrorCode;

  constructor(code: SessionStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SessionStoreError';
    this.code = code;
  }

  /** The outcome is unknown: the command may or may not have been carried out. */
  static unavailable(reason: string): SessionStoreError {
    return new SessionStoreError('STORE_UNAVAILABLE', `The session store cannot be reached: ${reason}`);
  }

  static full(maxKeys: number): SessionStoreError {
    return new SessionStoreError(
      'STORE_FULL',
      `The session store holds its maximum of ${maxKeys} keys, none of them expired: give keys a shorter life or set REDIS_URL`,
    );
  }

  static closed(): SessionStoreError {
    return new SessionStoreError('STORE_CLOSED', 'The session store was closed');
  }

  static conflict(stream: string, expected: number, last: number): SessionStoreError {
    return new SessionStoreError(
      'STREAM_CONFLICT',
      `Stream "${stream}" ends at ${last}, the writer expected ${expected}: someone else has written to it`,
    );
  }

  static notANumber(key: string): SessionStoreError {
    return new SessionStoreError('NOT_A_NUMBER', `Key "${key}" does not hold an integer`);
  }

  /** An answer of the server that no caller can act on, such as a full memory or a missing permission. */
  static failed(reason: string): SessionStoreError {
    return new SessionStoreError('STORE_FAILED', `The session store refused a command: ${reason}`);
  }
}

export function isUnavailable(error: unknown): boolean {
  return error instanceof SessionStoreError && error.code === 'STORE_UNAVAILABLE';
}
