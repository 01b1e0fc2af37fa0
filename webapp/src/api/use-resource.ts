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
  /** The request that this came of. */
  request: string;
  data: T | undefined;
  error: ApiError | undefined;
}

/**
 * Loads when `key` changes; `revision` asks again for the same key. An empty key loads nothing. An answer that comes
 * after its key has changed, or after `replace`, is dropped.
 */
export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  revision = 0,
): Resource<T> {
  const { cache } = useApp();
  const [again, setAgain] = useState(0);
  const [held, setHeld] = useState<Held<T>>();
  const request = `${key}\n${revision}\n${again}`;
  const latest = useRef(load);
  const replaced = useRef(0);
  useEffect(() => {
    latest.current = load;
  });

  useEffect(() => {
    if (key === '') return;
    const abort = new AbortController();
    const generation = replaced.current;
    const fetchIt = async () => {
      try {
        const data = await latest.current(abort.signal);
        if (abort.signal.aborted || generation !== replaced.current) return;
        cache.set(key, data);
        setHeld({ key, request, data, error: undefined });
      } catch (reason) {
        if (abort.signal.aborted || generation !== replaced.current) return;
        const error = ApiError.from(reason);
        setHeld((before) => ({ key, request, data: before?.key === key ? before.data : undefined, error }));
      }
    };
    void fetchIt();
    return () => abort.abort(new Error('left'));
  }, [key, request, cache]);

  const reload = useCallback(() => setAgain((count) => count + 1), []);
  const replace = useCallback(
    (data: T) => {
      replaced.current += 1;
      cache.set(key, data);
      setHeld({ key, request, data, error: undefined });
    },
    [cache, key, request],
  );
  const mine = held?.key === key ? held : undefined;
  const settled = mine?.request === request;
  return {
    data: mine?.data ?? (cache.get(key) as T | undefined),
    error: settled ? mine.error : undefined,
    loading: key !== '' && !settled,
    reload,
    replace,
  };
}
