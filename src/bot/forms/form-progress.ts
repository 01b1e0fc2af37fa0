// What a form dialogue knows. Both halves are plain JSON: the conversations plugin stores and replays them.
import type { Form, FormField, FormValues } from '#shared/contracts/forms.ts';
import type { Language } from '#shared/language.ts';

/** What the dialogue is for. */
export type FormStart =
  | { kind: 'task'; taskId: string }
  | { kind: 'start'; key: string; groupId?: string; topicId?: number };

/** Fixed when the dialogue begins. */
export interface OpenForm {
  status: 'open';
  start: FormStart;
  form: Form;
  language: Language;
  timeZone: string;
  isGroup: boolean;
  /** Part of the buttons' data, so that buttons of another form, or of another person, do nothing here. */
  owner: string;
  token: string;
}

export interface FormProgress {
  status: 'open' | 'closed';
  /** What is before the person: a question, the summary, or the choice of a field to change. */
  view: 'question' | 'summary' | 'choice';
  /** Index of the field that is asked, among `askedFields`. */
  at: number;
  /** Whether the summary comes after this answer instead of the next field. */
  editing: boolean;
  values: FormValues;
  /** Grows with every message; buttons of earlier ones are stale. */
  nonce: number;
  /** The newest messages of this dialogue: in a group, only replies to them are answers. */
  asked: number[];
}

const keptAsked = 20;

export const closed: FormProgress = {
  status: 'closed',
  view: 'summary',
  at: 0,
  editing: false,
  values: {},
  nonce: 0,
  asked: [],
};

/** Fields that a chat can ask for, in order. Files need the Mini App. */
export function askedFields(form: Form): FormField[] {
  return form.fields.filter(({ type, readonly }) => !readonly && type !== 'button' && type !== 'file');
}

/** Fields that only inform. */
export function factsOf(form: Form): FormField[] {
  return form.fields.filter(
    ({ type, readonly, value }) =>
      readonly && type !== 'button' && value !== null && value !== undefined && value !== '',
  );
}

export function buttonsOf(form: Form): FormField[] {
  return form.fields.filter(({ type, readonly }) => type === 'button' && !readonly);
}

/** The value that the form would keep if nobody answered; undefined when there is none. */
export function defaultOf(field: FormField): string | number | boolean | undefined {
  return field.value === null || field.value === '' ? undefined : field.value;
}

export function withAsked(progress: FormProgress, messageId: number): FormProgress {
  return { ...progress, asked: [...progress.asked, messageId].slice(-keptAsked) };
}

/** After an answer: the next field, or the summary. */
export function afterAnswer(progress: FormProgress, form: Form, value: FormValues[string]): FormProgress {
  const fields = askedFields(form);
  const field = fields[progress.at];
  const values = field ? { ...progress.values, [field.name]: value } : progress.values;
  const last = progress.editing || progress.at + 1 >= fields.length;
  return {
    ...progress,
    values,
    editing: false,
    view: last ? 'summary' : 'question',
    at: last ? progress.at : progress.at + 1,
  };
}
