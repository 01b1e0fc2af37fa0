import type { Language } from '#shared/language.ts';
import { en, type Texts } from './en.ts';
import { ru } from './ru.ts';

export type { Texts } from './en.ts';

const all: Record<Language, Texts> = { en, ru };

export function textsIn(language: Language): Texts {
  return all[language];
}
