// Chats and their members, as the bot sees and changes them.
import { badRequest } from '../checks/errors.ts';
import { changeMember, createTopic } from '../world/groups.ts';
import type { GroupRecord } from '../world/state.ts';
import { type Call, type Method, requireChat, requireJoinedChat } from './call.ts';

const TOPIC_COLORS = [7322096, 16766590, 13338331, 9367192, 16749490, 16478047];

const getChat: Method = (call) => {
  const record = requireJoinedChat(call);
  return {
    ...call.world.chatOf(record),
    accent_color_id: Math.abs(record.id) % 7,
    max_reaction_count: 11,
    accepted_gift_types: {
      unlimited_gifts: false,
      limited_gifts: false,
      unique_gifts: false,
      premium_subscription: false,
      gifts_from_channels: false,
    },
    ...(record.kind === 'group'
      ? { permissions: { can_send_messages: true }, join_to_send_messages: true }
      : {}),
  };
};

const getChatMember: Method = (call) => {
  const record = requireJoinedChat(call);
  const id = call.params.int('user_id');
  const user = id === undefined ? undefined : call.world.user(id);
  if (!user) throw badRequest(id === undefined ? 'invalid user_id specified' : 'PARTICIPANT_ID_INVALID');
  if (record.kind === 'private' && !call.world.isMember(record, user.id)) throw badRequest('user not found');
  return call.world.memberOf(record, user);
};

const getChatAdministrators: Method = (call) => {
  const record = requireJoinedChat(call);
  if (record.kind === 'private') throw badRequest('there are no administrators in the private chat');
  return members(call, record)
    .filter((user) => call.world.isAdmin(record, user.id))
    .map((user) => call.world.memberOf(record, user));
};

const getChatMemberCount: Method = (call) => {
  const record = requireJoinedChat(call);
  return record.kind === 'private' ? 2 : members(call, record).length;
};

const leaveChat: Method = (call) => {
  const record = requireJoinedChat(call);
  if (record.kind === 'private') throw badRequest("chat member status can't be changed in private chats");
  const bot = call.world.botUser();
  changeMember(call.world, record, bot, 'left', bot);
  return true;
};

const createForumTopic: Method = (call) => {
  const record = requireAdministered(call);
  if (!record.forum) throw badRequest('the chat is not a forum');
  const name = call.params.string('name');
  if (name.length < 1 || name.length > 128) throw badRequest('TOPIC_TITLE_EMPTY');
  const color = call.params.int('icon_color') ?? TOPIC_COLORS[record.topics.length % TOPIC_COLORS.length];
  const topic = createTopic(call.world, record, call.world.botUser(), name, color);
  return { message_thread_id: topic.id, name: topic.name, icon_color: topic.color };
};

const banChatMember: Method = (call) => changeOther(call, 'kicked');
const unbanChatMember: Method = (call) => changeOther(call, 'left');

function changeOther(call: Call, status: 'kicked' | 'left'): true {
  const record = requireAdministered(call);
  const user = call.world.person(call.params.int('user_id') ?? 0);
  if (!user) throw badRequest('PARTICIPANT_ID_INVALID');
  if (call.world.isAdmin(record, user.id)) throw badRequest("can't remove chat owner");
  changeMember(call.world, record, user, status, call.world.botUser());
  return true;
}

const pinChatMessage: Method = (call) => {
  const record = requireJoinedChat(call);
  if (record.kind === 'group') requireAdministered(call);
  const held = call.world.message(record, call.params.int('message_id'));
  if (!held) throw badRequest('message to pin not found');
  return true;
};

function requireAdministered(call: Call): GroupRecord {
  const record = requireChat(call);
  if (record.kind === 'private')
    throw badRequest('method is available for supergroup and channel chats only');
  requireJoinedChat(call);
  if (!call.world.isAdmin(record, call.world.bot.id)) throw badRequest('not enough rights');
  return record;
}

function members({ world }: Call, record: GroupRecord) {
  return Object.keys(record.members).flatMap((id) => {
    const user = world.user(Number(id));
    return user && world.isMember(record, user.id) ? [user] : [];
  });
}

export const chatMethods: Record<string, Method> = {
  getChat,
  getChatMember,
  getChatAdministrators,
  getChatMemberCount,
  leaveChat,
  createForumTopic,
  banChatMember,
  unbanChatMember,
  pinChatMessage,
};
