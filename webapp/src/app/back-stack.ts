// Things that lie over a screen (drawer, sheet, unsaved form) answer "back" before the router does, newest first.
import { useEffect, useRef } from 'react';
import { useApp } from './context.ts';
import { Listeners } from './listeners.ts';

export class BackStack {
  readonly #listeners = new Listeners();
  #handlers: readonly (() => void)[] = [];

  readonly subscribe = this.#listeners.subscribe;
  readonly handlers = (): readonly (() => void)[] => this.#handlers;

  push(handler: () => void): () => void {
    this.#handlers = [...this.#handlers, handler];
    this.#listeners.tell();
    return () => {
      this.#handlers = this.#handlers.filter((each) => each !== handler);
      this.#listeners.tell();
    };
  }
}

/** While `active`, "back" calls `handler` instead of leaving the screen. */
export function useBack(active: boolean, handler: () => void): void {
  const { back } = useApp();
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => (active ? back.push(() => latest.current()) : undefined), [active, back]);
}
