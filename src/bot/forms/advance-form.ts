// One step of a form dialogue: what was there and what came in, to what is there now.
import type { FormField, FormValues } from '#shared/contracts/forms.ts';
import { parseFieldInput } from '#shared/workflows/forms/parse-field-input.ts';
import type { BotContext } from '../context.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { dayFromNow } from '../locales/moments.ts';
import { textsIn } from '../locales/texts.ts';
import { say, show } from '../say.ts';
import {
  afterAnswer,
  askedFields,
  buttonsOf,
  closed,
  defaultOf,
  type FormProgress,
  type OpenForm,
  withAsked,
} from './form-progress.ts';
import { prompt, settleQuestion } from './prompt.ts';
import type { FormInput } from './read-input.ts';
import { closedSentence, sendForm } from './send-form.ts';
import { showSummary, showValue } from './show-form.ts';

type Answer = { status: 'ok'; value: FormValues[string] } | { status: 'invalid'; reason: string };

/** Never throws because of the person or of the services; then the progress stays, and the person may try again. */
export async function advanceForm(
  ctx: BotContext,
  deps: HandlerDeps,
  open: OpenForm,
  progress: FormProgress,
  input: FormInput,
): Promise<FormProgress> {
  try {
    return await step(ctx, deps, open, progress, input);
  } catch (error) {
    // Thrown inside a dialogue, it would end the dialogue and lose what was filled in.
    deps.logger.error({ error, update_id: ctx.update.update_id }, 'A step of a form failed');
    await apologise(ctx, open);
    return progress;
  }
}

async function step(
  ctx: BotContext,
  deps: HandlerDeps,
  open: OpenForm,
  progress: FormProgress,
  input: FormInput,
): Promise<FormProgress> {
  const t = textsIn(open.language);
  if (input.kind === 'cancel' || (input.kind === 'press' && input.what === 'x')) {
    await show(ctx, t.form.cancelled);
    return closed;
  }
  if (input.kind === 'stale') {
    await ctx.press.answer(t.form.answered, { alert: true });
    return progress;
  }
  const over = await closedSentence(ctx, deps.services, open.start, t);
  if (over !== undefined) {
    await show(ctx, over);
    return closed;
  }
  if (input.kind === 'unreadable') {
    const message = await say(ctx, t.form.onlyText);
    return withAsked(progress, message.message_id);
  }
  if (progress.view === 'question') return answerQuestion(ctx, deps, open, progress, input);
  if (input.kind === 'press') return pressEnd(ctx, deps, open, progress, input.what);
  const message = await say(ctx, t.form.pressSend);
  return withAsked(progress, message.message_id);
}

async function answerQuestion(
  ctx: BotContext,
  deps: HandlerDeps,
  open: OpenForm,
  progress: FormProgress,
  input: FormInput,
): Promise<FormProgress> {
  const field = askedFields(open.form)[progress.at];
  if (!field) return prompt(ctx, open, { ...progress, view: 'summary' });
  const read = readAnswer(open, field, input);
  if (!read) return progress;
  const answer = read.status === 'ok' ? checked(deps, open, field, read.value) : read;
  if (answer.status === 'invalid') return prompt(ctx, open, progress, { reason: answer.reason });
  await settleQuestion(ctx, open, progress, showValue(field, answer.value, open.language));
  return prompt(ctx, open, afterAnswer(progress, open.form, answer.value));
}

function readAnswer(open: OpenForm, field: FormField, input: FormInput): Answer | undefined {
  const value = defaultOf(field);
  if (input.kind === 'text') {
    const parsed = parseFieldInput(field, input.text, open.language);
    return parsed.status === 'ok' ? parsed : { status: 'invalid', reason: parsed.message };
  }
  // "Take it as it stands": the default if there is one.
  if (input.kind === 'skip') return value === undefined ? emptied(open, field) : { status: 'ok', value };
  if (input.kind !== 'press') return undefined;
  const number = Number(input.what.slice(1));
  switch (input.what.charAt(0)) {
    case 'k':
      return value === undefined ? undefined : { status: 'ok', value };
    case 's':
      return emptied(open, field);
    case 'y':
    case 'n':
      return { status: 'ok', value: input.what === 'y' };
    case 'o': {
      const option = field.options?.[number];
      return option && { status: 'ok', value: option.value };
    }
    case 'd':
      return { status: 'ok', value: dayFromNow(number, open.timeZone, Date.now()) };
    default:
      return undefined;
  }
}

function emptied(open: OpenForm, field: FormField): Answer {
  if (!field.required) return { status: 'ok', value: null };
  return { status: 'invalid', reason: textsIn(open.language).form.cannotSkip };
}

function checked(
  { services }: HandlerDeps,
  open: OpenForm,
  field: FormField,
  value: FormValues[string],
): Answer {
  const reason = services.workflows.checkField(open.form, field.name, value, open.language);
  return reason === undefined ? { status: 'ok', value } : { status: 'invalid', reason };
}

/** Buttons of the summary, and of the choice what to change. */
async function pressEnd(
  ctx: BotContext,
  deps: HandlerDeps,
  open: OpenForm,
  progress: FormProgress,
  what: string,
): Promise<FormProgress> {
  const at = Number(what.slice(1));
  if (progress.view === 'choice') {
    if (what === 'b') return prompt(ctx, open, { ...progress, view: 'summary' }, { inPlace: true });
    return prompt(ctx, open, { ...progress, view: 'question', at, editing: true }, { inPlace: true });
  }
  if (what === 'e') return prompt(ctx, open, { ...progress, view: 'choice' }, { inPlace: true });
  const action = what.startsWith('a') ? buttonsOf(open.form)[at] : undefined;
  return send(ctx, deps, open, progress, action?.name);
}

async function send(
  ctx: BotContext,
  deps: HandlerDeps,
  open: OpenForm,
  progress: FormProgress,
  action: string | undefined,
): Promise<FormProgress> {
  const t = textsIn(open.language);
  const outcome = await sendForm(ctx, deps, open, progress, action);
  switch (outcome.status) {
    case 'sent':
      await show(ctx, showSummary(open, progress, outcome.sentence).content);
      return closed;
    case 'over':
      await show(ctx, outcome.sentence);
      return closed;
    case 'failed':
      await ctx.press.answer(t.form.failed, { alert: true });
      return progress;
    case 'invalid': {
      const fields = askedFields(open.form);
      const issue = outcome.issues.find(({ path }) => fields.some(({ name }) => name === path));
      if (!issue) {
        await ctx.press.answer(outcome.issues[0]?.message ?? t.errors.VALIDATION_ERROR, { alert: true });
        return progress;
      }
      const at = fields.findIndex(({ name }) => name === issue.path);
      const reason = issue.message;
      return prompt(ctx, open, { ...progress, view: 'question', at, editing: true }, { reason });
    }
  }
}

async function apologise(ctx: BotContext, open: OpenForm): Promise<void> {
  const t = textsIn(open.language);
  if (ctx.press.waits) return ctx.press.answer(t.form.failed, { alert: true });
  try {
    await say(ctx, t.form.failedText);
  } catch {
    // The chat cannot be written to; the failure itself is logged.
  }
}
