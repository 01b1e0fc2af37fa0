// A neutral form while a person fills it in: what stands in its inputs, what is wrong with it, what is sent.
import type { Form, FormField, FormValues } from '../../../src/shared/contracts/forms.ts';
import type { Issue } from '../../../src/shared/errors.ts';
import type { MessageKey, Parameters } from '../i18n/translate.ts';

/** What stands in the inputs, by field name: the text as typed, or whether a box is ticked. */
export type Draft = Readonly<Record<string, string | boolean>>;

interface Complaint {
  key: MessageKey;
  parameters?: Parameters;
}

export function inputFields(form: Form): FormField[] {
  return form.fields.filter((field) => field.type !== 'button');
}

export function actionFields(form: Form): FormField[] {
  return form.fields.filter((field) => field.type === 'button' && !field.readonly);
}

export function initialDraft(form: Form): Draft {
  const draft: Record<string, string | boolean> = {};
  for (const field of inputFields(form)) {
    const value = field.value ?? null;
    draft[field.name] = field.type === 'checkbox' ? value === true : value === null ? '' : String(value);
  }
  return draft;
}

export function isDirty(form: Form, draft: Draft): boolean {
  const initial = initialDraft(form);
  return Object.entries(draft).some(([name, value]) => initial[name] !== value);
}

/** Reads `1 234,5` as well as `1234.5`; undefined when it is no number. */
export function parseNumber(text: string): number | undefined {
  const plain = text.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain)) return undefined;
  return Number(plain);
}

/** The same checks as the server's, for an answer without a round trip. The server's word is the last. */
export function checkField(field: FormField, value: string | boolean | undefined): Complaint | undefined {
  if (field.readonly || field.type === 'button') return undefined;
  if (field.type === 'checkbox') {
    return field.required && value !== true ? { key: 'form.mustAccept' } : undefined;
  }
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') return field.required ? { key: 'form.required' } : undefined;
  switch (field.type) {
    case 'number': {
      const number = parseNumber(text);
      if (number === undefined) return { key: 'form.number' };
      if (field.min !== undefined && number < field.min)
        return { key: 'form.min', parameters: { min: field.min } };
      if (field.max !== undefined && number > field.max)
        return { key: 'form.max', parameters: { max: field.max } };
      return undefined;
    }
    case 'date':
      return isDate(text) ? undefined : { key: 'form.date' };
    case 'select':
      return field.options?.some((option) => option.value === text) ? undefined : { key: 'form.option' };
    case 'text':
    case 'textarea':
      if (field.min_length !== undefined && text.length < field.min_length) {
        return { key: 'form.minLength', parameters: { n: field.min_length } };
      }
      if (field.max_length !== undefined && text.length > field.max_length) {
        return { key: 'form.maxLength', parameters: { n: field.max_length } };
      }
      return undefined;
    default:
      return undefined;
  }
}

export function checkForm(form: Form, draft: Draft): Record<string, Complaint> {
  const complaints: Record<string, Complaint> = {};
  for (const field of inputFields(form)) {
    const complaint = checkField(field, draft[field.name]);
    if (complaint) complaints[field.name] = complaint;
  }
  return complaints;
}

/** Typed values for the server: an empty input is null, what may not be changed is left out. */
export function toValues(form: Form, draft: Draft): FormValues {
  const values: FormValues = {};
  for (const field of inputFields(form)) {
    if (field.readonly) continue;
    const value = draft[field.name];
    if (field.type === 'checkbox') values[field.name] = value === true;
    else if (typeof value !== 'string' || value.trim() === '') values[field.name] = null;
    else if (field.type === 'number') values[field.name] = parseNumber(value) ?? null;
    else values[field.name] = value.trim();
  }
  return values;
}

/** The server's issues by field; those that name no field of the form come under the empty name. */
export function issuesByField(form: Form, issues: readonly Issue[]): Record<string, string> {
  const known = new Set(form.fields.map((field) => field.name));
  const byField: Record<string, string> = {};
  for (const issue of issues) {
    const path = issue.path.replace(/^(body\.)?values[./]/, '').replace(/^\//, '');
    const name = known.has(path) ? path : '';
    byField[name] = byField[name] ? `${byField[name]} ${issue.message}` : issue.message;
  }
  return byField;
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
