import { beforeEach, describe, expect, it } from 'vitest';
import { Router, type RouterWindow } from './router.ts';

/** A browser's history as far as the router knows it. */
class FakeWindow implements RouterWindow {
  #entries: { url: string; state: unknown }[];
  #at = 0;
  #listeners = new Set<() => void>();

  constructor(url: string) {
    this.#entries = [{ url, state: null }];
  }

  get length(): number {
    return this.#entries.length;
  }

  get location() {
    const url = new URL(this.#entries[this.#at]?.url ?? '/', 'http://app.invalid');
    return { pathname: url.pathname, search: url.search };
  }

  readonly history = this.#history();

  addEventListener(_type: 'popstate', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'popstate', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  #history(): RouterWindow['history'] {
    const current = () => this.#entries[this.#at];
    return {
      get state() {
        return current()?.state ?? null;
      },
      pushState: (state, _title, url) => {
        this.#at += 1;
        this.#entries = [...this.#entries.slice(0, this.#at), { state, url }];
      },
      replaceState: (state, _title, url) => {
        this.#entries[this.#at] = { state, url };
      },
      back: () => {
        this.#at = Math.max(0, this.#at - 1);
        for (const listener of this.#listeners) listener();
      },
    };
  }
}

let window: FakeWindow;
let router: Router;
let told: number;

beforeEach(() => {
  window = new FakeWindow('/app/catalog');
  router = new Router(window);
  told = 0;
  router.subscribe(() => {
    told += 1;
  });
});

describe('the router', () => {
  it('goes on and back through the history', () => {
    router.go({ screen: 'kb', id: 'a' });
    expect(window.location.pathname).toBe('/app/kb/a');
    router.back();
    expect(router.route()).toEqual({ screen: 'catalog' });
    expect(told).toBe(2);
  });

  it('adds nothing to the history for the screen that is shown', () => {
    router.go({ screen: 'catalog' });
    expect([window.length, told]).toEqual([1, 0]);
  });

  it('goes to the parent when a link led straight into a detail', () => {
    window = new FakeWindow('/app/tasks/t1');
    router = new Router(window);
    router.back();
    expect(router.route()).toEqual({ screen: 'tasks', list: 'inbox' });
    expect(window.length).toBe(1);
  });

  it('stays where it is when there is nothing before', () => {
    router.back();
    expect(router.route()).toEqual({ screen: 'catalog' });
  });

  it('keeps the depth when a screen turns into another one', () => {
    router.go({ screen: 'chat' });
    router.replace({ screen: 'chat', threadId: 't' });
    router.back();
    expect(router.route()).toEqual({ screen: 'catalog' });
  });

  it('asks before it leaves a screen that would lose something', () => {
    const asked: (() => void)[] = [];
    router.go({ screen: 'workflows' });
    const release = router.hold((leave) => asked.push(leave));
    router.go({ screen: 'profile' });
    router.back();
    expect(router.route()).toEqual({ screen: 'workflows' });
    asked[1]?.();
    expect(router.route()).toEqual({ screen: 'catalog' });
    asked[0]?.();
    expect(router.route()).toEqual({ screen: 'profile' });
    release();
    router.go({ screen: 'catalog' });
    expect(router.route()).toEqual({ screen: 'catalog' });
  });

  it('hears nothing any more once it is closed', () => {
    router.go({ screen: 'profile' });
    router.close();
    window.history.back();
    expect(router.route()).toEqual({ screen: 'profile' });
  });
});
