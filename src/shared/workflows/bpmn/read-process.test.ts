import { describe, expect, it } from 'vitest';
import { AppError } from '../../errors.ts';
import { readProcess } from './read-process.ts';
import { bpmn, end, exclusive, flows, start, task } from './test-process.ts';

const line = (element: string, id: string) =>
  bpmn(start + element + end + flows(`start -> ${id}`, `${id} -> end`));

async function problemsOf(xml: string): Promise<unknown> {
  try {
    await readProcess(xml);
  } catch (error) {
    if (error instanceof AppError && error.code === 'VALIDATION_ERROR')
      return error.details['issues'] ?? error.message;
    throw error;
  }
  return [];
}

describe('a process is read', () => {
  it('with flows derived where the file does not list them', async () => {
    const model = await readProcess(line(task('a'), 'a'));
    expect(model.key).toBe('test');
    expect(model.nodes.get('a')).toMatchObject({
      kind: 'userTask',
      incoming: [{ id: 'start_a', sourceId: 'start' }],
      outgoing: [{ id: 'a_end', targetId: 'end' }],
    });
  });

  it('with names in both languages, English where there is no Russian', async () => {
    const model = await readProcess(
      line(
        task(
          'a',
          'name="Check ${x}"',
          '<camunda:properties><camunda:property name="name_ru" value="Проверить ${x}"/></camunda:properties>',
        ) + task('b', 'name="Send"'),
        'a',
      )
        .replace('targetRef="end"', 'targetRef="b"')
        .replace('</bpmn:process>', `${flows('b -> end')}</bpmn:process>`),
    );
    expect(model.nodes.get('a')?.name).toMatchObject({
      en: { source: 'Check ${x}' },
      ru: { source: 'Проверить ${x}' },
    });
    expect(model.nodes.get('b')?.name.ru.source).toBe('Send');
  });

  it('with notes of other tools left aside', async () => {
    const xml = line(task('a', 'other:colour="red"', '<other:note>x</other:note>'), 'a');
    expect(await problemsOf(xml)).toEqual([]);
  });

  it('with fields by Camunda’s types and the rule of their names', async () => {
    const field = (id: string, type: string, more = '') =>
      `<camunda:formField id="${id}" type="${type}">${more}</camunda:formField>`;
    const property = (id: string, value: string) =>
      `<camunda:properties><camunda:property id="${id}" value="${value}"/></camunda:properties>`;
    const readonly = '<camunda:validation><camunda:constraint name="readonly"/></camunda:validation>';
    const model = await readProcess(
      line(
        task(
          'a',
          '',
          `<camunda:formData>${[
            field('title', 'string'),
            field('story', 'string', property('multiline', 'true')),
            field('count', 'long'),
            field('weight', 'double'),
            field('ok', 'boolean'),
            field('day', 'date'),
            field('colour', 'enum', '<camunda:value id="r" name="Red"/>'),
            field('text_note', 'string'),
            field('action_go', 'boolean', property('variant', 'primary')),
            field('action_old', 'boolean', readonly),
            field('s3_scan', 'string'),
          ].join('')}</camunda:formData>`,
        ),
        'a',
      ),
    );
    const node = model.nodes.get('a');
    const fields = node?.kind === 'userTask' ? node.form : [];
    expect(
      fields.map(({ name, type, readonly: closed }) => `${name} ${type}${closed ? ' readonly' : ''}`),
    ).toEqual([
      'title text',
      'story textarea',
      'count number',
      'weight number',
      'ok checkbox',
      'day date',
      'colour select',
      'text_note text readonly',
      'action_go button',
      'action_old checkbox readonly',
      's3_scan file',
    ]);
  });
});

