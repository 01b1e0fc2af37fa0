import type { FormValues } from '../../contracts/forms.ts';
import { isDay } from '../engine/dates.ts';
import type { FieldFault } from './field-messages.ts';
import type { WorkflowField } from './form-definition.ts';

/** A value as a client sent it; undefined when it sent none. */
export type SentValue = FormValues[string] | undefined;

/**
 * The one rule of what a field takes; every surface asks this. Values keep their types: the text "12" is no number.
 * Nothing, null and blank text are "not given", which is fine unless the field is required.
 */
export function fieldFault(field: WorkflowField, value: SentValue): FieldFault | undefined {
  if (isBlank(value)) return field.required ? 'missing' : undefined;
  switch (field.type) {
    case 'number':
      return numberFault(field, value);
    case 'checkbox':
      if (typeof value !== 'boolean') return 'wrongType';
      // A checkbox that must be ticked, like a consent.
      return field.required && !value ? 'missing' : undefined;
    case 'button':
      return typeof value === 'boolean' ? undefined : 'wrongType';
    case 'select':
      return (field.options ?? []).some((option) => option.value === value) ? undefined : 'wrongType';
    case 'date':
      return typeof value === 'string' && isDay(value) ? undefined : 'wrongType';
    case 'file':
      return typeof value === 'string' && value.length <= 200 ? undefined : 'wrongType';
    case 'text':
    case 'textarea':
      return textFault(field, value);
  }
}

export function isBlank(value: SentValue): value is '' | null | undefined {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function numberFault(field: WorkflowField, value: SentValue): FieldFault | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'wrongType';
  if (field.integer && !Number.isSafeInteger(value)) return 'notWhole';
  if (field.min !== undefined && value < field.min) return 'tooSmall';
  return field.max !== undefined && value > field.max ? 'tooLarge' : undefined;
}

function textFault(field: WorkflowField, value: SentValue): FieldFault | undefined {
  if (typeof value !== 'string') return 'wrongType';
  // Code points rather than UTF-16 units: an emoji is no two characters to whoever counts them.
  const { length } = Array.from(value.trim());
  if (field.min_length !== undefined && length < field.min_length) return 'tooShort';
  return field.max_length !== undefined && length > field.max_length ? 'tooLong' : undefined;
}
