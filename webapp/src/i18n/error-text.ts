import type { MessageKey, Translator } from './translate.ts';

/** What the errors of the API and of the socket have in common. */
interface Failure {
  code: string;
  message: string;
  retryAfter?: number | undefined;
  details?: Record<string, unknown>;
}

const known: Partial<Record<string, MessageKey>> = {
  NETWORK: 'error.NETWORK',
  AUTH_REQUIRED: 'error.AUTH_REQUIRED',
  AUTH_INVALID_TOKEN: 'error.AUTH_REQUIRED',
  AUTH_INVALID_SIGNATURE: 'error.AUTH_REQUIRED',
  PERMISSION_DENIED: 'error.PERMISSION_DENIED',
  UPGRADE_REQUIRED: 'error.UPGRADE_REQUIRED',
  RESOURCE_NOT_FOUND: 'error.RESOURCE_NOT_FOUND',
  RATE_LIMIT_EXCEEDED: 'error.RATE_LIMIT_EXCEEDED',
  UPSTREAM_UNAVAILABLE: 'error.UPSTREAM_UNAVAILABLE',
  INTERNAL_ERROR: 'error.INTERNAL_ERROR',
  PAYLOAD_TOO_LARGE: 'error.PAYLOAD_TOO_LARGE',
  UNSUPPORTED_MEDIA_TYPE: 'error.UNSUPPORTED_MEDIA_TYPE',
};

/** A sentence for the person. The server's own one is used where only it knows what happened. */
export function errorText(translator: Translator, failure: Failure): string {
  const wait = failure.retryAfter ?? failure.details?.retry_after;
  if (failure.code === 'RATE_LIMIT_EXCEEDED' && typeof wait === 'number' && wait < 3600) {
    return translator.t('error.retryAfter', { n: Math.max(1, Math.ceil(wait)) });
  }
  const key = known[failure.code];
  return key ? translator.t(key) : failure.message;
}
