// What went wrong with a provider, as one AppError. The provider's own text is for the log, without the key.
import { AppError } from '../errors.ts';

export type ModelFailure =
  | 'unreachable'
  | 'timeout'
  | 'refused'
  | 'limited'
  | 'unknown_model'
  | 'rejected'
  | 'interrupted';

const messages: Record<ModelFailure, string> = {
  unreachable: 'The language model cannot be reached right now. Please try again in a moment.',
  timeout: 'The language model takes too long to answer. Please try again.',
  refused: 'The language model refuses our access. Please tell the administrator.',
  limited: 'The language model is too busy right now. Please try again in a minute.',
  unknown_model: 'The chosen language model is not there. Please choose another one in the settings.',
  rejected: 'The language model did not accept this request. Please ask in another way.',
  interrupted: 'The language model broke off in the middle of its answer. Please try again.',
};
const maxCauseLength = 500;

/** @param secret taken out of the cause's text */
export function modelError(failure: ModelFailure, cause: unknown, secret: string | undefined): AppError {
  return new AppError('UPSTREAM_UNAVAILABLE', messages[failure], {
    details: { reason: failure },
    cause: redacted(cause, secret),
  });
}

export function failureOfStatus(status: number): ModelFailure {
  if (status === 401 || status === 403) return 'refused';
  if (status === 404) return 'unknown_model';
  if (status === 429) return 'limited';
  return status >= 500 ? 'unreachable' : 'rejected';
}

/** A new error: the original one carries the whole request and the provider's answer, which may repeat the key. */
function redacted(cause: unknown, secret: string | undefined): Error {
  const texts = [textOf(cause)];
  if (cause instanceof Error && cause.cause !== undefined) texts.push(textOf(cause.cause));
  const text = texts.join(': ');
  const clean = secret ? text.replaceAll(secret, '***') : text;
  return new Error(clean.replace(/\b(?:sk|key)-[\w*.-]{6,}/g, '***').slice(0, maxCauseLength));
}

function textOf(value: unknown): string {
  if (value instanceof Error) {
    const status =
      'statusCode' in value && typeof value.statusCode === 'number' ? `${value.statusCode} ` : '';
    return `${value.name}: ${status}${value.message}`;
  }
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'unknown');
}
