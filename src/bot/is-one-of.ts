/** Narrows text from outside to one of the known words. */
export function isOneOf<const T extends string>(known: readonly T[], word: string): word is T {
  return known.some((one) => one === word);
}
