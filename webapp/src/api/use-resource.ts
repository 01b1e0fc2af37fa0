import { useCallback, useEffect, useRef, useState } from 'react';
import { useApp } from '../app/context.ts';
import { ApiError } from './api-error.ts';

export interface Resource<T> {
  /** The last good answer for this key, also while a newer one is fetched. */
  data: T | undefined;
  error: ApiError | undefined;
  loading: boolean;
  reload: () => void;
  /** Puts in what a call of ours answered, without asking again. */
  replace: (data: T) => void;
}

interface Held<T> {
  key: string;
  data: T | undefined;
  error: ApiError | undefined;
  loading: boolean;
}

/**
 * Loads when `key` changes; `revision` asks again for the same key. An empty key loads nothing. An answer that comes
 * after its key has changed is dropped.
 */
export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  revision: unknown = 0,
): Resource<T> {
  const { cache } = useApp();
  const [again, setAgain] = useState(0);
  const cached = cache.get(key) as T | undefined;
  const [held, setHeld] = useState<Held<T>>({ key, data: cached, error: undefined, loading: key !== '' });
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });

  // biome-ignore lint: `revision` and `again` are reasons to load anew, not inputs.
  useEffect(() => {
    if (key === '') return;
    const abort = new AbortController();
    setHeld((before) => ({
      key,
      data: before.key === key ? before.data : (cache.get(key) as T | undefined),
      error: undefined,
      loading: true,
    }));
    latest.current(abort.signal).then(
      (data) => {
        if (abort.signal.aborted) return;
        cache.set(key, data);
        setHeld({ key, data, error: undefined, loading: false });
      },
      (reason: unknown) => {
        if (abort.signal.aborted) return;
        setHeld((before) => ({ ...before, error: ApiError.from(reason), loading: false }));
      },
    );
    return () => abort.abort(new Error('left'));
  }, [key, cache, revision, again]);

  const reload = useCallback(() => setAgain((count) => count + 1), []);
  const replace = useCallback(
    (data: T) => {
      cache.set(key, data);
      setHeld({ key, data, error: undefined, loading: false });
    },
    [cache, key],
  );
  const current = held.key === key ? held : { key, data: cached, error: undefined, loading: key !== '' };
  return { data: current.data, error: current.error, loading: current.loading, reload, replace };
}
