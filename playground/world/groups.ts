// What happens to groups: made, joined, left, given topics, upgraded.
import type { User } from 'grammy/types';
import type { GroupRecord, MemberStatus, Topic } from './state.ts';
import type { World } from './world.ts';

/** Changes a membership, with the service message and the updates that Telegram makes of it. */
export function changeMember(
  world: World,
  record: GroupRecord,
  user: User,
  status: MemberStatus,
  by: User,
): void {
  const before = record.members[user.id] ?? 'left';
  if (before === status) return;
  const wasIn = world.isMember(record, user.id);
  const old = world.memberOf(record, user);
  record.members[user.id] = status;
  const isIn = world.isMember(record, user.id);
  const isBot = user.id === world.bot.id;
  const change = {
    chat: world.chatOf(record),
    from: by,
    date: Math.floor(Date.now() / 1000),
    old_chat_member: old,
    new_chat_member: world.memberOf(record, user),
  };
  // The bot learns about itself always, about others only as an administrator.
  if (isBot) world.updates.push('my_chat_member', change);
  else if (world.isAdmin(record, world.bot.id)) world.updates.push('chat_member', change);
  if (!wasIn && isIn) world.append(record, by, { new_chat_members: [user] });
  if (wasIn && !isIn) world.append(record, by, { left_chat_member: user });
  world.changes.tell({ type: 'chat', chat: record.id });
}

export function createTopic(
  world: World,
  record: GroupRecord,
  by: User,
  name: string,
  color = 7322096,
): Topic {
  const id = record.nextMessageId;
  world.append(record, by, {
    forum_topic_created: { name, icon_color: color },
    message_thread_id: id,
    is_topic_message: true,
  });
  const topic: Topic = { id, name, color };
  record.topics.push(topic);
  record.forum = true;
  world.changes.tell({ type: 'chat', chat: record.id });
  return topic;
}

/** The chat goes on under a new id; calls with the old one are told the new one. Returns the new id. */
export function migrateGroup(world: World, record: GroupRecord): number {
  const from = record.id;
  const to = -1_000_000_000_000 - world.state.nextGroupId;
  world.state.nextGroupId += 1;
  const owner = Object.keys(record.members).find((id) => record.members[Number(id)] === 'creator');
  const by = world.user(Number(owner)) ?? world.botUser();
  const told = by.id === world.bot.id ? { ...by, id: 0 } : by;
  world.append(record, told, { migrate_to_chat_id: to });
  world.state.migrations.push({ from, to });
  record.id = to;
  record.type = 'supergroup';
  world.append(record, told, { migrate_from_chat_id: from });
  world.changes.tell({ type: 'chat' });
  return to;
}
