import { describe, expect, it } from 'vitest';
import type { ProcessModel } from '../bpmn/process-model.ts';
import { readProcess } from '../bpmn/read-process.ts';
import { bpmn, end, exclusive, flows, parallel, start, task } from '../bpmn/test-process.ts';
import type { Variables } from '../expressions/value.ts';
import { type Advanced, advance, startProcess } from './advance.ts';
import { ProcessFault } from './process-fault.ts';
import type { Effect, ProcessState } from './process-state.ts';

const at = '2026-11-21T12:00:00.000Z';
const begin = (model: ProcessModel, values: Variables = {}): Advanced =>
  startProcess(model, { kind: 'start', values, starter: 'ann', at });
const tasksOf = (model: ProcessModel, state: ProcessState) =>
  state.tokens.filter(({ nodeId }) => model.nodes.get(nodeId)?.kind === 'userTask');

function complete(
  model: ProcessModel,
  state: ProcessState,
  nodeId: string,
  values: Variables = {},
): Advanced {
  const token = tasksOf(model, state).find((each) => each.nodeId === nodeId);
  if (!token) throw new Error(`no task ${nodeId}`);
  return advance(model, state, { kind: 'completeTask', tokenId: token.id, values, at });
}

const inWords = (effects: readonly Effect[]) =>
  effects.map((effect) => {
    if (effect.kind === 'createTask') return `create ${effect.nodeId}`;
    return effect.kind === 'endProcess' ? `end ${effect.endId}` : `${effect.kind} ${effect.tokenId}`;
  });

describe('a token', () => {
  it('waits at a task and goes on when the task is done', async () => {
    const model = await readProcess(
      bpmn(start + task('a') + task('b') + end + flows('start -> a', 'a -> b', 'b -> end')),
    );
    const first = begin(model, { x: 1 });
    expect(first.state).toMatchObject({
      revision: 1,
      status: 'running',
      variables: { x: 1, starter: 'ann' },
    });
    const second = complete(model, first.state, 'a', { y: 2 });
    expect(inWords(second.effects)).toEqual(['completeTask 1', 'create b']);
    expect(second.state.variables).toEqual({ x: 1, y: 2, starter: 'ann' });
    const third = complete(model, second.state, 'b');
    expect(inWords(third.effects)).toEqual(['completeTask 2', 'end end']);
    expect(third.state).toMatchObject({ revision: 3, status: 'completed', tokens: [], endId: 'end' });
  });

  it('leaves the state that it came from as it was', async () => {
    const model = await readProcess(bpmn(start + task('a') + end + flows('start -> a', 'a -> end')));
    const { state } = begin(model);
    const before = structuredClone(state);
    complete(model, state, 'a', { y: 2 });
    expect(state).toEqual(before);
  });
});

describe('an exclusive gateway', () => {
  const xml = bpmn(
    start +
      exclusive('x', 'x_c') +
      task('a') +
      task('b') +
      task('c') +
      end +
      flows(
        'start -> x',
        'x -> a if ${n > 10}',
        'x -> b if ${n > 5}',
        'x -> c',
        'a -> end',
        'b -> end',
        'c -> end',
      ),
  );

  it.each([
    [11, 'a'],
    [6, 'b'],
    [1, 'c'],
  ])('with %i goes to %s: the first condition that holds, or the default', async (n, target) => {
    const model = await readProcess(xml);
    expect(tasksOf(model, begin(model, { n }).state).map(({ nodeId }) => nodeId)).toEqual([target]);
  });

  it('is a fault when nothing holds and there is no default', async () => {
    const model = await readProcess(
      bpmn(
        start +
          exclusive('x') +
          task('a') +
          end +
          flows('start -> x', 'x -> a if ${n}', 'x -> end if ${n}', 'a -> end'),
      ),
    );
    expect(() => begin(model, { n: false })).toThrow(
      new ProcessFault('x', 'no condition holds and there is no default flow'),
    );
    expect(() => begin(model, {})).toThrow(/"x_a": there is no variable "n"/);
    expect(() => begin(model, { n: 'maybe' })).toThrow(/neither true nor false/);
  });
});

