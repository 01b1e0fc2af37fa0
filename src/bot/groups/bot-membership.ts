// The bot itself: added to a group, removed from it, blocked by a person. It says nothing in the group unasked.
import { Composer } from 'grammy';
import type { ChatMember } from 'grammy/types';
import type { BotContext } from '../context.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { attempt } from '../outbound/outcome.ts';
import { roleFrom } from './membership.ts';

export function botMembership({ services, privateChats }: HandlerDeps): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  composer.on('my_chat_member', async (ctx) => {
    const { old_chat_member: before, new_chat_member: now } = ctx.myChatMember;
    const isIn = roleFrom(now) !== 'none';
    if (!ctx.group) {
      await privateChats.change(ctx.person.id, { reachable: isIn });
      return;
    }
    await services.groups.setActive(ctx.group.id, isIn);
    if (!isIn || roleFrom(before) !== 'none') return;
    if (ctx.from) {
      const adder = await attempt(() => ctx.getChatMember(ctx.person.telegramUserId ?? 0));
      const role = adder.status === 'ok' && roleFrom(adder.value) === 'admin' ? 'admin' : 'member';
      await services.groups.confirmMember(ctx.group.id, ctx.person.id, role);
    }
    await tellAdder(ctx, privateChats, now);
  });
  return composer;
}

/** Whoever added the bot reads privately what works there; somebody who never started the bot cannot be told. */
async function tellAdder(
  ctx: BotContext,
  privateChats: HandlerDeps['privateChats'],
  now: ChatMember,
): Promise<void> {
  const { t, group, person, me } = ctx;
  if (!group || person.telegramUserId === null || person.telegramUserId === undefined) return;
  if (!(await privateChats.isReachable(person.id))) return;
  const seesAll = me.can_read_all_group_messages || now.status === 'administrator';
  const mute = now.status === 'restricted' && !now.can_send_messages;
  const lines = [
    t.group.added(group.title),
    t.group.works(me.username),
    seesAll ? t.group.seesAll : t.group.privacyMode,
    ...(mute ? [t.group.cannotWrite] : []),
  ];
  const chatId = person.telegramUserId;
  const told = await attempt(() => ctx.api.sendMessage(chatId, lines.join('\n\n')));
  if (told.status === 'dead_chat') await privateChats.change(person.id, { reachable: false });
}
