// Who uses the app. Tokens live in memory only: a reload signs in again by initData, or by the refresh cookie.
import type { GuestAnswer, LoginAnswer, TokenPair } from '../../../src/shared/contracts/auth.ts';
import { ApiError } from './api-error.ts';
import type { Http } from './http.ts';

export type SessionState =
  | { status: 'starting' }
  | { status: 'signed-in' }
  /** `expired`: opened inside Telegram, but its launch data is too old and there is no cookie to go on with. */
  | { status: 'guest'; reason: 'outside-telegram' | 'expired' }
  | { status: 'unreachable'; error: ApiError };

interface Held {
  token: string;
  refreshToken: string | undefined;
  expiresAt: number;
}

/** A token is renewed this long before its end, so that a call under way does not meet it. */
const marginMs = 60_000;

export class Session {
  readonly #http: Http;
  readonly #initData: string | undefined;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { status: 'starting' };
  #held: Held | undefined;
  #renewal: Promise<void> | undefined;

  constructor(options: { http: Http; initData: string | undefined; now?: () => number }) {
    this.#http = options.http;
    this.#initData = options.initData;
    this.#now = options.now ?? Date.now;
  }

  readonly state = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Never throws: what went wrong is in the state. */
  async start(): Promise<void> {
    await this.#renewOnce().catch(() => undefined);
  }

  /** A token that is good for at least a minute. Throws ApiError when none can be had. */
  async token(): Promise<string> {
    if (!this.#held || this.#held.expiresAt - marginMs < this.#now()) await this.#renewOnce();
    if (!this.#held) throw new ApiError('AUTH_REQUIRED', 'Not signed in.', 401);
    return this.#held.token;
  }

  /** Call it when the server refused `token`. Does nothing when that one was replaced in the meantime. */
  async refuse(token: string): Promise<void> {
    if (this.#held?.token === token) await this.#renewOnce();
  }

  /** All who need a token at the same time wait for the same sign-in: a refresh token works only once. */
  #renewOnce(): Promise<void> {
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #renew(): Promise<void> {
    try {
      if (this.#initData === undefined) return await this.#asGuest('outside-telegram');
      if (this.#held?.refreshToken !== undefined && (await this.#byRefresh(this.#held.refreshToken))) return;
      if (await this.#byInitData(this.#initData)) return;
      if (await this.#byRefresh(undefined)) return;
      await this.#asGuest('expired');
    } catch (reason) {
      const error = ApiError.from(reason);
      // Somebody who is signed in stays so while the network is away; the call that needed a token reports it.
      if (this.#state.status === 'starting' || this.#state.status === 'unreachable') {
        this.#become({ status: 'unreachable', error });
      }
      throw error;
    }
  }

  async #byInitData(initData: string): Promise<boolean> {
    return this.#try(async () => {
      const answer = await this.#http('/api/auth/telegram-miniapp', { method: 'POST', body: { initData } });
      this.#hold(answer as LoginAnswer);
    });
  }

  /** Without a token of ours the browser sends the httpOnly cookie, if it has one. */
  async #byRefresh(refreshToken: string | undefined): Promise<boolean> {
    return this.#try(async () => {
      const body = refreshToken === undefined ? {} : { refresh_token: refreshToken };
      this.#hold((await this.#http('/api/auth/refresh', { method: 'POST', body })) as TokenPair);
    });
  }

  async #try(signIn: () => Promise<void>): Promise<boolean> {
    try {
      await signIn();
      return true;
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 400)) return false;
      throw error;
    }
  }

  #hold(pair: TokenPair): void {
    this.#held = {
      token: pair.jwt_token,
      refreshToken: pair.refresh_token,
      expiresAt: this.#now() + pair.expires_in * 1000,
    };
    this.#become({ status: 'signed-in' });
  }

  async #asGuest(reason: 'outside-telegram' | 'expired'): Promise<void> {
    const answer = (await this.#http('/api/auth/guest', { method: 'POST', body: {} })) as GuestAnswer;
    // A guest's hour counts from the last use, so the end told here is too early; a 401 tells the real one.
    this.#held = { token: answer.token, refreshToken: undefined, expiresAt: Number.POSITIVE_INFINITY };
    this.#become({ status: 'guest', reason });
  }

  #become(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
