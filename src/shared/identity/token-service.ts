import { createHash, randomBytes } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { TokenPair } from '../contracts/auth.ts';
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { AppError } from '../errors.ts';
import type { People, Tokens } from '../services.ts';
import type { PersonCaller } from './caller.ts';
import { type Person, RefreshTokenEntity } from './entities.ts';

/** Seconds. */
const accessLife = 3600;
const refreshLife = 7 * 24 * 3600;

/**
 * Access tokens are HS256 JWTs that live an hour; refresh tokens are opaque, stored hashed and good for one use.
 */
export class TokenService implements Tokens {
  readonly #db: Database;
  readonly #people: People;
  readonly #key: Uint8Array;
  readonly #now: () => number;

  constructor(collaborators: { db: Database; people: People; jwtSecret: string; now?: () => number }) {
    this.#db = collaborators.db;
    this.#people = collaborators.people;
    this.#key = new TextEncoder().encode(collaborators.jwtSecret);
    this.#now = collaborators.now ?? Date.now;
  }

  issue(person: Person): Promise<TokenPair> {
    return this.#issue(person, newId());
  }

  async verify(accessToken: string): Promise<PersonCaller | undefined> {
    const personId = await this.#subject(accessToken);
    const person = personId === undefined ? undefined : await this.#people.find(personId);
    return person && this.#people.callerOf(person);
  }

  async rotate(refreshToken: string): Promise<TokenPair> {
    const outcome = await this.#db.transaction(async (em) => {
      const now = new Date(this.#now());
      const tokenHash = hashOf(refreshToken);
      // The update is the check: of two uses at once exactly one changes the row.
      const spent = await em.nativeUpdate(
        RefreshTokenEntity,
        { tokenHash, usedAt: null, revokedAt: null, expiresAt: { $gt: now } },
        { usedAt: now },
      );
      const token = await em.findOne(RefreshTokenEntity, { tokenHash });
      if (spent === 1 && token) {
        const person = await this.#people.find(token.personId);
        return person && { person, familyId: token.familyId };
      }
      if (token?.usedAt) {
        // Somebody has a token that was used before: a thief or the owner, nobody can tell. Both must sign in again.
        await em.nativeUpdate(
          RefreshTokenEntity,
          { familyId: token.familyId, revokedAt: null },
          { revokedAt: now },
        );
      }
      return undefined;
    });
    if (!outcome) throw new AppError('AUTH_INVALID_TOKEN', 'The session is over. Sign in again.');
    return this.#issue(outcome.person, outcome.familyId);
  }

  async revoke(refreshToken: string): Promise<void> {
    const token = await this.#db.em.findOne(RefreshTokenEntity, { tokenHash: hashOf(refreshToken) });
    if (!token) return;
    await this.#db.em.nativeUpdate(
      RefreshTokenEntity,
      { familyId: token.familyId, revokedAt: null },
      { revokedAt: new Date(this.#now()) },
    );
  }

  /** Deletes what can never be used again. For the hourly clean-up. */
  async purge(): Promise<number> {
    return this.#db.em.nativeDelete(RefreshTokenEntity, { expiresAt: { $lt: new Date(this.#now()) } });
  }

  async #issue(person: Person, familyId: string): Promise<TokenPair> {
    const now = this.#now();
    const refreshToken = randomBytes(32).toString('base64url');
    await this.#db.em.insert(RefreshTokenEntity, {
      id: newId(),
      personId: person.id,
      familyId,
      tokenHash: hashOf(refreshToken),
      expiresAt: new Date(now + refreshLife * 1000),
      usedAt: null,
      revokedAt: null,
      createdAt: new Date(now),
    });
    const accessToken = await new SignJWT({
      type: 'access',
      role: 'user',
      ...(person.telegramUserId ? { telegram_user_id: person.telegramUserId } : {}),
    })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(person.id)
      .setJti(newId())
      .setIssuedAt(Math.floor(now / 1000))
      .setExpirationTime(Math.floor(now / 1000) + accessLife)
      .sign(this.#key);
    return { jwt_token: accessToken, refresh_token: refreshToken, expires_in: accessLife };
  }

  async #subject(accessToken: string): Promise<string | undefined> {
    try {
      const { payload } = await jwtVerify(accessToken, this.#key, {
        algorithms: ['HS256'],
        currentDate: new Date(this.#now()),
        requiredClaims: ['sub', 'exp', 'iat', 'jti'],
      });
      return payload['type'] === 'access' ? payload.sub : undefined;
    } catch {
      // Expired, forged, of another kind: all the same to the caller.
      return undefined;
    }
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
