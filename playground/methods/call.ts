// What a method gets, and the steps that most sending methods share.
import type { Message } from 'grammy/types';
import { badRequest, blockedByUser, chatNotFound, forbidden, threadNotFound } from '../checks/errors.ts';
import { readMarkup } from '../checks/markup.ts';
import type { Params } from '../checks/params.ts';
import type { Files } from '../files.ts';
import type { Poller } from '../updates/poller.ts';
import type { WebhookSender } from '../updates/webhook.ts';
import { asReplyTarget } from '../world/objects.ts';
import type { ChatRecord, MessageRecord } from '../world/state.ts';
import type { Content, World } from '../world/world.ts';

export interface Call {
  params: Params;
  world: World;
  files: Files;
  poller: Poller;
  webhook: WebhookSender;
  /** Fires when the caller closed the connection. */
  gone: AbortSignal;
}

export type Method = (call: Call) => unknown;

export function requireChat({ params, world }: Call, field = 'chat_id'): ChatRecord {
  const reference = params.string(field);
  if (reference === '') throw badRequest('chat_id is empty');
  return world.requireChat(reference);
}

/** The chat of a call that only its members may make. */
export function requireJoinedChat(call: Call, field = 'chat_id'): ChatRecord {
  const record = requireChat(call, field);
  if (record.kind === 'private') {
    if (!record.started) throw chatNotFound();
    return record;
  }
  if (!call.world.isMember(record, call.world.bot.id)) {
    const kicked = record.members[call.world.bot.id] === 'kicked';
    throw forbidden(`bot ${kicked ? 'was kicked from' : 'is not a member of'} the ${record.type} chat`);
  }
  return record;
}

/** The chat to send to. Throws 403 where the bot may not write. */
export function requireWritableChat(call: Call): ChatRecord {
  const record = requireChat(call);
  if (record.kind === 'group') return requireJoinedChat(call);
  if (record.blocked) throw blockedByUser();
  if (!record.started) {
    const met = call.world
      .groups()
      .some(
        (group) => call.world.isMember(group, record.person) && call.world.isMember(group, call.world.bot.id),
      );
    throw met ? forbidden("bot can't initiate conversation with a user") : chatNotFound();
  }
  return record;
}

/** The topic of a call, undefined for the general one. Telegram refuses the id 1 of General here. */
export function requireTopic(call: Call, record: ChatRecord): number | undefined {
  const id = call.params.int('message_thread_id');
  if (id === undefined || id === 0) return undefined;
  if (record.kind !== 'group' || !record.topics.some((topic) => topic.id === id)) throw threadNotFound();
  return id;
}

function requireReplied({ params, world }: Call, record: ChatRecord): MessageRecord | undefined {
  const reply = params.object('reply_parameters');
  const id = reply ? Number(reply['message_id']) : params.int('reply_to_message_id');
  if (id === undefined || id === 0) return undefined;
  const found = world.message(record, id);
  if (found) return found;
  if (reply?.['allow_sending_without_reply'] === true || params.bool('allow_sending_without_reply'))
    return undefined;
  throw badRequest('message to be replied not found');
}

/** The fields that put a message into its topic. There every message without a reply replies to the topic's first one. */
export function inTopic(world: World, record: ChatRecord, topic: number | undefined): Content {
  if (topic === undefined) return {};
  const first = world.message(record, topic)?.message;
  return {
    message_thread_id: topic,
    is_topic_message: true,
    ...(first ? { reply_to_message: asReplyTarget(first) } : {}),
  };
}

/** Sends as the bot: reply, quote, topic and keyboard come from the call. The draft of the chat goes away. */
export function sendAsBot(call: Call, record: ChatRecord, content: Content): Message {
  const { world, params } = call;
  const replied = requireReplied(call, record);
  const topic = requireTopic(call, record) ?? topicOf(replied?.message);
  const markup = readMarkup(params, { isPrivate: record.kind === 'private' });
  const message = world.append(
    record,
    world.botUser(),
    {
      ...inTopic(world, record, topic),
      ...(replied ? { reply_to_message: asReplyTarget(replied.message) } : {}),
      ...quoteOf(call, replied?.message),
      ...content,
      ...(params.bool('protect_content') ? { has_protected_content: true } : {}),
      ...(markup.inline ? { reply_markup: markup.inline } : {}),
    },
    markup.other,
  );
  world.live.removeDraft(record.id);
  world.live.clearTyping(record.id);
  return message;
}

function topicOf(message: Message | undefined): number | undefined {
  return message?.is_topic_message ? message.message_thread_id : undefined;
}

function quoteOf({ params }: Call, replied: Message | undefined): Content {
  const quote = params.object('reply_parameters')?.['quote'];
  if (typeof quote !== 'string' || quote === '' || !replied) return {};
  const position = (replied.text ?? replied.caption ?? '').indexOf(quote);
  if (position < 0) throw badRequest('QUOTE_TEXT_INVALID');
  return { quote: { text: quote, position, is_manual: true } };
}
