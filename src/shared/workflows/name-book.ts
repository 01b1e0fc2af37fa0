import type { Language } from '../language.ts';
import type { WorkflowCollaborators } from './collaborators.ts';
import type { UserTask } from './entities.ts';

interface Named {
  id: string;
  name: string;
}

/** Names of people and groups for one answer, each looked up once. */
export class NameBook {
  readonly #collaborators: Pick<WorkflowCollaborators, 'people' | 'groups'>;
  readonly #language: Language;
  readonly #people = new Map<string, string>();
  readonly #groups = new Map<string, string>();

  constructor(collaborators: Pick<WorkflowCollaborators, 'people' | 'groups'>, language: Language) {
    this.#collaborators = collaborators;
    this.#language = language;
  }

  async load(people: Iterable<string | null>, groups: Iterable<string | null>): Promise<void> {
    for (const id of new Set(people)) {
      if (id === null || this.#people.has(id)) continue;
      const person = await this.#collaborators.people.find(id);
      if (person) this.#people.set(id, [person.firstName, person.lastName].filter(Boolean).join(' '));
    }
    for (const id of new Set(groups)) {
      if (id === null || this.#groups.has(id)) continue;
      const group = await this.#collaborators.groups.find(id);
      if (group) this.#groups.set(id, group.title);
    }
  }

  /** Everybody whom these tasks speak of. */
  async loadTasks(tasks: readonly UserTask[]): Promise<void> {
    await this.load(
      tasks.flatMap(({ starterId, assigneeId, completedById }) => [starterId, assigneeId, completedById]),
      tasks.map(({ groupId }) => groupId),
    );
  }

  person(id: string): Named {
    return { id, name: this.#people.get(id) ?? (this.#language === 'ru' ? 'кто-то' : 'somebody') };
  }

  group(id: string): { id: string; title: string } {
    return { id, title: this.#groups.get(id) ?? (this.#language === 'ru' ? 'группа' : 'a group') };
  }
}
