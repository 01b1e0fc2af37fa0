// How a form looks in a chat: one question at a time, then everything together.
import type { Form, FormField, FormValues } from '#shared/contracts/forms.ts';
import type { Language } from '#shared/language.ts';
import { showDay } from '../locales/moments.ts';
import { type Texts, textsIn } from '../locales/texts.ts';
import { clip, type Keyboard, rows } from '../say.ts';
import { type FormattedText, TextBuilder } from '../text/formatted-text.ts';
import {
  askedFields,
  buttonsOf,
  defaultOf,
  type FormProgress,
  factsOf,
  type OpenForm,
} from './form-progress.ts';
import { pressData } from './read-input.ts';

/** Telegram takes 100 buttons; three are kept for skip, clear and cancel. */
const maxOptions = 97;
/** UTF-16 units of a button's label that phones show. */
const maxLabel = 40;
/** UTF-16 units of one value in the summary; a long text is recognised by its beginning. */
const maxShown = 300;

export interface Shown {
  content: FormattedText;
  keyboard: Keyboard;
}

export function showQuestion(open: OpenForm, progress: FormProgress, reason?: string): Shown {
  const t = textsIn(open.language);
  const fields = askedFields(open.form);
  const field = fields[progress.at];
  if (!field) return showSummary(open, progress);
  const builder = new TextBuilder();
  if (reason !== undefined) builder.append(`⚠️ ${reason}\n\n`);
  builder
    .append(`${t.form.counter(progress.at + 1, fields.length)} · `)
    .append(field.label, { type: 'bold' });
  if (!field.required) builder.append(` (${t.form.optional})`);
  for (const line of [field.help, hintOf(field, t)]) if (line) builder.append(`\n${line}`);
  if (open.isGroup && isTyped(field)) builder.append(`\n${t.form.group}`);
  return { content: builder.build(), keyboard: questionKeyboard(open, progress, field, t) };
}

/**
 * Whether there is nothing to choose: then the message has room to ask for a reply, which takes the place of buttons
 * (Bot API, ForceReply).
 */
export function isOnlyTyped(field: FormField): boolean {
  return isTyped(field) && field.required && defaultOf(field) === undefined;
}

function isTyped({ type }: FormField): boolean {
  return type === 'text' || type === 'textarea' || type === 'number';
}

export function showIntro(form: Form, language: Language): FormattedText {
  const t = textsIn(language);
  const builder = new TextBuilder().append(form.title, { type: 'bold' });
  if (form.description) builder.append(`\n${form.description}`);
  for (const field of factsOf(form)) builder.append(`\n${factLine(field, language)}`);
  for (const { label } of form.fields.filter(({ type, readonly }) => type === 'file' && !readonly)) {
    builder.append(`\n${t.form.fileSkipped(label)}`);
  }
  const questions = askedFields(form).length;
  if (questions > 0) builder.append(`\n${t.form.intro(questions)}`);
  return builder.build();
}

/** A read-only field in a line; `text_*` fields are whole sentences already. */
export function factLine(field: FormField, language: Language): string {
  const value = showValue(field, field.value, language);
  return field.name.startsWith('text_') ? value : `${field.label}: ${value}`;
}

export function showSummary(open: OpenForm, progress: FormProgress, ending?: string): Shown {
  const { form, language } = open;
  const t = textsIn(language);
  const builder = new TextBuilder().append(form.title, { type: 'bold' });
  for (const field of askedFields(form)) {
    const value = showValue(field, progress.values[field.name], language) || t.form.nothing;
    builder.append(`\n${field.label}: `).append(clip(value, maxShown), { type: 'italic' });
  }
  builder.append(`\n\n${ending ?? t.form.check}`);
  return {
    content: builder.build(),
    keyboard: ending === undefined ? summaryKeyboard(open, progress, t) : [],
  };
}

export function showChoice(open: OpenForm, progress: FormProgress): Shown {
  const t = textsIn(open.language);
  const fields = askedFields(open.form).map((field, index) => ({
    text: clip(field.label, maxLabel),
    callback_data: pressData(open, progress, `e${index}`),
  }));
  return {
    content: { text: t.form.which, entities: [] },
    keyboard: [...rows(fields), [{ text: t.back, callback_data: pressData(open, progress, 'b') }]],
  };
}

/** A value in words of the reader. */
export function showValue(
  field: FormField,
  value: FormValues[string] | undefined,
  language: Language,
): string {
  const t = textsIn(language);
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? t.yes : t.no;
  if (typeof value === 'number') {
    return new Intl.NumberFormat(language, { maximumFractionDigits: 10 }).format(value);
  }
  if (field.type === 'select') return field.options?.find((option) => option.value === value)?.label ?? value;
  return field.type === 'date' ? showDay(value, language) : value;
}

function hintOf(field: FormField, t: Texts): string | undefined {
  switch (field.type) {
    case 'select':
      return t.form.choose;
    case 'checkbox':
      return t.form.yesOrNo;
    case 'date':
      return t.form.date;
    default:
      return undefined;
  }
}

function questionKeyboard(open: OpenForm, progress: FormProgress, field: FormField, t: Texts): Keyboard {
  const button = (text: string, what: string) => ({
    text: clip(text, maxLabel),
    callback_data: pressData(open, progress, what),
  });
  const value = defaultOf(field);
  const keep =
    value === undefined || field.type === 'checkbox'
      ? []
      : [[button(t.form.keep(showValue(field, value, open.language)), 'k')]];
  const leave = [
    ...(field.required ? [] : [button(value === undefined ? t.form.skip : t.form.clear, 's')]),
    button(t.form.cancel, 'x'),
  ];
  return [...choices(field, t, button), ...keep, leave];
}

function choices(
  field: FormField,
  t: Texts,
  button: (text: string, what: string) => { text: string; callback_data: string },
): Keyboard {
  switch (field.type) {
    case 'select': {
      const options = (field.options ?? []).slice(0, maxOptions);
      const perRow = options.every(({ label }) => label.length <= 14) ? 2 : 1;
      return rows(
        options.map(({ label }, index) => button(label, `o${index}`)),
        perRow,
      );
    }
    case 'checkbox':
      return [[button(t.yes, 'y'), button(t.no, 'n')]];
    case 'date':
      return [[button(t.form.yesterday, 'd-1'), button(t.form.today, 'd0'), button(t.form.tomorrow, 'd1')]];
    default:
      return [];
  }
}

function summaryKeyboard(open: OpenForm, progress: FormProgress, t: Texts): Keyboard {
  const button = (text: string, what: string) => ({ text, callback_data: pressData(open, progress, what) });
  const actions = buttonsOf(open.form);
  const styles = { primary: 'success', danger: 'danger', secondary: 'primary' } as const;
  const send =
    actions.length === 0
      ? [[{ ...button(t.form.send, 'go'), style: 'success' as const }]]
      : rows(
          actions.map((action, index) => ({
            ...button(clip(action.label, maxLabel), `a${index}`),
            style: styles[action.variant ?? 'secondary'],
          })),
          2,
        );
  const edit = askedFields(open.form).length > 0 ? [button(t.form.edit, 'e')] : [];
  return [...send, [...edit, button(t.form.cancel, 'x')]];
}
