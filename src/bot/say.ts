// Sending as the bot speaks: into the topic of the asker, as a reply in groups, with entities instead of a parse mode.
import type { ForceReply, InlineKeyboardButton, Message } from 'grammy/types';
import type { BotContext } from './context.ts';
import { attempt } from './outbound/outcome.ts';
import { type FormattedText, slice } from './text/formatted-text.ts';

export type Content = string | FormattedText;
export type Keyboard = InlineKeyboardButton[][];

/** UTF-16 units of a message (Bot API, sendMessage). */
const maxMessage = 4096;

export interface SayOptions {
  keyboard?: Keyboard;
  forceReply?: ForceReply;
}

export function say(ctx: BotContext, content: Content, options: SayOptions = {}): Promise<Message> {
  const { place } = ctx;
  const { text, entities } = formatted(content);
  const markup = options.forceReply ?? (options.keyboard ? { inline_keyboard: options.keyboard } : undefined);
  return ctx.api.sendMessage(place.chatId, text, {
    entities,
    ...(place.topicId === undefined ? {} : { message_thread_id: place.topicId }),
    ...(place.kind === 'group' && ctx.message
      ? { reply_parameters: { message_id: ctx.message.message_id, allow_sending_without_reply: true } }
      : {}),
    ...(markup ? { reply_markup: markup } : {}),
  });
}

/** After a press: changes the message with the button. Else, or when that cannot be changed: a new message. */
export async function show(ctx: BotContext, content: Content, keyboard: Keyboard = []): Promise<void> {
  const pressed = ctx.callbackQuery?.message;
  if (!pressed) {
    await say(ctx, content, { keyboard });
    return;
  }
  const { text, entities } = formatted(content);
  const edited = await attempt(() =>
    ctx.api.editMessageText(ctx.place.chatId, pressed.message_id, text, {
      entities,
      reply_markup: { inline_keyboard: keyboard },
    }),
  );
  if (edited.status === 'gone' || edited.status === 'refused') await say(ctx, content, { keyboard });
}

/** With a fitting length and without what Telegram would not take. */
export function formatted(content: Content): FormattedText {
  const whole = typeof content === 'string' ? { text: content, entities: [] } : content;
  if (whole.text.length <= maxMessage) return whole;
  const cut = slice(whole, 0, clip(whole.text, maxMessage).length - 1);
  return { text: `${cut.text}…`, entities: cut.entities };
}

/** At most `length` UTF-16 units, ended by an ellipsis when something is missing; never half a surrogate pair. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = length - 1;
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
  return `${text.slice(0, splitsPair ? end - 1 : end)}…`;
}

/** Buttons below one another, or `perRow` beside each other. */
export function rows(buttons: readonly InlineKeyboardButton[], perRow = 1): Keyboard {
  const keyboard: Keyboard = [];
  for (let at = 0; at < buttons.length; at += perRow) keyboard.push(buttons.slice(at, at + perRow));
  return keyboard;
}
