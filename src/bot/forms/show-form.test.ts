import { expect, it } from 'vitest';
import type { Form, FormField } from '#shared/contracts/forms.ts';
import { closed, type OpenForm } from './form-progress.ts';
import { showIntro, showQuestion, showSummary, showValue } from './show-form.ts';

const field = (fields: Partial<FormField> & Pick<FormField, 'name' | 'type'>): FormField => ({
  label: fields.name,
  required: false,
  readonly: false,
  ...fields,
});

const form: Form = {
  id: 'f',
  title: 'Order',
  description: '',
  fields: [
    field({ name: 'text_hint', type: 'text', readonly: true, value: 'Delivery takes three days.' }),
    field({ name: 'price', type: 'number', readonly: true, value: 1234.5 }),
    field({ name: 'receipt', type: 'file' }),
    field({ name: 'gift', type: 'checkbox', required: true, value: false }),
    field({
      name: 'colour',
      type: 'select',
      options: Array.from({ length: 150 }, (_, i) => ({ value: String(i), label: `Colour ${i}` })),
    }),
  ],
};
const open: OpenForm = {
  status: 'open',
  start: { kind: 'start', key: 'order' },
  form,
  language: 'en',
  timeZone: 'UTC',
  isGroup: false,
  owner: (2 ** 52).toString(36),
  token: (2 ** 31).toString(36),
};

it('begins with what is known, and with what only the app can take', () => {
  expect(showIntro(form, 'en').text).toBe(
    'Order\nDelivery takes three days.\nprice: 1,234.5\n“receipt” takes a file; in the app you can add one.\n2 questions, /cancel leaves the form at any time.',
  );
});

it('asks yes or no by buttons', () => {
  const { content, keyboard } = showQuestion(open, closed);
  expect(content.text).toBe('1/2 · gift\nYes or no?');
  expect(keyboard.map((row) => row.map(({ text }) => text))).toEqual([['Yes', 'No'], ['Cancel']]);
});

it('never makes more buttons, or longer data, than Telegram takes', () => {
  const { keyboard } = showQuestion(open, { ...closed, at: 1, nonce: 100 });
  const buttons = keyboard.flat();
  expect(buttons.length).toBeLessThanOrEqual(100);
  for (const button of buttons) {
    const data = 'callback_data' in button ? button.callback_data : '';
    expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
  }
});

it('sums up what was given and what was not', () => {
  const { content } = showSummary(open, { ...closed, values: { gift: true, colour: null } });
  expect(content.text).toBe('Order\ngift: Yes\ncolour: —\n\nIs everything right?');
});

it('shows choices by their label and keeps what it does not know', () => {
  const colour = form.fields[4] ?? field({ name: 'x', type: 'text' });
  expect(showValue(colour, '3', 'en')).toBe('Colour 3');
  expect(showValue(colour, 'gone', 'en')).toBe('gone');
});
