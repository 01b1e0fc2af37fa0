import { createHash, randomBytes } from 'node:crypto';
import { newId } from '../database/id.ts';
import { AppError } from '../errors.ts';
import { type Language, nearestLanguage } from '../language.ts';
import type { Guests } from '../services.ts';
import type { SessionStore } from '../session-store/session-store.ts';
import type { GuestCaller } from './caller.ts';
import { guestPermissions } from './permissions.ts';

/** Visitors without an account. All there is of them lives in the session store and ends with their idle time. */
export class GuestService implements Guests {
  readonly idleSeconds = 3600;
  readonly messageLimit = 20;
  readonly #store: SessionStore;

  constructor(collaborators: { store: SessionStore }) {
    this.#store = collaborators.store;
  }

  async create(language: Language) {
    const token = `guest_${randomBytes(32).toString('base64url')}`;
    const caller: GuestCaller = { kind: 'guest', guestId: newId(), language };
    await this.#store.set(keyOf(token), JSON.stringify(caller), { ttlMs: this.idleSeconds * 1000 });
    return { token, caller, permissions: guestPermissions };
  }

  async verify(token: string): Promise<GuestCaller | undefined> {
    if (!/^guest_[A-Za-z0-9_-]{43}$/.test(token)) return undefined;
    const stored = await this.#store.get(keyOf(token));
    if (stored === undefined) return undefined;
    await this.#store.expire(keyOf(token), this.idleSeconds * 1000);
    const { guestId, language } = JSON.parse(stored) as GuestCaller;
    return { kind: 'guest', guestId, language: nearestLanguage(language) };
  }

  async countMessage(caller: GuestCaller): Promise<{ remaining: number }> {
    // A day: longer than any idle life, so the count cannot be reset by waiting inside a session.
    const written = await this.#store.increment(countKey(caller), 1, { ttlMs: 24 * 3600 * 1000 });
    if (written > this.messageLimit) {
      throw new AppError(
        'RATE_LIMIT_EXCEEDED',
        `Guests may write ${this.messageLimit} messages. Open the app from Telegram to go on.`,
        { details: { limit: this.messageLimit, upgrade_url: '/api/auth/telegram-miniapp' } },
      );
    }
    return { remaining: this.messageLimit - written };
  }

  async remaining(caller: GuestCaller): Promise<number> {
    const written = Number((await this.#store.get(countKey(caller))) ?? 0);
    return Math.max(0, this.messageLimit - written);
  }
}

/** Hashed, so that whoever reads the store cannot use what is in it. */
function keyOf(token: string): string {
  return `guest:${createHash('sha256').update(token).digest('base64url')}`;
}

function countKey(caller: GuestCaller): string {
  return `guest-messages:${caller.guestId}`;
}