describe('a parallel gateway', () => {
  const xml = bpmn(
    start +
      parallel('fork') +
      task('a') +
      task('b') +
      parallel('join') +
      task('c') +
      end +
      flows('start -> fork', 'fork -> a', 'fork -> b', 'a -> join', 'b -> join', 'join -> c', 'c -> end'),
  );

  it.each([
    ['a', 'b'],
    ['b', 'a'],
  ])('forks, and joins when both came: %s first', async (first, second) => {
    const model = await readProcess(xml);
    const forked = begin(model).state;
    expect(tasksOf(model, forked).map(({ nodeId }) => nodeId)).toEqual(['a', 'b']);
    const half = complete(model, forked, first).state;
    expect(tasksOf(model, half).map(({ nodeId }) => nodeId)).toEqual([second]);
    const joined = complete(model, half, second).state;
    expect(joined.tokens.map(({ nodeId }) => nodeId)).toEqual(['c']);
  });

  it('takes one token of each flow, not two of the same', async () => {
    // Both ways of `again` come to the join by the same flow, so only one of them may be joined with b.
    const model = await readProcess(
      bpmn(
        start +
          parallel('fork') +
          task('a1') +
          task('a2') +
          exclusive('merge') +
          task('b') +
          parallel('join') +
          task('c') +
          end +
          flows(
            'start -> fork',
            'fork -> a1',
            'fork -> a2',
            'fork -> b',
            'a1 -> merge',
            'a2 -> merge',
            'merge -> join',
            'b -> join',
            'join -> c',
            'c -> end',
          ),
      ),
    );
    let { state } = begin(model);
    state = complete(model, state, 'a1').state;
    state = complete(model, state, 'a2').state;
    expect(state.tokens.map(({ nodeId }) => nodeId)).toEqual(['b', 'join', 'join']);
    state = complete(model, state, 'b').state;
    expect(state.tokens.map(({ nodeId }) => nodeId)).toEqual(['join', 'c']);
    // The token that is left can never be joined: that is a mistake of the process and not an endless wait.
    expect(() => complete(model, state, 'c')).toThrow(/"join": it waits for a branch/);
  });

  it('ends the process only with its last branch', async () => {
    const model = await readProcess(
      bpmn(
        start +
          parallel('fork') +
          task('a') +
          task('b') +
          end +
          flows('start -> fork', 'fork -> a', 'fork -> b', 'a -> end', 'b -> end'),
      ),
    );
    const half = complete(model, begin(model).state, 'a');
    expect(half.state.status).toBe('running');
    expect(complete(model, half.state, 'b').state.status).toBe('completed');
  });

  it('has its other branches cancelled by a terminate end', async () => {
    const model = await readProcess(
      bpmn(
        start +
          parallel('fork') +
          task('a') +
          task('b') +
          end +
          '<bpmn:endEvent id="stop"><bpmn:terminateEventDefinition /></bpmn:endEvent>' +
          flows('start -> fork', 'fork -> a', 'fork -> b', 'a -> stop', 'b -> end'),
      ),
    );
    const { state, effects } = complete(model, begin(model).state, 'a');
    expect(inWords(effects)).toEqual(['completeTask 2', 'cancelTask 3', 'end stop']);
    expect(state).toMatchObject({ status: 'completed', tokens: [], endId: 'stop' });
  });
});

describe('flows with conditions that leave a task', () => {
  it('are all taken that hold, and the default when none does', async () => {
    const model = await readProcess(
      bpmn(
        start +
          task('a', 'default="a_d"') +
          task('b') +
          task('c') +
          task('d') +
          end +
          flows(
            'start -> a',
            'a -> b if ${n > 1}',
            'a -> c if ${n > 2}',
            'a -> d',
            'b -> end',
            'c -> end',
            'd -> end',
          ),
      ),
    );
    const after = (n: number) =>
      complete(model, begin(model).state, 'a', { n }).state.tokens.map(({ nodeId }) => nodeId);
    expect(after(3)).toEqual(['b', 'c']);
    expect(after(2)).toEqual(['b']);
    expect(after(1)).toEqual(['d']);
  });
});

describe('a loop', () => {
  it('without a task is a fault, not a hang', async () => {
    const model = await readProcess(
      bpmn(
        start +
          exclusive('x', 'x_y') +
          exclusive('y') +
          end +
          flows('start -> x', 'x -> y', 'x -> end if ${no}', 'y -> x'),
      ),
    );
    expect(() => begin(model, { no: false })).toThrow(/more than 1000 steps/);
    expect(begin(model, { no: true }).state.status).toBe('completed');
  });

  it('that multiplies its branches is a fault', async () => {
    const model = await readProcess(
      bpmn(
        start +
          exclusive('x') +
          parallel('fork') +
          task('a') +
          end +
          flows('start -> x', 'x -> fork', 'fork -> a', 'fork -> x', 'a -> end'),
      ),
    );
    expect(() => begin(model)).toThrow(/more than 200 branches/);
  });
});

