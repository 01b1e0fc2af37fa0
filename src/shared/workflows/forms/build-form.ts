import type { Form, FormValues } from '../../contracts/forms.ts';
import type { Language } from '../../language.ts';
import { evaluateTemplate, renderTemplate, type Template } from '../expressions/template.ts';
import { textOf, type Value, type Variables } from '../expressions/value.ts';
import type { FieldDefinition, WorkflowField } from './form-definition.ts';

export interface BuiltForm extends Form {
  fields: WorkflowField[];
}

interface FormInput {
  id: string;
  title: string;
  description: string;
  fields: readonly FieldDefinition[];
  /** Values of the process; a field shows the variable of its name before its default. */
  variables: Variables;
  /** Turns a value inside a text into words; the name is given when it is a bare variable. */
  show: (value: Value, variable: string | undefined) => string;
  language: Language;
  /** True for somebody who may only look: no buttons, nothing to write. */
  readonly: boolean;
}

/** The form as one person sees it now. Throws ExpressionError when a default or a bound cannot be computed. */
export function buildForm(input: FormInput): BuiltForm {
  const fields = input.fields
    .filter(({ type }) => !(input.readonly && type === 'button'))
    .map((field) => buildField(field, input));
  return { id: input.id, title: input.title, description: input.description, fields };
}

function buildField(field: FieldDefinition, input: FormInput): WorkflowField {
  const { variables, language } = input;
  const words = (template: Template) => renderTemplate(template, variables, input.show);
  const built: WorkflowField = {
    name: field.name,
    type: field.type,
    label: words(field.label[language]),
    required: field.required && !field.readonly,
    readonly: field.readonly || input.readonly,
  };
  if (field.help) built.help = words(field.help[language]);
  if (field.placeholder) built.placeholder = words(field.placeholder[language]);
  if (field.type === 'button') return { ...built, variant: field.variant ?? 'secondary' };
  if (field.integer) built.integer = true;
  if (field.type === 'select') {
    built.options = field.options.map(({ value, label }) => ({ value, label: label[language] }));
  }
  const min = bound(field.min, variables);
  const max = bound(field.max, variables);
  if (min !== undefined) built.min = min;
  if (max !== undefined) built.max = max;
  if (field.minLength !== undefined) built.min_length = field.minLength;
  if (field.maxLength !== undefined) built.max_length = field.maxLength;
  built.value = field.name.startsWith('text_')
    ? shownText(field, words, variables)
    : presentValue(field, variables);
  return built;
}

/** `text_*` fields are sentences: their default is text for people, unless a variable of that name exists. */
function shownText(
  field: FieldDefinition,
  words: (template: Template) => string,
  variables: Variables,
): string {
  if (Object.hasOwn(variables, field.name)) return textOf(variables[field.name] ?? null);
  return field.defaultValue ? words(field.defaultValue) : '';
}

function presentValue(field: FieldDefinition, variables: Variables): FormValues[string] {
  const known = Object.hasOwn(variables, field.name) ? variables[field.name] : undefined;
  return typed(field, known ?? (field.defaultValue ? evaluateTemplate(field.defaultValue, variables) : null));
}

/** Camunda writes every default as text; the field's type says what it is. What does not fit counts as not given. */
function typed(field: FieldDefinition, value: Value): FormValues[string] {
  if (field.type === 'checkbox') return value === true || value === 'true';
  if (value === null || typeof value === 'object') return null;
  if (field.type !== 'number') return String(value);
  const number = value === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : null;
}

function bound(template: Template | undefined, variables: Variables): number | undefined {
  if (!template) return undefined;
  const number = Number(evaluateTemplate(template, variables) ?? Number.NaN);
  return Number.isFinite(number) ? number : undefined;
}
