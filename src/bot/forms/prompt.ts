// Puts the present state of a form before the person.
import type { BotContext } from '../context.ts';
import { textsIn } from '../locales/texts.ts';
import { attempt } from '../outbound/outcome.ts';
import { formatted, say } from '../say.ts';
import { type FormattedText, TextBuilder } from '../text/formatted-text.ts';
import { askedFields, type FormProgress, type OpenForm, withAsked } from './form-progress.ts';
import { isOnlyTyped, type Shown, showChoice, showQuestion, showSummary } from './show-form.ts';

export interface PromptOptions {
  /** Why the question is asked again. */
  reason?: string | undefined;
  /** Stands above the first question. */
  intro?: FormattedText;
  /** Changes the message whose button was pressed instead of sending another one. */
  inPlace?: boolean;
}

/** Answers the progress with the message that was sent; buttons of earlier ones are stale from now on. */
export async function prompt(
  ctx: BotContext,
  open: OpenForm,
  before: FormProgress,
  { reason, intro, inPlace = false }: PromptOptions = {},
): Promise<FormProgress> {
  const progress = { ...before, nonce: before.nonce + 1 };
  const { content, keyboard } = shown(open, progress, reason);
  const builder = new TextBuilder();
  if (intro) builder.appendFormatted(intro).append('\n\n');
  const text = builder.appendFormatted(content).build();
  const field = askedFields(open.form)[progress.at];
  const forcesReply =
    open.isGroup && progress.view === 'question' && field !== undefined && isOnlyTyped(field);
  const pressed = ctx.callbackQuery?.message?.message_id;
  if (inPlace && pressed !== undefined && !forcesReply) {
    const { text: edited, entities } = formatted(text);
    const outcome = await attempt(() =>
      ctx.api.editMessageText(ctx.place.chatId, pressed, edited, {
        entities,
        reply_markup: { inline_keyboard: keyboard },
      }),
    );
    if (outcome.status === 'ok' || outcome.status === 'not_modified') return withAsked(progress, pressed);
  }
  const message = await say(
    ctx,
    toWhom(ctx, text),
    forcesReply ? { forceReply: replyTo(open) } : { keyboard },
  );
  return withAsked(progress, message.message_id);
}

/** What was chosen takes the place of the question's buttons. Only for the eye, so a failure does not matter. */
export async function settleQuestion(
  ctx: BotContext,
  open: OpenForm,
  progress: FormProgress,
  answer: string,
): Promise<void> {
  const pressed = ctx.callbackQuery?.message?.message_id;
  const fields = askedFields(open.form);
  const field = fields[progress.at];
  if (pressed === undefined || !field) return;
  const t = textsIn(open.language);
  const builder = new TextBuilder()
    .append(`${t.form.counter(progress.at + 1, fields.length)} · ${field.label}: `)
    .append(answer || t.form.nothing, { type: 'bold' });
  const { text, entities } = formatted(builder.build());
  await attempt(() => ctx.api.editMessageText(ctx.place.chatId, pressed, text, { entities }));
}

function shown(open: OpenForm, progress: FormProgress, reason: string | undefined): Shown {
  switch (progress.view) {
    case 'question':
      return showQuestion(open, progress, reason);
    case 'summary':
      return showSummary(open, progress);
    case 'choice':
      return showChoice(open, progress);
  }
}

/** A selective force_reply reaches whoever is replied to or mentioned (Bot API, ForceReply). */
function replyTo(open: OpenForm) {
  const { placeholder } = textsIn(open.language).form;
  return { force_reply: true, selective: true, input_field_placeholder: placeholder } as const;
}

/** In a group, a press leaves no message to reply to: then the person is mentioned. */
function toWhom(ctx: BotContext, text: FormattedText): FormattedText {
  const { from } = ctx;
  if (ctx.place.kind === 'private' || ctx.message || !from) return text;
  const entity = { type: 'text_mention' as const, offset: 0, length: from.first_name.length, user: from };
  const builder = new TextBuilder().appendFormatted({ text: from.first_name, entities: [entity] });
  return builder.append('\n').appendFormatted(text).build();
}
