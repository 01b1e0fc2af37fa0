import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { PersonEntity, RefreshTokenEntity } from './entities.ts';
import { PeopleService } from './people-service.ts';
import { TokenService } from './token-service.ts';

const jwtSecret = 'a secret of a test, with more than 32 characters';
const key = new TextEncoder().encode(jwtSecret);
let db: Database;
let people: PeopleService;
let now = Date.UTC(2026, 0, 1);

beforeAll(async () => {
  db = await openTestDatabase([PersonEntity, RefreshTokenEntity]);
  const none = async () => 0;
  people = new PeopleService({
    db,
    profileSources: {
      messagesSent: none,
      tasksCompleted: none,
      groupsManaged: none,
      knowledgeSize: none,
      activeProcesses: async () => [],
    },
  });
});

afterAll(() => db.close());

function tokens(secret = jwtSecret): TokenService {
  return new TokenService({ db, people, jwtSecret: secret, now: () => now });
}

let telegramId = 5000;
function newPerson() {
  telegramId += 1;
  return people.fromTelegram({ id: telegramId, first_name: 'Ann', language_code: 'ru-RU' });
}

describe('access tokens', () => {
  it('name the person for an hour', async () => {
    const ann = await newPerson();
    const { jwt_token, expires_in } = await tokens().issue(ann);
    expect(expires_in).toBe(3600);
    expect(await tokens().verify(jwt_token)).toMatchObject({ personId: ann.id, language: 'ru' });
    now += 3601 * 1000;
    expect(await tokens().verify(jwt_token)).toBeUndefined();
  });

  it('are refused when forged, unsigned, of another kind or without a person', async () => {
    const ann = await newPerson();
    const seconds = Math.floor(now / 1000);
    const claims = (type: string, subject: string) =>
      new SignJWT({ type })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(subject)
        .setJti('1')
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + 60);
    expect(await tokens().verify(await claims('access', ann.id).sign(key))).toBeDefined();
    const unsigned = new UnsecuredJWT({ type: 'access', jti: '1' })
      .setSubject(ann.id)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + 60)
      .encode();
    const bad = [
      await claims('refresh', ann.id).sign(key),
      await claims('access', newId()).sign(key),
      await claims('access', ann.id).sign(new TextEncoder().encode(`${jwtSecret}!`)),
      unsigned,
      'nonsense',
      '',
    ];
    for (const token of bad) expect(await tokens().verify(token)).toBeUndefined();
  });
});

describe('refresh tokens', () => {
  it('are good for one use', async () => {
    const ann = await newPerson();
    const first = await tokens().issue(ann);
    const second = await tokens().rotate(first.refresh_token);
    expect(await tokens().verify(second.jwt_token)).toMatchObject({ personId: ann.id });
    expect(second.refresh_token).not.toBe(first.refresh_token);
  });

  it('used again revoke all that came of the same login', async () => {
    const first = await tokens().issue(await newPerson());
    const second = await tokens().rotate(first.refresh_token);
    await expect(tokens().rotate(first.refresh_token)).rejects.toMatchObject({ code: 'AUTH_INVALID_TOKEN' });
    await expect(tokens().rotate(second.refresh_token)).rejects.toMatchObject({ code: 'AUTH_INVALID_TOKEN' });
  });

  it('used twice at once work at most once', async () => {
    const { refresh_token } = await tokens().issue(await newPerson());
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => tokens().rotate(refresh_token)));
    expect(results.filter((result) => result.status === 'fulfilled').length).toBeLessThanOrEqual(1);
  });

  it('end after seven days, at logout, and when unknown', async () => {
    const ann = await newPerson();
    const old = await tokens().issue(ann);
    now += 8 * 24 * 3600 * 1000;
    await expect(tokens().rotate(old.refresh_token)).rejects.toThrow(/session is over/);
    const loggedOut = await tokens().issue(ann);
    await tokens().revoke(loggedOut.refresh_token);
    await expect(tokens().rotate(loggedOut.refresh_token)).rejects.toThrow(/session is over/);
    await expect(tokens().rotate('unknown')).rejects.toThrow(/session is over/);
  });

  it('are stored hashed only', async () => {
    const { refresh_token } = await tokens().issue(await newPerson());
    const rows = await db.query<object>('select * from refresh_tokens');
    expect(JSON.stringify(rows)).not.toContain(refresh_token);
  });
});

describe('people', () => {
  it('follow the language of Telegram until they choose one', async () => {
    const id = 9001;
    await people.fromTelegram({ id, first_name: 'Ann', language_code: 'en' });
    const changed = await people.fromTelegram({ id, first_name: 'Anna', language_code: 'ru' });
    expect(changed).toMatchObject({ language: 'ru', firstName: 'Anna' });
    await people.updateSettings(people.callerOf(changed), { language: 'en' });
    expect(await people.fromTelegram({ id, first_name: 'Anna', language_code: 'ru' })).toMatchObject({
      language: 'en',
    });
  });

  it('are one person when two first updates come at once', async () => {
    const users = await Promise.all(
      [1, 2, 3].map(() => people.fromTelegram({ id: 9002, first_name: 'Bob' })),
    );
    expect(new Set(users.map((user) => user.id)).size).toBe(1);
  });
});
