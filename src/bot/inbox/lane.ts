import type { Chat, Update, User } from 'grammy/types';

/**
 * A press of Stop must not wait behind the question that it stops, nor behind anything else in its chat
 * (Bot API: `stopped_message_generation` for drafts; a button and /stop elsewhere).
 */
export function isUrgent(update: Update): boolean {
  return (
    update.stopped_message_generation !== undefined ||
    update.callback_query?.data?.startsWith('stop:') === true ||
    /^\/stop(?:@\w+)?(?:\s|$)/i.test(update.message?.text ?? '')
  );
}

/** What the update is ordered by: its chat, else the person, else nothing. */
export function laneOf(update: Update): string {
  if (isUrgent(update)) return `urgent:${update.update_id}`;
  const { update_id: _, ...kinds } = update;
  for (const content of Object.values(kinds) as {
    chat?: Chat;
    message?: { chat: Chat };
    from?: User;
    user?: User;
  }[]) {
    const chat = content.chat ?? content.message?.chat;
    if (chat) return `chat:${chat.id}`;
    const user = content.from ?? content.user;
    if (user) return `user:${user.id}`;
  }
  return `update:${update.update_id}`;
}
