// The Bot API objects that stand for our records.
import type { Chat, ChatMember, Message, User } from 'grammy/types';
import type { ChatRecord, MemberStatus, Person } from './state.ts';

export function toChat(record: ChatRecord, person: (id: number) => Person | undefined): Chat {
  if (record.kind === 'private') {
    const { first_name = 'Deleted', last_name, username } = person(record.person) ?? {};
    return {
      id: record.id,
      type: 'private',
      first_name,
      ...(last_name ? { last_name } : {}),
      ...(username ? { username } : {}),
    };
  }
  if (record.type === 'group') return { id: record.id, type: 'group', title: record.title };
  return {
    id: record.id,
    type: 'supergroup',
    title: record.title,
    ...(record.username ? { username: record.username } : {}),
    ...(record.forum ? { is_forum: true } : {}),
  };
}

export function chatMember(user: User, status: MemberStatus): ChatMember {
  if (status === 'creator') return { status, user, is_anonymous: false };
  if (status === 'kicked') return { status, user, until_date: 0 };
  if (status !== 'administrator') return { status, user };
  return {
    status,
    user,
    can_be_edited: false,
    is_anonymous: false,
    can_manage_chat: true,
    can_delete_messages: true,
    can_manage_video_chats: false,
    can_restrict_members: true,
    can_promote_members: false,
    can_change_info: true,
    can_invite_users: true,
    can_post_stories: false,
    can_edit_stories: false,
    can_delete_stories: false,
    can_pin_messages: true,
    can_manage_topics: true,
    can_send_welcome_messages: false,
  };
}

/** Bot API: "the Message object in this field will not contain further reply_to_message fields". */
export function asReplyTarget(message: Message): NonNullable<Message['reply_to_message']> {
  const { reply_to_message: _, ...rest } = message;
  return rest as NonNullable<Message['reply_to_message']>;
}

