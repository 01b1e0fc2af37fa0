// Who is in a group, from what Telegram tells by itself and, at most once an hour for each person, when asked.
import { type Api, Composer, type MiddlewareFn } from 'grammy';
import type { ChatMember, User } from 'grammy/types';
import type { Group, GroupMember } from '#shared/groups/entities.ts';
import type { MembershipLookup } from '#shared/groups/group-service.ts';
import type { Groups, People, Services } from '#shared/services.ts';
import type { BotContext } from '../context.ts';
import { attempt } from '../outbound/outcome.ts';

/** Milliseconds for which a person who was seen in a group is not looked up again. */
const confirmedFor = 3600 * 1000;
const maxRemembered = 10_000;

type Role = GroupMember['role'] | 'none';

export class Memberships {
  readonly #groups: Pick<Groups, 'confirmMember' | 'removeMember'>;
  readonly #people: Pick<People, 'fromTelegram'>;
  readonly #confirmed = new Map<string, number>();

  constructor(services: Pick<Services, 'groups' | 'people'>) {
    this.#groups = services.groups;
    this.#people = services.people;
  }

  /** Whoever does something in a group is in it. */
  confirmActor(): MiddlewareFn<BotContext> {
    return async (ctx, next) => {
      const { group, person, message } = ctx;
      const acts = ctx.callbackQuery ?? (message?.left_chat_member ? undefined : message);
      if (group && acts && ctx.from && !this.#isFresh(group.id, person.id)) {
        const role = await roleOf(ctx.api, ctx.place.chatId, ctx.from.id);
        await this.#set(group.id, person.id, role === 'admin' ? 'admin' : 'member');
      }
      await next();
    };
  }

  /** Joins and leaves: as service messages everywhere, as `chat_member` where the bot is an admin. */
  follow(): Composer<BotContext> {
    const composer = new Composer<BotContext>();
    composer.on('message:new_chat_members', async (ctx) => {
      for (const user of ctx.message.new_chat_members) await this.#joined(ctx.group, user, 'member');
    });
    composer.on('message:left_chat_member', (ctx) =>
      this.#joined(ctx.group, ctx.message.left_chat_member, 'none'),
    );
    composer.on('chat_member', (ctx) => {
      const { user } = ctx.chatMember.new_chat_member;
      return this.#joined(ctx.group, user, roleFrom(ctx.chatMember.new_chat_member));
    });
    return composer;
  }

  async #joined(group: Group | undefined, user: User, role: Role): Promise<void> {
    if (!group || user.is_bot) return;
    const person = await this.#people.fromTelegram(user);
    await this.#set(group.id, person.id, role);
  }

  async #set(groupId: string, personId: string, role: Role): Promise<void> {
    const key = `${groupId}:${personId}`;
    this.#confirmed.delete(key);
    if (role === 'none') return this.#groups.removeMember(groupId, personId);
    await this.#groups.confirmMember(groupId, personId, role);
    this.#confirmed.set(key, Date.now());
    const [oldest] = this.#confirmed.keys();
    if (this.#confirmed.size > maxRemembered && oldest !== undefined) this.#confirmed.delete(oldest);
  }

  #isFresh(groupId: string, personId: string): boolean {
    const at = this.#confirmed.get(`${groupId}:${personId}`);
    return at !== undefined && Date.now() - at < confirmedFor;
  }
}

/** For `GroupService.useLookup`: asks Telegram whether somebody is in a group. */
export function membershipLookup(api: Api, people: Pick<People, 'find'>): MembershipLookup {
  return async (group, personId) => {
    const userId = (await people.find(personId))?.telegramUserId;
    return userId === undefined || userId === null ? undefined : roleOf(api, group.telegramChatId, userId);
  };
}

/** Undefined when Telegram cannot tell now. */
async function roleOf(api: Api, chatId: number, userId: number): Promise<Role | undefined> {
  const member = await attempt(() => api.getChatMember(chatId, userId));
  if (member.status === 'ok') return roleFrom(member.value);
  const unknown =
    member.status === 'refused' && /participant_id_invalid|user not found/i.test(member.description);
  return unknown ? 'none' : undefined;
}

export function roleFrom(member: ChatMember): Role {
  switch (member.status) {
    case 'creator':
    case 'administrator':
      return 'admin';
    case 'member':
      return 'member';
    case 'restricted':
      return member.is_member ? 'member' : 'none';
    case 'left':
    case 'kicked':
      return 'none';
  }
}
