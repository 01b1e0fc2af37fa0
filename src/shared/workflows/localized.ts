import { type Language, languages } from '../language.ts';

/** Something in every language that people can choose. */
export type Localized<T> = Readonly<Record<Language, T>>;

/** Fills every language; `of` answers undefined where there is no translation, and the English one is taken. */
export function localized<T>(english: T, of: (language: Language) => T | undefined): Localized<T> {
  const entries: Record<Language, T> = { en: english, ru: english };
  for (const language of languages) entries[language] = of(language) ?? english;
  return entries;
}
