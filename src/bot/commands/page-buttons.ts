import type { Texts } from '../locales/texts.ts';
import type { Keyboard } from '../say.ts';

/** A row with the ways to the neighbouring pages; no row when everything is on one. */
export function pageButtons(
  t: Texts,
  { total, limit, offset }: { total: number; limit: number; offset: number },
  dataOf: (offset: number) => string,
): Keyboard {
  const row = [
    ...(offset > 0 ? [{ text: t.previousPage, callback_data: dataOf(Math.max(0, offset - limit)) }] : []),
    ...(offset + limit < total ? [{ text: t.nextPage, callback_data: dataOf(offset + limit) }] : []),
  ];
  return row.length > 0 ? [row] : [];
}
