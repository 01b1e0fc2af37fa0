import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** Within this distance of the end the view counts as being there. */
const nearEnd = '80px';

interface FollowedEnd {
  /** For the box that scrolls, and for an empty element after its content. */
  box: RefObject<HTMLDivElement | null>;
  end: RefObject<HTMLDivElement | null>;
  atEnd: boolean;
  toEnd: () => void;
}

/** Keeps the end of growing content in view while the reader is there, and only then. */
export function useFollowedEnd(content: unknown): FollowedEnd {
  const box = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    follows.current = true;
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, []);

  useEffect(() => {
    if (!end.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        const isThere = entries.at(-1)?.isIntersecting ?? true;
        follows.current = isThere;
        setAtEnd(isThere);
      },
      { root: box.current, rootMargin: `0px 0px ${nearEnd} 0px` },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    if (content !== undefined && follows.current) {
      box.current?.scrollTo({ top: box.current.scrollHeight });
    }
  }, [content]);

  return { box, end, atEnd, toEnd };
}
