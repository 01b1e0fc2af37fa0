import { useSyncExternalStore } from 'react';

/** The same width as in the style sheets. */
const query = '(min-width: 860px)';

/** Whether two panes fit beside each other. */
export function useWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    () => matchMedia(query).matches,
  );
}
