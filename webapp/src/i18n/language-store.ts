import type { Language } from '../../../src/shared/language.ts';
import { Listeners } from '../app/listeners.ts';
import { createTranslator, nearest, type Translator } from './translate.ts';

const storageKey = 'concierge.language';

/** The language of the screen. Remembered on the device, so that the next start speaks it before the server answers. */
export class LanguageStore {
  readonly #listeners = new Listeners();
  #translator: Translator;

  constructor(tag: string | undefined) {
    this.#translator = createTranslator(nearest(read() ?? tag));
    document.documentElement.lang = this.#translator.language;
  }

  readonly subscribe = this.#listeners.subscribe;
  readonly translator = (): Translator => this.#translator;

  set(language: Language): void {
    if (language === this.#translator.language) return;
    this.#translator = createTranslator(language);
    document.documentElement.lang = language;
    write(language);
    this.#listeners.tell();
  }
}

/** Storage throws where a browser blocks it, in third-party frames for example. */
function read(): string | undefined {
  try {
    return localStorage.getItem(storageKey) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(language: Language): void {
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // Then the next start asks Telegram again.
  }
}
