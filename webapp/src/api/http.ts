import { ApiError } from './api-error.ts';

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Entries that are undefined or empty are left out. */
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON, unless it is FormData. */
  body?: unknown;
  token?: string | undefined;
  idempotencyKey?: string;
  signal?: AbortSignal | undefined;
  /** @default 20 000 ms */
  timeoutMs?: number;
}

export type Http = (path: string, call?: Call) => Promise<unknown>;

/**
 * One call to the gateway. Throws ApiError for every failure but an abort by `call.signal`, whose reason is thrown as
 * it is. `base` is empty in the browser (same origin).
 */
export function createHttp(options: { base?: string; language: () => string }): Http {
  return async (path, call = {}) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined && value !== '') query.set(name, String(value));
    }
    const suffix = query.size > 0 ? `?${query}` : '';
    const headers: Record<string, string> = {
      accept: 'application/json',
      'accept-language': options.language(),
    };
    if (call.token !== undefined) headers.authorization = `Bearer ${call.token}`;
    if (call.idempotencyKey !== undefined) headers['idempotency-key'] = call.idempotencyKey;
    const isForm = call.body instanceof FormData;
    if (call.body !== undefined && !isForm) headers['content-type'] = 'application/json';

    const abort = new AbortController();
    const onAbort = () => abort.abort(call.signal?.reason);
    if (call.signal?.aborted) onAbort();
    call.signal?.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => abort.abort(new Error('timeout')), call.timeoutMs ?? 20_000);
    try {
      const response = await fetch(`${options.base ?? ''}${path}${suffix}`, {
        method: call.method ?? 'GET',
        headers,
        credentials: 'same-origin',
        signal: abort.signal,
        ...(call.body === undefined
          ? {}
          : { body: call.body instanceof FormData ? call.body : JSON.stringify(call.body) }),
      });
      if (!response.ok) throw await ApiError.fromResponse(response);
      return response.status === 204 ? undefined : await response.json();
    } catch (error) {
      if (call.signal?.aborted) throw call.signal.reason;
      throw ApiError.from(error);
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', onAbort);
    }
  };
}
