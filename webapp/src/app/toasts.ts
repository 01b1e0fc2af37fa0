import { Listeners } from './listeners.ts';

interface Toast {
  id: number;
  text: string;
  kind: 'info' | 'success' | 'error';
  /** What a press on it does, besides closing it. */
  onPress?: (() => void) | undefined;
}

const lifeMs = 4500;

/** One short message at a time: the newest replaces the one before. */
export class Toasts {
  readonly #listeners = new Listeners();
  #toast: Toast | undefined;
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly subscribe = this.#listeners.subscribe;
  readonly current = (): Toast | undefined => this.#toast;

  show(text: string, kind: Toast['kind'] = 'info', onPress?: () => void): void {
    this.#count += 1;
    this.#toast = { id: this.#count, text, kind, onPress };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.dismiss(), lifeMs);
    this.#listeners.tell();
  }

  dismiss(): void {
    this.#toast = undefined;
    this.#listeners.tell();
  }
}
