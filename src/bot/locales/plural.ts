import type { Language } from '#shared/language.ts';

/** The forms that a language needs; `#` stands for the number. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** @example plural('ru', 3, { one: '# задача', few: '# задачи', many: '# задач', other: '# задачи' }) // '3 задачи' */
export function plural(language: Language, count: number, forms: PluralForms): string {
  const form = forms[new Intl.PluralRules(language).select(count)] ?? forms.other;
  return form.replaceAll('#', new Intl.NumberFormat(language).format(count));
}
