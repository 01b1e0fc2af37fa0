// Keyboards: which buttons are refused, and with which words.
import type {
  ForceReply,
  InlineKeyboardMarkup,
  ReplyKeyboardMarkup,
  ReplyKeyboardRemove,
} from 'grammy/types';
import { badRequest } from './errors.ts';
import { isLoopback } from './loopback.ts';
import { isObject, type Json, type Params, textOf } from './params.ts';

interface Markup {
  inline?: InlineKeyboardMarkup;
  other?: ReplyKeyboardMarkup | ReplyKeyboardRemove | ForceReply;
}

const MAX_BUTTONS = 100;
const MAX_MARKUP_BYTES = 10_000;
const INLINE_KINDS =
  'url callback_data web_app login_url switch_inline_query switch_inline_query_current_chat switch_inline_query_chosen_chat copy_text callback_game pay disabled'.split(
    ' ',
  );

export function readMarkup(params: Params, { isPrivate }: { isPrivate: boolean }): Markup {
  const markup = params.object('reply_markup');
  if (!markup || Object.keys(markup).length === 0) return {};
  if (Buffer.byteLength(JSON.stringify(markup)) > MAX_MARKUP_BYTES)
    throw badRequest('reply markup is too long');
  if ('inline_keyboard' in markup) {
    const rows = readRows(markup['inline_keyboard'], 'inline keyboard');
    for (const button of rows.flat()) checkInlineButton(button, isPrivate);
    const kept = rows.filter((row) => row.length > 0);
    return kept.length > 0 ? { inline: { inline_keyboard: kept } as object as InlineKeyboardMarkup } : {};
  }
  if ('keyboard' in markup) {
    for (const button of readRows(markup['keyboard'], 'reply keyboard').flat())
      checkReplyButton(button, isPrivate);
    return { other: markup as object as ReplyKeyboardMarkup };
  }
  if (markup['remove_keyboard'] === true) return { other: markup as object as ReplyKeyboardRemove };
  if (markup['force_reply'] === true) return { other: markup as object as ForceReply };
  throw badRequest('object expected as reply markup');
}

/** Strings are buttons too in reply keyboards. */
function readRows(value: unknown, where: string): Json[][] {
  if (!Array.isArray(value)) throw badRequest(`field "${where.replace(' ', '_')}" must be of type Array`);
  const rows = value.map((row: unknown) => {
    if (!Array.isArray(row)) throw badRequest(`can't parse ${where} button: expected an Array of Array`);
    return row.map((button: unknown) => {
      if (typeof button === 'string' && where === 'reply keyboard') return { text: button };
      if (!isObject(button)) throw badRequest(`can't parse ${where} button: expected an Object`);
      return button;
    });
  });
  if (rows.flat().length > MAX_BUTTONS) throw badRequest('REPLY_MARKUP_TOO_LONG');
  return rows;
}

function checkInlineButton(button: Json, isPrivate: boolean): void {
  checkLabel(button, 'inline keyboard');
  const kinds = INLINE_KINDS.filter((kind) => button[kind] !== undefined);
  if (kinds.length === 0) {
    throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
  }
  if (kinds.length > 1) throw badRequest("can't parse inline keyboard button: exactly one type is expected");
  if (button['callback_data'] !== undefined) {
    const data = button['callback_data'];
    if (typeof data !== 'string') throw badRequest('field "callback_data" must be of type String');
    const bytes = Buffer.byteLength(data);
    if (bytes < 1 || bytes > 64) throw badRequest('BUTTON_DATA_INVALID');
  }
  if (button['web_app'] !== undefined) {
    if (!isPrivate) throw badRequest('BUTTON_TYPE_INVALID');
    checkWebAppUrl(button['web_app'], 'inline keyboard button');
  }
  if (button['url'] !== undefined) {
    const url = textOf(button['url']);
    const valid = URL.canParse(url) && /^(?:https?|tg|mailto|tel|ton):$/u.test(new URL(url).protocol);
    if (!valid) throw badRequest(`inline keyboard button URL '${url}' is invalid: Wrong HTTP URL`);
  }
  const copy = button['copy_text'];
  if (copy !== undefined) {
    const text = isObject(copy) ? copy['text'] : undefined;
    if (typeof text !== 'string' || text.length < 1 || text.length > 256)
      throw badRequest('BUTTON_COPY_TEXT_INVALID');
  }
}

function checkReplyButton(button: Json, isPrivate: boolean): void {
  checkLabel(button, 'keyboard');
  if (button['web_app'] === undefined) return;
  if (!isPrivate) throw badRequest('web App buttons can be used in private chats only');
  checkWebAppUrl(button['web_app'], 'keyboard button');
}

function checkLabel(button: Json, where: string): void {
  if (button['text'] === undefined) throw badRequest(`can't parse ${where} button: Can't find field "text"`);
  if (typeof button['text'] !== 'string' || button['text'].trim() === '') {
    throw badRequest(`${where} button text must be non-empty`);
  }
}

/** Telegram wants HTTPS; here the Mini App of this machine may be plain HTTP. */
export function checkWebAppUrl(webApp: unknown, where: string): string {
  const url = isObject(webApp) ? textOf(webApp['url']) : '';
  if (!URL.canParse(url)) throw badRequest(`${where} Web App URL '${url}' is invalid: Wrong HTTP URL`);
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname))) {
    throw badRequest(`${where} Web App URL '${url}' is invalid: Only HTTPS links are allowed`);
  }
  return url;
}