describe('a process is refused at deployment, with the element named,', () => {
  const named = (path: string, message: RegExp) =>
    expect.objectContaining({ path, message: expect.stringMatching(message) as string }) as unknown;

  it.each<[string, string, string, RegExp]>([
    [
      'a script',
      '<bpmn:scriptTask id="x" scriptFormat="js"><bpmn:script>1</bpmn:script></bpmn:scriptTask>',
      'x',
      /ScriptTask is not supported/,
    ],
    [
      'a Java delegate',
      '<bpmn:serviceTask id="x" camunda:class="a.B" />',
      'x',
      /ServiceTask is not supported/,
    ],
    [
      'a decision table',
      '<bpmn:businessRuleTask id="x" camunda:decisionRef="d" />',
      'x',
      /BusinessRuleTask is not/,
    ],
    ['a sub-process', '<bpmn:subProcess id="x" />', 'x', /SubProcess is not supported/],
    [
      'a listener',
      task('x', '', '<camunda:taskListener class="a.B" event="create" />'),
      'x',
      /camunda:TaskListener/,
    ],
    [
      'a connector',
      task('x', '', '<camunda:connector><camunda:connectorId>c</camunda:connectorId></camunda:connector>'),
      'x',
      /camunda:Connector/,
    ],
    ['a form of another kind', task('x', 'camunda:formKey="embedded:x"'), 'x', /"formKey" is not supported/],
    ['a job', task('x', 'camunda:asyncBefore="true"'), 'x', /"asyncBefore"/],
    [
      'an attribute that Camunda does not know either',
      task('x', 'camunda:nonsense="1"'),
      'x',
      /"camunda:nonsense"/,
    ],
    [
      'several instances',
      '<bpmn:userTask id="x"><bpmn:multiInstanceLoopCharacteristics /></bpmn:userTask>',
      'x',
      /loopCharacteristics/,
    ],
    [
      'a script as parameter',
      task(
        'x',
        '',
        '<camunda:inputOutput><camunda:inputParameter name="p"><camunda:script scriptFormat="js">1</camunda:script></camunda:inputParameter></camunda:inputOutput>',
      ),
      'x',
      /camunda:Script is not supported/,
    ],
    ['a broken expression', task('x', 'camunda:assignee="${a.b()}"'), 'x', /assignee: methods and functions/],
    [
      'an unknown field type',
      task('x', '', '<camunda:formData><camunda:formField id="f" type="money"/></camunda:formData>'),
      'f',
      /type "money"/,
    ],
    [
      'an unknown constraint',
      task(
        'x',
        '',
        '<camunda:formData><camunda:formField id="f" type="string"><camunda:validation><camunda:constraint name="validator" config="a.B"/></camunda:validation></camunda:formField></camunda:formData>',
      ),
      'f',
      /constraint "validator"/,
    ],
    [
      'a bound that is no number',
      task(
        'x',
        '',
        '<camunda:formData><camunda:formField id="f" type="long"><camunda:validation><camunda:constraint name="min" config="few"/></camunda:validation></camunda:formField></camunda:formData>',
      ),
      'f',
      /min: a number is needed/,
    ],
    [
      'a choice of nothing',
      task('x', '', '<camunda:formData><camunda:formField id="f" type="enum"/></camunda:formData>'),
      'f',
      /at least one camunda:value/,
    ],
    [
      'a field that exists twice',
      task(
        'x',
        '',
        '<camunda:formData><camunda:formField id="f" type="long"/><camunda:formField id="f" type="long"/></camunda:formData>',
      ),
      'f',
      /exists twice/,
    ],
    [
      'a field with a dangerous name',
      task('x', '', '<camunda:formData><camunda:formField id="__proto__" type="long"/></camunda:formData>'),
      '__proto__',
      /letters, digits/,
    ],
    [
      'a field of the engine',
      task('x', '', '<camunda:formData><camunda:formField id="group" type="long"/></camunda:formData>'),
      'group',
      /taken by the engine/,
    ],
  ])('%s', async (_what, element, path, message) => {
    expect(await problemsOf(line(element, 'x'))).toContainEqual(named(path, message));
  });

  it('an exclusive gateway with a single conditional flow', async () => {
    const xml = bpmn(start + exclusive('x') + end + flows('start -> x', 'x -> end if ${a}'));
    expect(await problemsOf(xml)).toContainEqual(named('x', /only flow must not have a condition/));
  });

  it('an exclusive gateway with a flow that has no condition and is not the default', async () => {
    const xml = bpmn(
      start +
        exclusive('x') +
        task('a') +
        end +
        flows('start -> x', 'x -> end if ${a}', 'x -> a', 'a -> end'),
    );
    expect(await problemsOf(xml)).toContainEqual(named('x', /"x_a" needs a condition/));
  });

  it('a default flow with a condition', async () => {
    const xml = bpmn(
      start +
        exclusive('x', 'x_a') +
        task('a') +
        end +
        flows('start -> x', 'x -> end if ${a}', 'x -> a if ${b}', 'a -> end'),
    );
    expect(await problemsOf(xml)).toContainEqual(named('x_a', /default flow has no condition/));
  });

  it('a flow to nothing', async () => {
    expect(await problemsOf(bpmn(start + end + flows('start -> nowhere')))).toEqual([
      named('xml', /unresolved reference <nowhere>/),
      named('start_nowhere', /leads to nothing/),
      named('end', /nothing leads here/),
    ]);
  });

  it('a missing start, two starts, a missing end, a task behind nothing, and one that leads nowhere', async () => {
    expect(await problemsOf(bpmn(task('a') + end + flows('a -> end')))).toContainEqual(
      named('test', /exactly one start event/),
    );
    const second = '<bpmn:startEvent id="s2" />';
    expect(await problemsOf(bpmn(start + second + end + flows('start -> end', 's2 -> end')))).toContainEqual(
      named('test', /exactly one start event/),
    );
    expect(await problemsOf(bpmn(start + task('a') + flows('start -> a')))).toEqual([
      named('end', /an end event is needed/),
      named('a', /leads nowhere/),
    ]);
    expect(
      await problemsOf(bpmn(start + task('a') + end + flows('start -> end', 'a -> end'))),
    ).toContainEqual(named('a', /nothing leads here/));
  });

  it('a start by a timer', async () => {
    const timer = '<bpmn:startEvent id="start"><bpmn:timerEventDefinition /></bpmn:startEvent>';
    expect(await problemsOf(bpmn(timer + end + flows('start -> end')))).toContainEqual(
      named('start', /"eventDefinitions"/),
    );
  });

  it('what is not BPMN at all, and what is too long', async () => {
    expect(await problemsOf('hello')).toBe('This is not a BPMN 2.0 file.');
    expect(await problemsOf('<a></b>')).toBe('This is not a BPMN 2.0 file.');
    expect(await problemsOf(' '.repeat(1_000_001))).toMatch(/refused/);
  });

  it('a file with two processes or none', async () => {
    const two = line(task('a'), 'a').replace(
      '</bpmn:definitions>',
      '<bpmn:process id="p2"/></bpmn:definitions>',
    );
    expect(await problemsOf(two)).toContainEqual(named('definitions', /exactly one process/));
    const none = bpmn('').replace(/<bpmn:process[\s\S]*<\/bpmn:process>/, '');
    expect(await problemsOf(none)).toContainEqual(named('definitions', /exactly one process/));
  });
});