describe('a task', () => {
  it('gets its people, dates and priority from expressions', async () => {
    const attributes =
      'camunda:assignee="${starter}" camunda:candidateUsers="bob, ${more}" camunda:candidateGroups="${groups}" ' +
      'camunda:dueDate="P2DT12H" camunda:followUpDate="2026-12-01" camunda:priority="${urgent ? 90 : 10}"';
    const model = await readProcess(
      bpmn(start + task('a', attributes) + end + flows('start -> a', 'a -> end')),
    );
    const { effects } = begin(model, { more: 'eve', groups: ['g1', 'g2'], urgent: true });
    expect(effects).toEqual([
      {
        kind: 'createTask',
        tokenId: 1,
        nodeId: 'a',
        assignee: 'ann',
        candidateUsers: ['bob', 'eve'],
        candidateGroups: ['g1', 'g2'],
        notBy: null,
        dueAt: '2026-11-24T00:00:00.000Z',
        followUpAt: '2026-12-01T23:59:59.000Z',
        priority: 90,
      },
    ]);
    expect(() => begin(model, { groups: [], urgent: true })).toThrow(/"a": there is no variable "more"/);
  });

  it('with a due date that is none is a fault', async () => {
    const model = await readProcess(
      bpmn(start + task('a', 'camunda:dueDate="${due}"') + end + flows('start -> a', 'a -> end')),
    );
    expect(() => begin(model, { due: 'soon' })).toThrow('"a": "soon" is neither a date nor a duration');
    expect(begin(model, { due: null }).effects[0]).toMatchObject({ dueAt: null });
  });

  it('keeps its own variables and gives out what its output parameters name', async () => {
    const mapping = `<camunda:inputOutput>
      <camunda:inputParameter name="own">\${shared + 1}</camunda:inputParameter>
      <camunda:inputParameter name="list"><camunda:list><camunda:value>\${shared}</camunda:value><camunda:value>x</camunda:value></camunda:list></camunda:inputParameter>
      <camunda:inputParameter name="map"><camunda:map><camunda:entry key="k">v</camunda:entry></camunda:map></camunda:inputParameter>
      <camunda:outputParameter name="result">\${own * 2}</camunda:outputParameter>
    </camunda:inputOutput>`;
    const model = await readProcess(
      bpmn(start + task('a', '', mapping) + task('b') + end + flows('start -> a', 'a -> b', 'b -> end')),
    );
    const first = begin(model, { shared: 1 });
    expect(first.state.tokens[0]?.locals).toEqual({ own: 2, list: [1, 'x'], map: { k: 'v' } });
    const second = complete(model, first.state, 'a', { own: 10, other: true });
    expect(second.state.variables).toEqual({ shared: 1, starter: 'ann', other: true, result: 20 });
  });
});

describe('an instance that is over', () => {
  it('takes nothing any more', async () => {
    const model = await readProcess(bpmn(start + task('a') + end + flows('start -> a', 'a -> end')));
    const { state } = begin(model);
    const cancelled = advance(model, state, { kind: 'cancel' });
    expect(inWords(cancelled.effects)).toEqual(['cancelTask 1', 'end null']);
    const again = () => advance(model, cancelled.state, { kind: 'completeTask', tokenId: 1, values: {}, at });
    expect(again).toThrow('the process is cancelled');
    expect(() => advance(model, state, { kind: 'completeTask', tokenId: 9, values: {}, at })).toThrow(
      /no such task/,
    );
  });
});

describe('any walk through a process with forks, loops and choices', () => {
  const xml = bpmn(
    start +
      exclusive('enter') +
      parallel('fork') +
      task(
        'a',
        '',
        '<camunda:inputOutput><camunda:inputParameter name="seen">${n}</camunda:inputParameter></camunda:inputOutput>',
      ) +
      task('b') +
      exclusive('again', 'again_join') +
      parallel('join') +
      exclusive('round', 'round_end') +
      end +
      flows(
        'start -> enter',
        'enter -> fork',
        'fork -> a',
        'fork -> b',
        'a -> again',
        'again -> a if ${n % 3 == 0}',
        'again -> join',
        'b -> join',
        'join -> round',
        'round -> enter if ${n % 2 == 0}',
        'round -> end',
      ),
  );

  it('survives JSON at every step, repeats itself, and keeps effects and tokens in agreement', async () => {
    const model = await readProcess(xml);
    let seed = 20261121;
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    let ended = 0;
    for (let walk = 0; walk < 200; walk++) {
      let { state } = begin(model, { n: 1 });
      for (let step = 0; step < 40 && state.status === 'running'; step++) {
        const open = tasksOf(model, state);
        const token = open[random(open.length)];
        if (!token) throw new Error('running without a task');
        const event = { kind: 'completeTask', tokenId: token.id, values: { n: random(12) }, at } as const;
        const direct = advance(model, state, event);
        const stored: ProcessState = JSON.parse(JSON.stringify(state));
        expect(stored).toEqual(state);
        expect(advance(model, stored, event)).toEqual(direct);
        const created = direct.effects.flatMap((effect) =>
          effect.kind === 'createTask' ? [effect.tokenId] : [],
        );
        const left = open.filter(({ id }) => id !== token.id).map(({ id }) => id);
        expect(tasksOf(model, direct.state).map(({ id }) => id)).toEqual([...left, ...created]);
        expect(direct.state.revision).toBe(state.revision + 1);
        state = direct.state;
      }
      if (state.status === 'completed') ended++;
    }
    expect(ended).toBeGreaterThan(100);
  });
});
