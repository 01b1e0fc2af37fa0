// What is shown for moments: drafts, typing, answers to button presses, reactions.
import type { ReactionType } from 'grammy/types';
import { badRequest, queryTooOld } from '../checks/errors.ts';
import { isObject } from '../checks/params.ts';
import { REACTIONS } from '../checks/reactions.ts';
import { readText } from '../checks/text.ts';
import { type Method, requireJoinedChat, requireTopic, requireWritableChat } from './call.ts';

const TYPING_MS = 5000;
const ACTIONS = new Set(
  'typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker find_location record_video_note upload_video_note'.split(
    ' ',
  ),
);

/** Bot API: private chats only; the draft lives 30 s and goes when a message is sent. */
const sendMessageDraft: Method = (call) => {
  const { params, world } = call;
  const record = requireWritableChat(call);
  if (record.kind !== 'private') throw badRequest('TEXTDRAFT_PEER_INVALID');
  const draftId = params.int('draft_id');
  if (!draftId) throw badRequest('invalid draft_id specified');
  const topic = requireTopic(call, record);
  const { text, entities } = readText(params, { allowEmpty: true });
  world.live.setDraft(record.id, {
    draft_id: draftId,
    text,
    entities,
    can_stop: params.bool('can_stop'),
    keep_on_stop: params.bool('keep_on_stop'),
    stopped: false,
    ...(topic === undefined ? {} : { topic }),
  });
  return true;
};

const sendChatAction: Method = (call) => {
  const record = requireWritableChat(call);
  const action = call.params.string('action');
  if (!ACTIONS.has(action)) throw badRequest('wrong parameter action in request');
  const topic = requireTopic(call, record);
  call.world.live.setTyping(record.id, {
    action,
    until: Date.now() + TYPING_MS,
    ...(topic === undefined ? {} : { topic }),
  });
  return true;
};

const answerCallbackQuery: Method = ({ params, world }) => {
  const text = params.string('text');
  if (text.length > 200) throw badRequest('MESSAGE_TOO_LONG');
  const url = params.string('url');
  if (url && !URL.canParse(url)) throw badRequest('URL_INVALID');
  const answer = { text, alert: params.bool('show_alert'), url };
  if (!world.live.answerPress(params.string('callback_query_id'), answer)) throw queryTooOld();
  return true;
};

/** Bots set one reaction a message at most. */
const setMessageReaction: Method = (call) => {
  const { params, world } = call;
  const record = requireJoinedChat(call);
  const held = world.message(record, params.int('message_id'));
  if (!held) throw badRequest('message to react not found');
  const reactions = (params.list('reaction') ?? []).map(readReaction);
  if (reactions.length > 1) throw badRequest('REACTIONS_TOO_MANY');
  const others = held.reactions.filter((set) => set.user !== world.bot.id);
  held.reactions = [...others, ...reactions.map((reaction) => ({ user: world.bot.id, reaction }))];
  const { message_id } = held.message;
  world.changes.tell({ type: 'reactions', chat: record.id, message_id, reactions: held.reactions });
  return true;
};

function readReaction(value: unknown): ReactionType {
  const emoji = isObject(value) && value['type'] === 'emoji' ? value['emoji'] : undefined;
  const known = REACTIONS.find((reaction) => reaction === emoji);
  if (!known) throw badRequest('REACTION_INVALID');
  return { type: 'emoji', emoji: known };
}

export const liveMethods: Record<string, Method> = {
  sendMessageDraft,
  sendChatAction,
  answerCallbackQuery,
  setMessageReaction,
};
