// Who is speaking, and where: worked out once for every update, before anything is done with it.
import type { ConversationFlavor } from '@grammyjs/conversations';
import type { Context, MiddlewareFn } from 'grammy';
import type { Group } from '#shared/groups/entities.ts';
import type { PersonCaller } from '#shared/identity/caller.ts';
import type { Person } from '#shared/identity/entities.ts';
import type { Language } from '#shared/language.ts';
import { type Addressing, addressingOf } from './groups/addressing.ts';
import type { HandlerDeps } from './handler-deps.ts';
import { type Texts, textsIn } from './locales/texts.ts';
import { Press } from './press.ts';

export interface Place {
  chatId: number;
  kind: 'private' | 'group';
  /** Topic of a group with topics; undefined in its general one. */
  topicId?: number;
}

export interface ContextParts {
  person: Person;
  caller: PersonCaller;
  language: Language;
  t: Texts;
  place: Place;
  /** Set in groups. */
  group: Group | undefined;
  /** How the message speaks to the bot; `nobody` for updates that are no message. */
  addressing: Addressing;
  press: Press;
}

export type BotContext = ConversationFlavor<Context & ContextParts>;

/** Ends updates that nobody can be answered for: channels, anonymous admins, other bots. */
export function identify({ services, privateChats }: HandlerDeps): MiddlewareFn<BotContext> {
  return async (ctx, next) => {
    const { from, chat, msg, message } = ctx;
    if (!from || from.is_bot || !chat || chat.type === 'channel') return;
    const isPrivate = chat.type === 'private';
    const topicId = !isPrivate && msg?.is_topic_message ? msg.message_thread_id : undefined;
    // First what needs nobody's help, so that an error can be told whatever fails.
    ctx.press = new Press(ctx);
    ctx.addressing = message ? addressingOf(message, ctx.me) : { by: 'nobody' };
    ctx.place = {
      chatId: chat.id,
      kind: isPrivate ? 'private' : 'group',
      ...(topicId === undefined ? {} : { topicId }),
    };
    const person = await services.people.fromTelegram(from);
    setPerson(ctx, person, services.people.callerOf(person));
    if (chat.type === 'private') {
      if (message ?? ctx.callbackQuery) await privateChats.seen(person.id);
    } else {
      // The last word from a group that the bot was removed from; it would make the group active again.
      if (message?.left_chat_member?.id === ctx.me.id) return;
      ctx.group = await groupOf(ctx, chat, services.groups);
    }
    await next();
  };
}

/** Also after the person changed their language: what is said next is in the new one. */
export function setPerson(ctx: BotContext, person: Person, caller: PersonCaller): void {
  ctx.person = person;
  ctx.caller = caller;
  ctx.language = person.language;
  ctx.t = textsIn(person.language);
}

/** A press alone does not prove that the bot is still in the group: old messages keep their buttons. */
async function groupOf(
  ctx: BotContext,
  { id, title, username }: { id: number; title: string; username?: string | undefined },
  groups: HandlerDeps['services']['groups'],
): Promise<Group> {
  const known = ctx.callbackQuery ? await groups.findByChat(id) : undefined;
  return known ?? groups.fromTelegram({ id, title, username, language: ctx.language });
}
