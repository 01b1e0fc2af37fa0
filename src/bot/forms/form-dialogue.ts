import { type Conversation, createConversation } from '@grammyjs/conversations';
import { Composer, type Context } from 'grammy';
import type { BotContext } from '../context.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { dialogueLife } from '../state/dialogue-storage.ts';
import { advanceForm } from './advance-form.ts';
import { askedFields, closed, type FormProgress, type FormStart, type OpenForm } from './form-progress.ts';
import { openForm } from './open-form.ts';
import { prompt } from './prompt.ts';
import { parsePressData, readInput } from './read-input.ts';
import { showIntro } from './show-form.ts';

const id = 'form';

/** Leaves whatever dialogue there is and begins to ask for this form. */
export async function enterForm(ctx: BotContext, start: FormStart): Promise<void> {
  await ctx.conversation.exitAll();
  await ctx.conversation.enter(id, start);
}

export function isFillingForm(ctx: BotContext): boolean {
  return ctx.conversation.active(id) > 0;
}

/**
 * Everything that has an effect happens inside `external`, which is not repeated when the plugin replays the dialogue
 * for the next update; and through the outer context, whose calls pass the outbound gateway.
 */
export function formDialogue(deps: HandlerDeps) {
  const dialogue = async (
    conversation: Conversation<BotContext>,
    _ctx: Context,
    start: FormStart,
  ): Promise<void> => {
    const opened = await conversation.external((ctx: BotContext) => openForm(ctx, deps, start));
    if (opened.status === 'refused') return;
    let progress = await conversation.external((ctx: BotContext) => begin(ctx, deps, opened));
    while (progress.status === 'open') {
      const { update, me } = await conversation.wait();
      const input = readInput(update, opened, progress, me);
      if (input.kind === 'foreign') await conversation.skip();
      const before = progress;
      progress = await conversation.external((ctx: BotContext) =>
        advanceForm(ctx, deps, opened, before, input),
      );
    }
  };
  // Parallel only in name: what the form does not take goes on to the other handlers.
  return createConversation<BotContext, Context>(dialogue, {
    id,
    parallel: true,
    maxMillisecondsToWait: dialogueLife,
  });
}

/** Buttons of forms that nobody waits for any more, or of somebody else's. */
export function strayFormButtons(): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  composer.on('callback_query:data', async (ctx, next) => {
    const pressed = parsePressData(ctx.callbackQuery.data);
    if (!pressed) return next();
    const mine = pressed.owner === ctx.from.id.toString(36);
    await ctx.press.answer(mine ? ctx.t.form.over : ctx.t.form.foreign, { alert: true });
  });
  return composer;
}

async function begin(ctx: BotContext, deps: HandlerDeps, open: OpenForm): Promise<FormProgress> {
  const first: FormProgress = {
    ...closed,
    status: 'open',
    view: askedFields(open.form).length > 0 ? 'question' : 'summary',
  };
  try {
    const intro = first.view === 'question' ? { intro: showIntro(open.form, open.language) } : {};
    return await prompt(ctx, open, first, intro);
  } catch (error) {
    deps.logger.error({ error, update_id: ctx.update.update_id }, 'The first question could not be asked');
    return closed;
  }
}
