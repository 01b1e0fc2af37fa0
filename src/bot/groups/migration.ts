import { Composer } from 'grammy';
import type { BotContext } from '../context.ts';
import type { HandlerDeps } from '../handler-deps.ts';

/**
 * A group that became a supergroup goes on under its new id. Telegram tells it twice, once in each chat, and in the
 * name of whoever did it or of nobody: so this comes before anything that asks who is speaking.
 */
export function migrations({ services }: Pick<HandlerDeps, 'services'>): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  composer.on('message:migrate_to_chat_id', (ctx) =>
    services.groups.migrate(ctx.chat.id, ctx.message.migrate_to_chat_id),
  );
  composer.on('message:migrate_from_chat_id', (ctx) =>
    services.groups.migrate(ctx.message.migrate_from_chat_id, ctx.chat.id),
  );
  return composer;
}
