// A small world for the tests of this folder: a real database, and people and groups that are plain lists.
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { workflows as migration } from '../database/migrations/2026-11-21-workflows.ts';
import { openTestDatabase } from '../database/test-database.ts';
import type { Group } from '../groups/entities.ts';
import type { PersonCaller } from '../identity/caller.ts';
import type { Person } from '../identity/entities.ts';
import type { Language } from '../language.ts';
import type { NoticeWriter } from '../notifications/notice-writer.ts';
import type { TaskChange } from '../services.ts';
import type { WorkflowCollaborators } from './collaborators.ts';
import { ProcessDefinitionEntity, ProcessInstanceEntity, UserTaskEntity } from './entities.ts';
import { WorkflowService } from './workflow-service.ts';

type ShownNotice = Parameters<NoticeWriter['show']>[0];

export class TestWorld {
  readonly database: Database;
  readonly workflows: WorkflowService;
  readonly members = new Map<string, Set<string>>();
  readonly shown: ShownNotice[] = [];
  readonly changed: string[] = [];
  readonly published: { change: TaskChange; personIds: readonly string[] }[] = [];
  /** Set to make every notice fail. */
  noticesFail = false;
  now = new Date('2026-11-21T12:00:00.000Z');
  readonly #people = new Map<string, Person>();
  readonly #groups = new Map<string, Group>();

  constructor(database: Database) {
    this.database = database;
    this.workflows = new WorkflowService(this.collaborators());
  }

  static async open(): Promise<TestWorld> {
    const entities = [ProcessDefinitionEntity, ProcessInstanceEntity, UserTaskEntity];
    return new TestWorld(await openTestDatabase(entities, [migration]));
  }

  collaborators(): WorkflowCollaborators {
    return {
      database: this.database,
      clock: () => this.now,
      people: { find: async (id) => this.#people.get(id) },
      groups: {
        find: async (id) => this.#groups.get(id),
        isMember: async (groupId, personId) => this.members.get(groupId)?.has(personId) ?? false,
        ofPerson: async (personId) =>
          [...this.#groups.values()].filter(({ id }) => this.members.get(id)?.has(personId)),
        membersOf: async (groupId) => [...(this.members.get(groupId) ?? [])],
      },
      notices: {
        show: async (notice) => this.#notice(() => this.shown.push(notice)),
        changed: async (_kind, id) => this.#notice(() => this.changed.push(id)),
      },
      publish: (change, personIds) => {
        this.published.push({ change, personIds });
      },
    };
  }

  person(name: string, language: Language = 'en'): PersonCaller {
    const id = newId();
    this.#people.set(id, {
      id,
      telegramUserId: null,
      username: null,
      firstName: name,
      lastName: null,
      language,
      languageChosen: false,
      timeZone: 'UTC',
      llmProvider: null,
      llmModel: null,
      streamingEnabled: true,
      notifications: true,
      createdAt: this.now,
      updatedAt: this.now,
    });
    return { kind: 'person', personId: id, displayName: name, language, timeZone: 'UTC' };
  }

  group(title: string, ...members: PersonCaller[]): string {
    const id = newId();
    const group = {
      id,
      telegramChatId: -this.#groups.size - 1,
      title,
      username: null,
      language: 'en',
      active: true,
    };
    this.#groups.set(id, { ...group, language: 'en', createdAt: this.now, updatedAt: this.now });
    this.members.set(id, new Set(members.map(({ personId }) => personId)));
    return id;
  }

  /** The one open task of the caller's lists. */
  async onlyTask(caller: PersonCaller): Promise<string> {
    const lists = await Promise.all(
      (['inbox', 'next', 'scheduled'] as const).map((list) =>
        this.workflows.tasks(caller, list, { limit: 10, offset: 0 }),
      ),
    );
    const ids = lists.flatMap(({ results }) => results.map(({ id }) => id));
    const [only] = ids;
    if (only === undefined || ids.length > 1)
      throw new Error(`${caller.displayName} has ${ids.length} tasks`);
    return only;
  }

  async #notice(write: () => unknown): Promise<void> {
    if (this.noticesFail) throw new Error('the notices are broken');
    write();
  }
}

export const trainTickets = {
  amount: 120,
  currency: 'EUR',
  purpose: 'train tickets',
  spent_on: '2026-11-20',
};

/** The code of the AppError that the promise is rejected with. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
  return 'nothing was thrown';
}
