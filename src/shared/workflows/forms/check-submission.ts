import type { FormValues } from '../../contracts/forms.ts';
import { AppError, type Issue } from '../../errors.ts';
import type { Language } from '../../language.ts';
import { evaluateTemplate } from '../expressions/template.ts';
import type { Variables } from '../expressions/value.ts';
import type { BuiltForm } from './build-form.ts';
import { fieldFault, isBlank } from './check-field.ts';
import { fieldMessage, noSuchField, pressOne } from './field-messages.ts';
import type { FieldDefinition, WorkflowField } from './form-definition.ts';

interface Submission {
  form: BuiltForm;
  definitions: readonly FieldDefinition[];
  /** Read by `required_if`. */
  variables: Variables;
  values: FormValues;
  /** The name of the pressed button; `{[name]: true}` among the values says the same. */
  action: string | undefined;
  language: Language;
}

type CheckedSubmission =
  | {
      status: 'ok';
      /** Every writable field, and every button: the pressed one true, the others false, so conditions may name them. */
      values: Variables;
      action: string | undefined;
    }
  | { status: 'invalid'; issues: readonly Issue[]; error: AppError };

/** Fields that were not sent keep what the form shows, as in Camunda; sent for a read-only field is ignored. */
export function checkSubmission(submission: Submission): CheckedSubmission {
  const { form, language } = submission;
  const issues: Issue[] = [];
  for (const name of Object.keys(submission.values)) {
    if (!form.fields.some((field) => field.name === name))
      issues.push({ path: name, message: noSuchField(language) });
  }
  const buttons = form.fields.filter(({ type }) => type === 'button');
  const action = pressedButton(submission, buttons);
  if (action === undefined ? buttons.length > 0 : buttons.every(({ name }) => name !== action)) {
    const labels = buttons.map(({ label }) => label);
    issues.push({ path: 'action', message: pressOne(labels, language) });
  }
  const values: Record<string, Variables[string]> = {};
  for (const { name } of buttons) values[name] = name === action;
  const writable = form.fields.filter((field) => !field.readonly && field.type !== 'button');
  for (const field of writable) {
    const sent = Object.hasOwn(submission.values, field.name) ? submission.values[field.name] : field.value;
    const fault = fieldFault(field, sent);
    if (fault) issues.push({ path: field.name, message: fieldMessage(field, fault, language) });
    values[field.name] = fault ? null : storable(field, sent);
  }
  for (const field of missingByCondition(submission, writable, values, issues)) {
    issues.push({ path: field.name, message: fieldMessage(field, 'missing', language) });
  }
  if (issues.length > 0) return { status: 'invalid', issues, error: invalid(form, issues) };
  return { status: 'ok', values, action };
}

/** A lone button is what sending the form means. */
function pressedButton(
  { action, values }: Submission,
  buttons: readonly WorkflowField[],
): string | undefined {
  const [first, second] = buttons;
  return (
    action ?? buttons.find(({ name }) => values[name] === true)?.name ?? (second ? undefined : first?.name)
  );
}

function missingByCondition(
  { definitions, variables }: Submission,
  writable: readonly WorkflowField[],
  values: Variables,
  issues: readonly Issue[],
): WorkflowField[] {
  const scope = { ...variables, ...values };
  return writable.filter(({ name }) => {
    const condition = definitions.find((definition) => definition.name === name)?.requiredIf;
    const value = values[name];
    if (!condition || issues.some(({ path }) => path === name)) return false;
    return (value === null || value === '') && evaluateTemplate(condition, scope) === true;
  });
}

/** PostgreSQL's jsonb takes neither NUL nor half of a surrogate pair (PostgreSQL documentation, section 8.14). */
function storable(field: WorkflowField, value: FormValues[string] | undefined): FormValues[string] {
  if (field.type === 'checkbox') return value === true;
  if (isBlank(value)) return null;
  return typeof value === 'string' ? value.trim().replaceAll('\0', '').toWellFormed() : value;
}

function invalid(form: BuiltForm, issues: readonly Issue[]): AppError {
  const first = issues[0];
  const label = form.fields.find(({ name }) => name === first?.path)?.label;
  const sentence = first?.message ?? '';
  const message = label ? `${label}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}` : sentence;
  return new AppError('VALIDATION_ERROR', message, { details: { issues } });
}
