import { describe, expect, it } from 'vitest';
import type { Form, FormField } from '../../../src/shared/contracts/forms.ts';
import {
  actionFields,
  checkField,
  checkForm,
  initialDraft,
  isDirty,
  issuesByField,
  parseNumber,
  toValues,
} from './form-logic.ts';

function field(type: FormField['type'], more: Partial<FormField> = {}): FormField {
  return { name: type, type, label: type, required: false, readonly: false, ...more };
}

const form: Form = {
  id: 'f',
  title: 'Trip',
  description: '',
  fields: [
    field('text', { name: 'city', required: true, min_length: 2, max_length: 10 }),
    field('number', { name: 'days', value: 3, min: 1, max: 30 }),
    field('checkbox', { name: 'hotel', value: true }),
    field('date', { name: 'from' }),
    field('text', { name: 'owner', value: 'Ann', readonly: true, required: true }),
    field('button', { name: 'action_approve', variant: 'primary' }),
    field('button', { name: 'action_reject', variant: 'danger' }),
  ],
};

describe('a draft', () => {
  it('begins with the values of the form, as its inputs hold them', () => {
    expect(initialDraft(form)).toEqual({ city: '', days: '3', hotel: true, from: '', owner: 'Ann' });
  });

  it('is dirty only while it differs from them', () => {
    const draft = initialDraft(form);
    expect(isDirty(form, draft)).toBe(false);
    expect(isDirty(form, { ...draft, hotel: false })).toBe(true);
    expect(isDirty(form, { ...draft, city: '' })).toBe(false);
  });

  it('becomes typed values, without what may not be changed and without buttons', () => {
    const draft = { city: ' Rome ', days: '4,5', hotel: false, from: '', owner: 'Bob' };
    expect(toValues(form, draft)).toEqual({ city: 'Rome', days: 4.5, hotel: false, from: null });
  });

  it('offers the buttons as actions', () => {
    expect(actionFields(form).map((action) => action.name)).toEqual(['action_approve', 'action_reject']);
  });
});

describe('the checks', () => {
  it('complain about each field that is wrong, and about no other', () => {
    expect(checkForm(form, { ...initialDraft(form), days: '31' })).toEqual({
      city: { key: 'form.required' },
      days: { key: 'form.max', parameters: { max: 30 } },
    });
    expect(checkForm(form, { ...initialDraft(form), city: 'Rome' })).toEqual({});
  });

  it.each([
    [field('text', { min_length: 3 }), 'ab', 'form.minLength'],
    [field('text', { max_length: 3 }), 'abcd', 'form.maxLength'],
    [field('textarea', { required: true }), '   ', 'form.required'],
    [field('number'), 'twelve', 'form.number'],
    [field('number', { min: 5 }), '4', 'form.min'],
    [field('date'), '2026-02-30', 'form.date'],
    [field('date'), '21.11.2026', 'form.date'],
    [field('select', { options: [{ value: 'a', label: 'A' }] }), 'b', 'form.option'],
    [field('checkbox', { required: true }), false, 'form.mustAccept'],
    [field('file', { required: true }), '', 'form.required'],
  ])('refuse %j with %j', (wrong, value, key) => {
    expect(checkField(wrong, value)?.key).toBe(key);
  });

  it.each([
    [field('text'), ''],
    [field('number', { min: 0 }), '0'],
    [field('number', { max: 10 }), ' -3,5 '],
    [field('date'), '2028-02-29'],
    [field('select', { options: [{ value: 'a', label: 'A' }] }), 'a'],
    [field('checkbox'), false],
    [field('text', { required: true, readonly: true }), ''],
  ])('accept %j with %j', (right, value) => {
    expect(checkField(right, value)).toBeUndefined();
  });
});

it.each([
  ['1 234,5', 1234.5],
  ['1\u00a0234.5', 1234.5],
  ['-7', -7],
  ['.5', 0.5],
  ['1,2,3', undefined],
  ['1e3', undefined],
  ['', undefined],
  ['Infinity', undefined],
])('reads %j as the number %s', (text, number) => {
  expect(parseNumber(text)).toBe(number);
});

it('puts the issues of the server at their fields, the others at the form', () => {
  const issues = [
    { path: 'city', message: 'No such city.' },
    { path: 'values.days', message: 'Too long.' },
    { path: 'budget', message: 'Empty.' },
    { path: 'city', message: 'Really.' },
  ];
  expect(issuesByField(form, issues)).toEqual({
    city: 'No such city. Really.',
    days: 'Too long.',
    '': 'Empty.',
  });
});
