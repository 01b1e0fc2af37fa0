// What is neither a command nor an answer to a question of ours: a question to the assistant, or something it cannot use.
import { Composer } from 'grammy';
import type { Message, MessageOrigin } from 'grammy/types';
import { askPrivately } from '../ask.ts';
import type { BotContext } from '../context.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import type { Texts } from '../locales/texts.ts';
import { say } from '../say.ts';

export function privateMessages(deps: HandlerDeps): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  composer.on('message', async (ctx, next) => {
    if (ctx.place.kind !== 'private') return next();
    const { message, t } = ctx;
    if (message.text === undefined) {
      const sentence = unusable(message, t);
      if (sentence !== undefined) await say(ctx, sentence);
      return;
    }
    const origin = message.forward_origin;
    await askPrivately(
      ctx,
      deps,
      origin ? t.content.forwarded(nameOf(origin, t), message.text) : message.text,
    );
  });
  return composer;
}

/** Undefined for messages that nobody wrote, such as "pinned a message". */
function unusable(message: Message, t: Texts): string | undefined {
  const { content } = t;
  if (message.voice || message.audio || message.video_note) return content.voice;
  if (message.photo) return content.photo;
  if (message.sticker || message.animation) return content.sticker;
  if (message.document) return content.document;
  const written =
    message.video || message.location || message.contact || message.poll || message.dice || message.story;
  return written ? content.other : undefined;
}

function nameOf(origin: MessageOrigin, t: Texts): string {
  switch (origin.type) {
    case 'user':
      return [origin.sender_user.first_name, origin.sender_user.last_name].filter(Boolean).join(' ');
    case 'hidden_user':
      return origin.sender_user_name;
    case 'chat':
      return 'title' in origin.sender_chat
        ? (origin.sender_chat.title ?? t.content.somebody)
        : t.content.somebody;
    case 'channel':
      return origin.chat.title;
  }
}
