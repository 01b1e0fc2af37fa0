import type { FormField } from '../../../src/shared/contracts/forms.ts';
import type { Translator } from '../i18n/translate.ts';

/** A field's value for reading; empty when there is none. A file's value is an id that means nothing to people. */
export function answerText(field: FormField, translator: Translator): string {
  const value = field.value ?? null;
  if (value === null || value === '' || field.type === 'button') return '';
  if (typeof value === 'boolean') return translator.t(value ? 'common.yes' : 'common.no');
  if (typeof value === 'number') return translator.number(value);
  if (field.type === 'select') return field.options?.find((option) => option.value === value)?.label ?? value;
  if (field.type === 'date') return translator.date(value);
  if (field.type === 'file') return translator.t('form.fileReady');
  return value;
}
