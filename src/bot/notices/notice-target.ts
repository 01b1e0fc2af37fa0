import type { Notice } from '#shared/notifications/entities.ts';
import type { Services } from '#shared/services.ts';
import type { Reader } from '../locales/moments.ts';
import type { PrivateChats } from '../state/private-chats.ts';

export interface Target {
  status: 'found';
  chatId: number;
  kind: 'private' | 'group';
  topicId: number | undefined;
  reader: Reader;
}

/** The chat of a notice, or why there is none to send to. */
export async function findTarget(
  notice: Notice,
  {
    groups,
    people,
    privateChats,
  }: { groups: Pick<Services['groups'], 'find'>; people: Services['people']; privateChats: PrivateChats },
): Promise<Target | { status: 'none'; reason: string }> {
  if (notice.targetKind === 'group') {
    const group = await groups.find(notice.targetId);
    if (!group?.active) return { status: 'none', reason: 'the bot is not in the group any more' };
    return {
      status: 'found',
      chatId: group.telegramChatId,
      kind: 'group',
      topicId: notice.topicId ?? undefined,
      reader: { language: group.language, timeZone: 'UTC' },
    };
  }
  const person = await people.find(notice.targetId);
  const chatId = person?.telegramUserId;
  if (!person || chatId === null || chatId === undefined)
    return { status: 'none', reason: 'no Telegram account' };
  if (!person.notifications && notice.messageId === null)
    return { status: 'none', reason: 'notifications are off' };
  if (!(await privateChats.isReachable(person.id)))
    return { status: 'none', reason: 'the person never started the bot' };
  return {
    status: 'found',
    chatId,
    kind: 'private',
    topicId: undefined,
    reader: { language: person.language, timeZone: person.timeZone },
  };
}
