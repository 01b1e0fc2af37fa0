// One line for a message: in the chat list, in reply quotes, in service notices.
import { fullName } from './dom.js';

export function plainText(message) {
  const notice = serviceText(message);
  if (notice) return notice;
  if (message.text !== undefined) return message.text.replaceAll(/\s+/gu, ' ').slice(0, 140);
  const kind = message.photo
    ? 'Photo'
    : message.voice
      ? 'Voice message'
      : (message.document?.file_name ?? 'Message');
  return message.caption ? `${kind}, ${message.caption}` : kind;
}

export function serviceText(message) {
  const who = fullName(message.from);
  if (message.new_chat_members) {
    const added = message.new_chat_members.map(fullName).join(', ');
    return message.new_chat_members[0]?.id === message.from?.id
      ? `${who} joined the group`
      : `${who} added ${added}`;
  }
  if (message.left_chat_member) {
    const left = message.left_chat_member;
    return left.id === message.from?.id
      ? `${fullName(left)} left the group`
      : `${who} removed ${fullName(left)}`;
  }
  if (message.forum_topic_created) return `${who} created the topic “${message.forum_topic_created.name}”`;
  if (message.migrate_to_chat_id) return 'This group was upgraded to a supergroup';
  if (message.migrate_from_chat_id) return 'The group became a supergroup';
  if (message.web_app_data) return `Data from “${message.web_app_data.button_text}” was sent to the bot`;
  return null;
}
