import { formatRoute, parentOf, parseRoute, type Route } from './route.ts';

/** What the router needs of `window`; a test passes a small one of its own. */
export interface RouterWindow {
  location: { pathname: string; search: string };
  history: {
    readonly state: unknown;
    pushState(state: unknown, title: string, url: string): void;
    replaceState(state: unknown, title: string, url: string): void;
    back(): void;
  };
  addEventListener(type: 'popstate', listener: () => void): void;
  removeEventListener(type: 'popstate', listener: () => void): void;
}

/**
 * History routing in one store for useSyncExternalStore. Every entry that we push carries its depth in the history's
 * state, so that "back" never leaves the app: at depth 0 it goes to the parent screen instead.
 */
export class Router {
  readonly #window: RouterWindow;
  readonly #listeners = new Set<() => void>();
  readonly #onPopState = () => this.#update();
  #route: Route;
  #guard: ((leave: () => void) => void) | undefined;

  constructor(window: RouterWindow) {
    this.#window = window;
    this.#route = parseRoute(window.location.pathname + window.location.search);
    window.addEventListener('popstate', this.#onPopState);
  }

  readonly route = (): Route => this.#route;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Does nothing when the route is already shown. */
  go(route: Route): void {
    if (formatRoute(route) === formatRoute(this.#route)) return;
    if (this.#guard) this.#guard(() => this.#push(route));
    else this.#push(route);
  }

  /**
   * While leaving the screen would lose something: `guard` is asked instead, and calls `leave` if the person agrees.
   * The browser's own back button is not held up. Returns the function that ends it.
   */
  hold(guard: (leave: () => void) => void): () => void {
    this.#guard = guard;
    return () => {
      if (this.#guard === guard) this.#guard = undefined;
    };
  }

  back(): void {
    if (this.#guard) this.#guard(() => this.#back());
    else this.#back();
  }

  #push(route: Route): void {
    this.#window.history.pushState({ depth: this.#depth() + 1 }, '', formatRoute(route));
    this.#update();
  }

  /** For a screen that turned into another one, such as a new conversation that got its id. */
  replace(route: Route): void {
    this.#window.history.replaceState({ depth: this.#depth() }, '', formatRoute(route));
    this.#update();
  }

  #back(): void {
    if (this.#depth() > 0) {
      this.#window.history.back();
      return;
    }
    const parent = parentOf(this.#route);
    if (parent) this.replace(parent);
  }

  close(): void {
    this.#window.removeEventListener('popstate', this.#onPopState);
  }

  #depth(): number {
    const state = this.#window.history.state;
    const depth = typeof state === 'object' && state !== null && 'depth' in state ? state.depth : 0;
    return typeof depth === 'number' ? depth : 0;
  }

  #update(): void {
    this.#route = parseRoute(this.#window.location.pathname + this.#window.location.search);
    for (const listener of this.#listeners) listener();
  }
}
