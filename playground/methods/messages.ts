// Sending, editing, deleting and copying messages.

import { isDeepStrictEqual } from 'node:util';
import type { InlineKeyboardMarkup, Message } from 'grammy/types';
import { badRequest, notModified } from '../checks/errors.ts';
import { readMarkup } from '../checks/markup.ts';
import { readCaption, readText } from '../checks/text.ts';
import type { ChatRecord, MessageRecord } from '../world/state.ts';
import { isService } from '../world/visibility.ts';
import type { Content } from '../world/world.ts';
import {
  type Call,
  type Method,
  requireChat,
  requireJoinedChat,
  requireWritableChat,
  sendAsBot,
} from './call.ts';

const sendMessage: Method = (call) => {
  const record = requireWritableChat(call);
  const { text, entities } = readText(call.params);
  return sendAsBot(call, record, { text, ...(entities.length > 0 ? { entities } : {}) });
};

const editMessageText: Method = (call) => {
  const { record, held } = requireOwnMessage(call);
  if (held.message.text === undefined) throw badRequest('there is no text in the message to edit');
  const { text, entities } = readText(call.params);
  return edit(call, record, held, { text, entities });
};

const editMessageCaption: Method = (call) => {
  const { record, held } = requireOwnMessage(call);
  if (!held.message.document && !held.message.photo && !held.message.voice) {
    throw badRequest('there is no caption in the message to edit');
  }
  const { text, entities } = readCaption(call.params);
  return edit(call, record, held, { caption: text, caption_entities: entities });
};

const editMessageReplyMarkup: Method = (call) => {
  const { record, held } = requireOwnMessage(call);
  return edit(call, record, held, {});
};

const deleteMessage: Method = (call) => {
  const record = requireJoinedChat(call);
  const id = call.params.int('message_id');
  const held = call.world.message(record, id);
  if (!held || id === undefined) throw badRequest('message to delete not found');
  requireDeletable(call, record, held);
  remove(call, record, [id]);
  return true;
};

const deleteMessages: Method = (call) => {
  const record = requireJoinedChat(call);
  const ids = (call.params.list('message_ids') ?? []).map(Number);
  if (ids.length < 1 || ids.length > 100) throw badRequest('message identifiers are not specified');
  for (const id of ids) {
    const held = call.world.message(record, id);
    if (held) requireDeletable(call, record, held);
  }
  remove(call, record, ids);
  return true;
};

const forwardMessage: Method = (call) => {
  const { message } = requireSource(call, 'forward');
  const record = requireWritableChat(call);
  const date = message.date;
  const origin: Content = message.from
    ? { forward_origin: { type: 'user', date, sender_user: message.from } }
    : {};
  return sendAsBot(call, record, {
    ...bodyOf(message),
    ...(message.forward_origin ? { forward_origin: message.forward_origin } : origin),
  });
};

const copyMessage: Method = (call) => {
  const { message } = requireSource(call, 'copy');
  const record = requireWritableChat(call);
  const caption = call.params.has('caption') ? readCaption(call.params) : undefined;
  const sent = sendAsBot(call, record, {
    ...bodyOf(message),
    ...(caption ? { caption: caption.text, caption_entities: caption.entities } : {}),
  });
  return { message_id: sent.message_id };
};

/** What a copy takes along. */
export function bodyOf(message: Message): Content {
  const { text, entities, caption, caption_entities, document, photo, voice } = message;
  return {
    ...(text === undefined ? {} : { text }),
    ...(entities ? { entities } : {}),
    ...(caption === undefined ? {} : { caption }),
    ...(caption_entities ? { caption_entities } : {}),
    ...(document ? { document } : {}),
    ...(photo ? { photo } : {}),
    ...(voice ? { voice } : {}),
  };
}

function requireSource(call: Call, verb: 'forward' | 'copy'): MessageRecord {
  const from = requireChat(call, 'from_chat_id');
  const held = call.world.message(from, call.params.int('message_id'));
  if (!held) throw badRequest(`message to ${verb} not found`);
  if (isService(held.message) || held.message.has_protected_content) {
    throw badRequest(`the message can't be ${verb === 'copy' ? 'copied' : 'forwarded'}`);
  }
  return held;
}

function requireOwnMessage(call: Call): { record: ChatRecord; held: MessageRecord } {
  if (call.params.has('inline_message_id')) throw badRequest('MESSAGE_ID_INVALID');
  const record = requireWritableChat(call);
  const held = call.world.message(record, call.params.int('message_id'));
  if (!held) throw badRequest('message to edit not found');
  if (held.message.from?.id !== call.world.bot.id || isService(held.message))
    throw badRequest("message can't be edited");
  return { record, held };
}

/** Bot API: an edit without reply_markup removes the inline keyboard. */
function edit(call: Call, record: ChatRecord, held: MessageRecord, change: Content): Message {
  const markup: InlineKeyboardMarkup | undefined = readMarkup(call.params, {
    isPrivate: record.kind === 'private',
  }).inline;
  const { reply_markup: oldMarkup, ...old } = held.message;
  const next = withoutEmptyLists({ ...old, ...change });
  if (isDeepStrictEqual(withoutEmptyLists(old), next) && isDeepStrictEqual(oldMarkup, markup))
    throw notModified();
  held.message = {
    ...next,
    edit_date: Math.floor(Date.now() / 1000),
    ...(markup ? { reply_markup: markup } : {}),
  };
  call.world.changes.tell({ type: 'edited', chat: record.id, record: held });
  return held.message;
}

function withoutEmptyLists(message: Message): Message {
  const { edit_date: _, ...copy } = message;
  if (copy.entities?.length === 0) delete copy.entities;
  if (copy.caption_entities?.length === 0) delete copy.caption_entities;
  return copy;
}

function requireDeletable({ world }: Call, record: ChatRecord, held: MessageRecord): void {
  const own = held.message.from?.id === world.bot.id;
  if (!own && record.kind === 'group' && !world.isAdmin(record, world.bot.id)) {
    throw badRequest("message can't be deleted");
  }
}

function remove({ world }: Call, record: ChatRecord, ids: number[]): void {
  record.messages = record.messages.filter((held) => !ids.includes(held.message.message_id));
  for (const message_id of ids) world.changes.tell({ type: 'deleted', chat: record.id, message_id });
}

export const messageMethods: Record<string, Method> = {
  sendMessage,
  editMessageText,
  editMessageCaption,
  editMessageReplyMarkup,
  deleteMessage,
  deleteMessages,
  forwardMessage,
  copyMessage,
};
