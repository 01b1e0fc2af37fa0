import type { PersonSettings, Profile, SettingsPatch } from '../contracts/profile.ts';
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { AppError } from '../errors.ts';
import { nearestLanguage } from '../language.ts';
import type { People, TelegramUser } from '../services.ts';
import type { PersonCaller } from './caller.ts';
import { type Person, PersonEntity } from './entities.ts';

/** Figures about a person that other features own; each answers for its own tables. */
export interface ProfileSources {
  messagesSent(caller: PersonCaller): Promise<number>;
  tasksCompleted(caller: PersonCaller): Promise<number>;
  groupsManaged(caller: PersonCaller): Promise<number>;
  /** Bytes. */
  knowledgeSize(caller: PersonCaller): Promise<number>;
  activeProcesses(caller: PersonCaller): Promise<Profile['active_processes']>;
}

export class PeopleService implements People {
  readonly #db: Database;
  readonly #sources: ProfileSources;

  constructor(collaborators: { db: Database; profileSources: ProfileSources }) {
    this.#db = collaborators.db;
    this.#sources = collaborators.profileSources;
  }

  async fromTelegram(user: TelegramUser): Promise<Person> {
    const known = await this.#db.em.findOne(PersonEntity, { telegramUserId: user.id });
    if (!known) return this.#create(user);
    const names = {
      username: user.username ?? null,
      firstName: user.first_name,
      lastName: user.last_name ?? null,
      language: known.languageChosen ? known.language : nearestLanguage(user.language_code),
    };
    const same =
      known.username === names.username &&
      known.firstName === names.firstName &&
      known.lastName === names.lastName &&
      known.language === names.language;
    if (same) return known;
    await this.#db.em.nativeUpdate(PersonEntity, { id: known.id }, { ...names, updatedAt: new Date() });
    return { ...known, ...names };
  }

  /** Two first updates of one person at once: the second finds the row of the first. */
  async #create(user: TelegramUser): Promise<Person> {
    const now = new Date();
    await this.#db.em.upsert(
      PersonEntity,
      {
        id: newId(),
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
        createdAt: now,
        updatedAt: now,
      },
      { onConflictFields: ['telegramUserId'], onConflictAction: 'ignore' },
    );
    return this.#db.em.findOneOrFail(PersonEntity, { telegramUserId: user.id });
  }

  async find(personId: string): Promise<Person | undefined> {
    return (await this.#db.em.findOne(PersonEntity, { id: personId })) ?? undefined;
  }

  /** Names by id, for lists: one query however many there are. */
  async names(personIds: readonly string[]): Promise<Map<string, string>> {
    if (personIds.length === 0) return new Map();
    const people = await this.#db.em.find(PersonEntity, { id: { $in: [...new Set(personIds)] } });
    return new Map(people.map((person) => [person.id, displayName(person)]));
  }

  callerOf(person: Person): PersonCaller {
    return {
      kind: 'person',
      personId: person.id,
      displayName: displayName(person),
      language: person.language,
      timeZone: person.timeZone,
    };
  }

  async settings(caller: PersonCaller): Promise<PersonSettings> {
    return settingsOf(await this.#require(caller));
  }

  async updateSettings(caller: PersonCaller, patch: SettingsPatch): Promise<PersonSettings> {
    const changes = {
      ...(patch.language === undefined ? {} : { language: patch.language, languageChosen: true }),
      ...(patch.llm_provider === undefined ? {} : { llmProvider: patch.llm_provider }),
      ...(patch.llm_model === undefined ? {} : { llmModel: patch.llm_model }),
      ...(patch.streaming_enabled === undefined ? {} : { streamingEnabled: patch.streaming_enabled }),
      ...(patch.notifications === undefined ? {} : { notifications: patch.notifications }),
    };
    await this.#db.em.nativeUpdate(
      PersonEntity,
      { id: caller.personId },
      { ...changes, updatedAt: new Date() },
    );
    return this.settings(caller);
  }

  async profile(caller: PersonCaller): Promise<Profile> {
    const person = await this.#require(caller);
    const [messages, tasks, groups, size, processes] = await Promise.all([
      this.#sources.messagesSent(caller),
      this.#sources.tasksCompleted(caller),
      this.#sources.groupsManaged(caller),
      this.#sources.knowledgeSize(caller),
      this.#sources.activeProcesses(caller),
    ]);
    return {
      id: person.id,
      telegram_user_id: person.telegramUserId ?? null,
      username: person.username ?? null,
      first_name: person.firstName,
      last_name: person.lastName ?? null,
      created_at: person.createdAt.toISOString(),
      stats: {
        messages_sent: messages,
        tasks_completed: tasks,
        groups_managed: groups,
        kb_size_mb: Math.round(size / 1e4) / 100,
      },
      settings: settingsOf(person),
      active_processes: processes,
    };
  }

  async #require(caller: PersonCaller): Promise<Person> {
    const person = await this.find(caller.personId);
    if (!person) throw new AppError('AUTH_INVALID_TOKEN', 'This account does not exist any more.');
    return person;
  }
}

export function displayName(person: Pick<Person, 'firstName' | 'lastName' | 'username'>): string {
  const name = [person.firstName, person.lastName].filter(Boolean).join(' ').trim();
  return name || (person.username ? `@${person.username}` : '?');
}

function settingsOf(person: Person): PersonSettings {
  return {
    language: person.language,
    llm_provider: person.llmProvider ?? null,
    llm_model: person.llmModel ?? null,
    streaming_enabled: person.streamingEnabled,
    notifications: person.notifications,
  };
}
