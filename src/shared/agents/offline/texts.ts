// What the offline assistant says by itself. A new language is one entry here.
import type { Language } from '../../language.ts';
import { en } from './texts-en.ts';
import { ru } from './texts-ru.ts';

export interface OfflineTexts {
  name: string;
  description: string;
  greeting(name: string | undefined): string;
  thanks: string;
  farewell: string;
  help: string;
  identity: string;
  empty: string;
  /** Before quotations of one base, and of several. */
  foundIn(kbName: string): string;
  foundInSeveral: string;
  /** Before quotations that fit only in part. */
  closest: string;
  nothingFound: string;
  searchFailed(reason: string): string;
  calculated(expression: string, value: string): string;
  toolFailed(reason: string): string;
}

export const offlineTexts: Record<Language, OfflineTexts> = { en, ru };
