// camunda:formData into form definitions. The types and constraints are Camunda's own; labels in other languages,
// help, placeholders and looks are camunda:properties of the field. README.md lists them.
import type { FieldType } from '../../contracts/forms.ts';
import type { Template } from '../expressions/template.ts';
import type { FieldDefinition } from '../forms/form-definition.ts';
import type { Localized } from '../localized.ts';
import type { Problems } from './problems.ts';
import {
  isVariableName,
  localizedTemplate,
  localizedText,
  type Properties,
  readProperties,
} from './read-extensions.ts';
import type { XmlElement } from './xml-element.ts';

const types: ReadonlyMap<string, FieldType> = new Map<string, FieldType>([
  ['string', 'text'],
  ['long', 'number'],
  ['double', 'number'],
  ['boolean', 'checkbox'],
  ['date', 'date'],
  ['enum', 'select'],
]);
const constraintNames = new Set(['required', 'readonly', 'min', 'max', 'minlength', 'maxlength']);
/** Variables that the engine itself gives to a process or to its texts. */
const reservedNames = new Set(['group', 'actor']);
const defaultMaximumLength = { text: 1000, textarea: 10_000 };

export function readForm(problems: Problems, formData: XmlElement | undefined): FieldDefinition[] {
  const fields = (formData?.children('fields') ?? []).map((field) => readField(problems, field));
  for (const [index, { name }] of fields.entries()) {
    if (fields.findIndex((other) => other.name === name) !== index)
      problems.add(name, 'this field exists twice');
  }
  return fields;
}

function readField(problems: Problems, field: XmlElement): FieldDefinition {
  const name = field.id;
  const properties = readProperties(field.child('properties'));
  const constraints = readConstraints(
    problems,
    name,
    field.child('validation')?.children('constraints') ?? [],
  );
  if (!isVariableName(name)) problems.add(name, 'the id of a field is made of letters, digits and _');
  if (reservedNames.has(name)) problems.add(name, 'this name is taken by the engine');
  if ((field.text('datePattern') ?? 'yyyy-MM-dd') !== 'yyyy-MM-dd') {
    problems.add(name, 'dates are yyyy-MM-dd; another datePattern is not supported');
  }
  const readonly = constraints.has('readonly') || name.startsWith('text_');
  const type = fieldType(problems, field, properties, readonly);
  const optional = (what: string): Localized<Template> | undefined => {
    const english = properties.get(what);
    return english === undefined ? undefined : localizedTemplate(problems, name, english, properties, what);
  };
  const bound = (what: 'min' | 'max') => readBound(problems, name, what, constraints.get(what));
  const length = (what: 'minlength' | 'maxlength') => readLength(problems, name, what, constraints.get(what));
  const defaultValue = field.text('defaultValue');
  const requiredIf = properties.get('required_if');
  return {
    name,
    type,
    integer: field.text('type') === 'long',
    decimals:
      field.text('type') === 'long' ? 0 : readLength(problems, name, 'decimals', properties.get('decimals')),
    label: localizedTemplate(problems, name, field.text('label') ?? name, properties, 'label'),
    help: optional('help'),
    placeholder: optional('placeholder'),
    options: field.children('values').map((option) => ({
      value: option.id,
      label: localizedText(option.text('name') ?? option.id, properties, `option_${option.id}`),
    })),
    defaultValue: defaultValue === undefined ? undefined : problems.template(name, 'default', defaultValue),
    required: constraints.has('required'),
    requiredIf: requiredIf === undefined ? undefined : problems.template(name, 'required_if', requiredIf),
    readonly,
    min: bound('min'),
    max: bound('max'),
    minLength: length('minlength'),
    maxLength:
      length('maxlength') ??
      (type === 'text' || type === 'textarea' ? defaultMaximumLength[type] : undefined),
    variant: readVariant(problems, name, properties.get('variant')),
    outcome: optional('outcome'),
  };
}

/** Camunda's type, unless the name says more: `action_*` is a button and `s3_*` a file, when they can be written. */
function fieldType(
  problems: Problems,
  field: XmlElement,
  properties: Properties,
  readonly: boolean,
): FieldType {
  const named = field.text('type') ?? '';
  const type = types.get(named);
  if (type === undefined) problems.add(field.id, `fields of type "${named}" are not supported`);
  if (field.id.startsWith('text_')) return 'text';
  if (!readonly && field.id.startsWith('action_')) return 'button';
  if (!readonly && field.id.startsWith('s3_')) return 'file';
  if (type === 'select' && field.children('values').length === 0) {
    problems.add(field.id, 'an enum needs at least one camunda:value');
  }
  return type === 'text' && properties.get('multiline') === 'true' ? 'textarea' : (type ?? 'text');
}

function readConstraints(problems: Problems, name: string, constraints: XmlElement[]): Map<string, string> {
  const read = new Map<string, string>();
  for (const constraint of constraints) {
    const kind = constraint.text('name') ?? '';
    if (!constraintNames.has(kind)) problems.add(name, `the constraint "${kind}" is not supported`);
    else if (constraint.text('config') !== 'false') read.set(kind, constraint.text('config') ?? '');
  }
  return read;
}

function readBound(
  problems: Problems,
  name: string,
  what: string,
  source: string | undefined,
): Template | undefined {
  if (source === undefined) return undefined;
  const template = problems.template(name, what, source);
  const plain = template.parts.every((part) => typeof part === 'string');
  if (plain && (source.trim() === '' || !Number.isFinite(Number(source)))) {
    problems.add(name, `${what}: a number is needed, "${source}" is none`);
  }
  return template;
}

function readLength(
  problems: Problems,
  name: string,
  what: string,
  source: string | undefined,
): number | undefined {
  if (source === undefined) return undefined;
  if (!/^\d{1,6}$/.test(source)) problems.add(name, `${what}: a whole number is needed, "${source}" is none`);
  return Number(source);
}

function readVariant(
  problems: Problems,
  name: string,
  variant: string | undefined,
): FieldDefinition['variant'] {
  if (variant === undefined || variant === 'primary' || variant === 'secondary' || variant === 'danger')
    return variant;
  problems.add(name, `the variant "${variant}" does not exist: primary, secondary or danger`);
  return undefined;
}
