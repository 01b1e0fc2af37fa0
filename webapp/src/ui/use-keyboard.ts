import { useEffect, useState } from 'react';

/** A screen this much lower than it was before, at the same width, has a keyboard on it. */
const keyboardShare = 0.75;

/** Whether a screen keyboard takes a part of the page. No browser tells; it is seen by the height that is left. */
export function useKeyboard(): boolean {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const viewport = window.visualViewport;
    if (!viewport) return;
    const tallest = new Map<number, number>();
    const measure = () => {
      // Undone zoom: pinching is not typing.
      const width = Math.round(viewport.width * viewport.scale);
      const height = viewport.height * viewport.scale;
      const before = Math.max(tallest.get(width) ?? 0, height);
      tallest.set(width, before);
      return height < before * keyboardShare;
    };
    measure();
    const onResize = () => setOpen(measure());
    viewport.addEventListener('resize', onResize);
    return () => viewport.removeEventListener('resize', onResize);
  }, []);
  return open;
}
