import { createHash, randomBytes } from 'node:crypto';
import type { TokenPair } from '#shared/contracts/auth.ts';
import type { PersonSettings, Profile, SettingsPatch } from '#shared/contracts/profile.ts';
import { newId } from '#shared/database/id.ts';
import { AppError } from '#shared/errors.ts';
import type { PersonCaller } from '#shared/identity/caller.ts';
import type { Person } from '#shared/identity/entities.ts';
import { nearestLanguage } from '#shared/language.ts';
import type { People, TelegramUser, Tokens } from '#shared/services.ts';

export class MemoryPeople implements People {
  readonly #people = new Map<string, Person>();

  async fromTelegram(user: TelegramUser): Promise<Person> {
    const known = [...this.#people.values()].find((each) => each.telegramUserId === user.id);
    const person: Person = {
      id: known?.id ?? newId(),
      telegramUserId: user.id,
      username: user.username ?? null,
      firstName: user.first_name,
      lastName: user.last_name ?? null,
      language: nearestLanguage(user.language_code),
      languageChosen: false,
      timeZone: 'UTC',
      llmProvider: null,
      llmModel: null,
      streamingEnabled: true,
      notifications: true,
      createdAt: new Date(),
      updatedAt: new Date(),
    };
    this.#people.set(person.id, person);
    return person;
  }

  async find(personId: string): Promise<Person | undefined> {
    return this.#people.get(personId);
  }

  callerOf(person: Person): PersonCaller {
    return {
      kind: 'person',
      personId: person.id,
      displayName: person.firstName,
      language: person.language,
      timeZone: person.timeZone,
    };
  }

  async settings(caller: PersonCaller): Promise<PersonSettings> {
    const person = this.#require(caller);
    return {
      language: person.language,
      llm_provider: person.llmProvider ?? null,
      llm_model: person.llmModel ?? null,
      streaming_enabled: person.streamingEnabled,
      notifications: person.notifications,
    };
  }

  async updateSettings(caller: PersonCaller, patch: SettingsPatch): Promise<PersonSettings> {
    const person = this.#require(caller);
    person.language = patch.language ?? person.language;
    person.notifications = patch.notifications ?? person.notifications;
    person.streamingEnabled = patch.streaming_enabled ?? person.streamingEnabled;
    return this.settings(caller);
  }

  async profile(caller: PersonCaller): Promise<Profile> {
    const person = this.#require(caller);
    return {
      id: person.id,
      telegram_user_id: person.telegramUserId ?? null,
      username: person.username ?? null,
      first_name: person.firstName,
      last_name: person.lastName ?? null,
      created_at: person.createdAt.toISOString(),
      stats: { messages_sent: 0, tasks_completed: 0, groups_managed: 0, kb_size_mb: 0 },
      settings: await this.settings(caller),
      active_processes: [],
    };
  }

  #require(caller: PersonCaller): Person {
    const person = this.#people.get(caller.personId);
    if (!person) throw AppError.notFound('person');
    return person;
  }
}

/** Opaque tokens instead of JWTs; refresh tokens rotate and re-use revokes the family, as the contract says. */
export class MemoryTokens implements Tokens {
  readonly #people: MemoryPeople;
  readonly #access = new Map<string, { personId: string; family: string }>();
  readonly #refresh = new Map<string, { personId: string; family: string; used: boolean }>();

  constructor(people: MemoryPeople) {
    this.#people = people;
  }

  async issue(person: Person): Promise<TokenPair> {
    return this.#pair(person.id, newId());
  }

  async verify(accessToken: string): Promise<PersonCaller | undefined> {
    const held = this.#access.get(accessToken);
    const person = held && (await this.#people.find(held.personId));
    return person && this.#people.callerOf(person);
  }

  async rotate(refreshToken: string): Promise<TokenPair> {
    const held = this.#refresh.get(hash(refreshToken));
    if (!held) throw invalid();
    if (held.used) {
      this.#revokeFamily(held.family);
      throw invalid();
    }
    held.used = true;
    return this.#pair(held.personId, held.family);
  }

  async revoke(refreshToken: string): Promise<void> {
    const held = this.#refresh.get(hash(refreshToken));
    if (held) this.#revokeFamily(held.family);
  }

  #pair(personId: string, family: string): TokenPair {
    const access = `access_${randomBytes(24).toString('base64url')}`;
    const refresh = randomBytes(24).toString('base64url');
    this.#access.set(access, { personId, family });
    this.#refresh.set(hash(refresh), { personId, family, used: false });
    return { jwt_token: access, refresh_token: refresh, expires_in: 3600 };
  }

  #revokeFamily(family: string): void {
    for (const held of [this.#access, this.#refresh]) {
      for (const [key, value] of held) if (value.family === family) held.delete(key);
    }
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function invalid(): AppError {
  return new AppError('AUTH_INVALID_TOKEN', 'Sign in again.');
}
