import { describe, expect, it } from 'vitest';
import type { FormValues } from '../../contracts/forms.ts';
import { readProcess } from '../bpmn/read-process.ts';
import { bpmn, end, flows, start, task } from '../bpmn/test-process.ts';
import type { Variables } from '../expressions/value.ts';
import { buildForm } from './build-form.ts';
import { checkSubmission } from './check-submission.ts';

const required = '<camunda:constraint name="required"/>';
const field = (id: string, type: string, constraints = '', more = '', attributes = '') =>
  `<camunda:formField id="${id}" type="${type}" ${attributes}>${more}<camunda:validation>${constraints}</camunda:validation></camunda:formField>`;
const property = (id: string, value: string) =>
  `<camunda:properties><camunda:property id="${id}" value="${value}"/></camunda:properties>`;

async function submit(
  fields: string,
  values: FormValues,
  { action, variables = {} }: { action?: string; variables?: Variables } = {},
) {
  const form = `<camunda:formData>${fields}</camunda:formData>`;
  const model = await readProcess(bpmn(start + task('a', '', form) + end + flows('start -> a', 'a -> end')));
  const node = model.nodes.get('a');
  const definitions = node?.kind === 'userTask' ? node.form : [];
  const built = buildForm({
    id: 'a',
    title: 'A',
    description: '',
    fields: definitions,
    variables,
    show: String,
    language: 'en',
    readonly: false,
  });
  return checkSubmission({ form: built, definitions, variables, values, action, language: 'en' });
}

describe('values that a client sends', () => {
  it('keep their types, and text is no number', async () => {
    const fields = field('n', 'double') + field('b', 'boolean') + field('t', 'string') + field('d', 'date');
    expect(await submit(fields, { n: 1.5, b: true, t: ' x ', d: '2026-11-21' })).toMatchObject({
      status: 'ok',
      values: { n: 1.5, b: true, t: 'x', d: '2026-11-21' },
    });
    expect(await submit(fields, { n: '1.5', b: 'true', t: 1, d: 20261121 })).toMatchObject({
      status: 'invalid',
      issues: [{ path: 'n' }, { path: 'b' }, { path: 't' }, { path: 'd' }],
    });
  });

  it('that are missing are what the form showed, and null means empty', async () => {
    const fields =
      field('a', 'long', '', '', 'defaultValue="7"') + field('b', 'string') + field('c', 'boolean');
    const options = { variables: { b: 'known' } };
    expect(await submit(fields, {}, options)).toMatchObject({ values: { a: 7, b: 'known', c: false } });
    expect(await submit(fields, { a: null, b: '' }, options)).toMatchObject({ values: { a: null, b: null } });
  });

  it('for read-only fields are ignored, and for fields that do not exist refused', async () => {
    const fields = field('a', 'string', '<camunda:constraint name="readonly"/>') + field('text_b', 'string');
    const result = await submit(fields, { a: 'changed', text_b: 'changed' }, { variables: { a: 'kept' } });
    expect(result).toMatchObject({ status: 'ok', values: {} });
    expect(await submit(fields, { toString: 'x' })).toMatchObject({ issues: [{ path: 'toString' }] });
  });

  it('lose what the database cannot keep', async () => {
    expect(await submit(field('t', 'string'), { t: 'a\0b\ud800' })).toMatchObject({
      values: { t: 'ab\ufffd' },
    });
  });

  it('are all looked at, also the required ones that are blank', async () => {
    const fields =
      field('a', 'string', required) + field('b', 'long', required) + field('c', 'boolean', required);
    expect(await submit(fields, { a: '   ', c: false })).toMatchObject({
      issues: [{ path: 'a' }, { path: 'b' }, { path: 'c' }],
    });
  });
});

describe('the buttons of a form', () => {
  const buttons = field('action_go', 'boolean') + field('action_stop', 'boolean');

  it('are all known to the process, and one of them is true', async () => {
    const expected = { status: 'ok', action: 'action_go', values: { action_go: true, action_stop: false } };
    expect(await submit(buttons, {}, { action: 'action_go' })).toMatchObject(expected);
    expect(await submit(buttons, { action_go: true })).toMatchObject(expected);
  });

  it('must be among the form’s own', async () => {
    expect(await submit(buttons, {}, { action: 'action_other' })).toMatchObject({
      issues: [{ path: 'action' }],
    });
    expect(await submit(field('t', 'string'), {}, { action: 't' })).toMatchObject({
      issues: [{ path: 'action' }],
    });
  });

  it('are pressed by sending the form when there is only one', async () => {
    expect(await submit(field('action_go', 'boolean'), {})).toMatchObject({ values: { action_go: true } });
  });

  it('decide what is needed', async () => {
    const fields = buttons + field('why', 'string', '', property('required_if', '${action_stop}'));
    expect(await submit(fields, {}, { action: 'action_go' })).toMatchObject({ status: 'ok' });
    expect(await submit(fields, {}, { action: 'action_stop' })).toMatchObject({
      issues: [{ path: 'why', message: 'Text of at most 1,000 characters is needed; nothing was given.' }],
    });
    expect(await submit(fields, { why: 'late' }, { action: 'action_stop' })).toMatchObject({ status: 'ok' });
  });
});
