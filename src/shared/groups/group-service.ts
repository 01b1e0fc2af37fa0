import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import type { Language } from '../language.ts';
import type { Groups } from '../services.ts';
import { type Group, GroupEntity, type GroupMember, GroupMemberEntity } from './entities.ts';

/** Milliseconds for which a confirmed membership is believed without asking again. */
const confirmationLife = 3600 * 1000;

/** Asks the outside system who is in a group; undefined when it cannot be told now. */
export type MembershipLookup = (
  group: Group,
  personId: string,
) => Promise<GroupMember['role'] | 'none' | undefined>;

/** Groups that people share with the assistant, and who is in them as far as it is known. */
export class GroupService implements Groups {
  readonly #db: Database;
  #lookup: MembershipLookup | undefined;

  constructor(collaborators: { db: Database; lookup?: MembershipLookup }) {
    this.#db = collaborators.db;
    this.#lookup = collaborators.lookup;
  }

  /** The bot brings the look-up with it when it starts. */
  useLookup(lookup: MembershipLookup): void {
    this.#lookup = lookup;
  }

  async fromTelegram(chat: {
    id: number;
    title: string;
    username?: string | undefined;
    language?: Language;
  }): Promise<Group> {
    const known = await this.findByChat(chat.id);
    const username = chat.username ?? null;
    if (known) {
      if (known.title === chat.title && known.username === username && known.active) return known;
      const changes = { title: chat.title, username, active: true, updatedAt: new Date() };
      await this.#db.em.nativeUpdate(GroupEntity, { id: known.id }, changes);
      return { ...known, ...changes };
    }
    const now = new Date();
    await this.#db.em.upsert(
      GroupEntity,
      {
        id: newId(),
        telegramChatId: chat.id,
        title: chat.title,
        username,
        language: chat.language ?? 'en',
        active: true,
        createdAt: now,
        updatedAt: now,
      },
      { onConflictFields: ['telegramChatId'], onConflictAction: 'ignore' },
    );
    return this.#db.em.findOneOrFail(GroupEntity, { telegramChatId: chat.id });
  }

  async find(groupId: string): Promise<Group | undefined> {
    return (await this.#db.em.findOne(GroupEntity, { id: groupId })) ?? undefined;
  }

  async findByChat(telegramChatId: number): Promise<Group | undefined> {
    return (await this.#db.em.findOne(GroupEntity, { telegramChatId })) ?? undefined;
  }

  async setActive(groupId: string, active: boolean): Promise<void> {
    await this.#db.em.nativeUpdate(GroupEntity, { id: groupId }, { active, updatedAt: new Date() });
  }

  /** A group that became a supergroup has a new chat id; everything else of it stays. Twice is harmless. */
  async migrate(fromChatId: number, toChatId: number): Promise<void> {
    await this.#db.transaction(async (em) => {
      const old = await em.findOne(GroupEntity, { telegramChatId: fromChatId });
      if (!old) return;
      // The first update from the supergroup may have come before the news of the migration.
      const early = await em.findOne(GroupEntity, { telegramChatId: toChatId });
      if (early) {
        await em.nativeDelete(GroupMemberEntity, { groupId: early.id });
        await em.nativeDelete(GroupEntity, { id: early.id });
      }
      await em.nativeUpdate(
        GroupEntity,
        { id: old.id },
        { telegramChatId: toChatId, active: true, updatedAt: new Date() },
      );
    });
  }

  /** Without a role, whoever was known as an administrator stays one. */
  async confirmMember(groupId: string, personId: string, role?: GroupMember['role']): Promise<void> {
    await this.#db.em.upsert(
      GroupMemberEntity,
      { groupId, personId, role: role ?? 'member', confirmedAt: new Date() },
      {
        onConflictFields: ['groupId', 'personId'],
        ...(role === undefined ? { onConflictExcludeFields: ['role'] } : {}),
      },
    );
  }

  async removeMember(groupId: string, personId: string): Promise<void> {
    await this.#db.em.nativeDelete(GroupMemberEntity, { groupId, personId });
  }

  async isMember(groupId: string, personId: string): Promise<boolean> {
    const [group, member] = await Promise.all([
      this.find(groupId),
      this.#db.em.findOne(GroupMemberEntity, { groupId, personId }),
    ]);
    if (!group) return false;
    const fresh = member && Date.now() - member.confirmedAt.getTime() < confirmationLife;
    if (fresh || !this.#lookup) return member !== null;
    const role = await this.#lookup(group, personId);
    if (role === undefined) return member !== null;
    if (role === 'none') {
      await this.removeMember(groupId, personId);
      return false;
    }
    await this.confirmMember(groupId, personId, role);
    return true;
  }

  async ofPerson(personId: string): Promise<Group[]> {
    const members = await this.#db.em.find(GroupMemberEntity, { personId });
    if (members.length === 0) return [];
    return this.#db.em.find(
      GroupEntity,
      { id: { $in: members.map((member) => member.groupId) }, active: true },
      { orderBy: { title: 'asc' } },
    );
  }

  /** Everybody known to be in the group, from the database alone: it is asked inside transactions. */
  async membersOf(groupId: string): Promise<readonly string[]> {
    const members = await this.#db.em.find(GroupMemberEntity, { groupId });
    return members.map((member) => member.personId);
  }

  /** Groups that the person administers; for the profile. */
  countManaged(personId: string): Promise<number> {
    return this.#db.em.count(GroupMemberEntity, { personId, role: 'admin' });
  }
}
