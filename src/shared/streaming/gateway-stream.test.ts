import { EventType } from '@ag-ui/core';
import { describe, expect, it } from 'vitest';
import type { ServerFrame } from '../contracts/gateway-frames.ts';
import type { Source } from '../contracts/threads.ts';
import type { RunEvent } from '../conversations/run.ts';
import { createGatewayTranslator, type GatewayTranslatorOptions } from './gateway-stream.ts';

const runId = 'run';
const threadId = 'thread';
const started: RunEvent = { type: EventType.RUN_STARTED, threadId, runId, timestamp: 1000 };
const finished: RunEvent = {
  type: EventType.RUN_FINISHED,
  threadId,
  runId,
  outcome: { type: 'success' },
  timestamp: 1250,
};
const text = (delta: string, messageId = 'answer'): RunEvent => ({
  type: EventType.TEXT_MESSAGE_CONTENT,
  messageId,
  delta,
});
const textStart = (messageId = 'answer'): RunEvent => ({
  type: EventType.TEXT_MESSAGE_START,
  messageId,
  role: 'assistant',
});
const toolStart: RunEvent = { type: EventType.TOOL_CALL_START, toolCallId: 'c1', toolCallName: 'search' };
const toolArgs = (delta: string): RunEvent => ({ type: EventType.TOOL_CALL_ARGS, toolCallId: 'c1', delta });
const toolEnd: RunEvent = { type: EventType.TOOL_CALL_END, toolCallId: 'c1' };
const toolResult = (content: string, error?: boolean): RunEvent => ({
  type: EventType.TOOL_CALL_RESULT,
  messageId: 'tool',
  toolCallId: 'c1',
  content,
  ...(error ? { metadata: { error } } : {}),
});

function frames(events: RunEvent[], options: Partial<GatewayTranslatorOptions> = {}): ServerFrame[] {
  const translator = createGatewayTranslator({ runId, mode: 'incremental', ...options });
  return events.flatMap((event, index) => translator.translate({ seq: index + 1, event }));
}

/** What a frame is, in a word. */
function word(frame: ServerFrame): string {
  if (frame.type === 'stateUpdate') return frame.status;
  return frame.type === 'textStreamDelta' ? `"${frame.delta}"` : frame.type;
}

describe('the order of frames', () => {
  it.each<[string, RunEvent[], string[]]>([
    [
      'says and ends',
      [started, textStart(), text('Hi'), finished],
      ['generating', '"Hi"', 'messageComplete', 'complete'],
    ],
    ['says nothing', [started, finished], ['generating', 'messageComplete', 'complete']],
    [
      'uses a tool',
      [started, toolStart, toolArgs('{}'), toolEnd, toolResult('3'), textStart(), text('Three'), finished],
      [
        'generating',
        'toolInvocation',
        'tool_executing',
        'toolResult',
        '"Three"',
        'messageComplete',
        'complete',
      ],
    ],
    [
      'is stopped',
      [started, textStart(), text('Hi'), { ...finished, outcome: { type: 'cancelled' } }],
      ['generating', '"Hi"', 'messageComplete', 'cancelled'],
    ],
    [
      'waits for somebody',
      [
        started,
        { ...finished, outcome: { type: 'interrupt', interrupts: [{ id: 'i', reason: 'confirmation' }] } },
      ],
      ['generating', 'messageComplete', 'waiting'],
    ],
    [
      'fails',
      [started, textStart(), text('Hi'), { type: EventType.RUN_ERROR, message: 'No' }],
      ['generating', '"Hi"', 'error', 'error'],
    ],
    [
      'thinks, steps and keeps state, which are not shown here',
      [
        started,
        { type: EventType.REASONING_START, messageId: 'r' },
        { type: EventType.REASONING_MESSAGE_START, messageId: 'r', role: 'reasoning' },
        { type: EventType.REASONING_MESSAGE_CONTENT, messageId: 'r', delta: 'hm' },
        { type: EventType.REASONING_MESSAGE_END, messageId: 'r' },
        { type: EventType.REASONING_END, messageId: 'r' },
        { type: EventType.STEP_STARTED, stepName: 's' },
        { type: EventType.STEP_FINISHED, stepName: 's' },
        { type: EventType.STATE_SNAPSHOT, snapshot: {} },
        { type: EventType.STATE_DELTA, delta: [] },
        { type: EventType.CUSTOM, name: 'unheard-of', value: 1 },
        finished,
      ],
      ['generating', 'messageComplete', 'complete'],
    ],
  ])('of a run that %s', (_case, events, expected) => {
    expect(frames(events).map(word)).toEqual(expected);
  });

  it('is numbered densely from 1, whatever the numbers of the events', () => {
    const all = frames([started, textStart(), text('a'), text(''), text('b'), finished]);
    expect(all.map((frame) => frame.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(all.every((frame) => frame.run_id === runId)).toBe(true);
  });
});

describe('text', () => {
  it('comes as what is new, or as all so far', () => {
    const events = [started, textStart(), text('One'), text(' two'), finished];
    const deltas = (mode: 'incremental' | 'cumulative') =>
      frames(events, { mode }).flatMap((frame) => (frame.type === 'textStreamDelta' ? [frame.delta] : []));
    expect(deltas('incremental')).toEqual(['One', ' two']);
    expect(deltas('cumulative')).toEqual(['One', 'One two']);
  });

  it('of two parts is one message with a blank line between', () => {
    const all = frames([
      started,
      textStart('a'),
      text('One', 'a'),
      textStart('b'),
      text('Two', 'b'),
      finished,
    ]);
    expect(all.map(word)).toEqual(['generating', '"One"', '"\n\nTwo"', 'messageComplete', 'complete']);
    expect(all.flatMap((frame) => ('message_id' in frame ? [frame.message_id] : []))).toEqual([
      'a',
      'a',
      'a',
    ]);
    expect(all.find((frame) => frame.type === 'messageComplete')).toMatchObject({ total_length: 8 });
  });

  it('belongs to the recorded message when that is known, and a silent run to itself', () => {
    const spoken = frames([started, textStart('x'), text('One', 'x'), finished], { messageId: 'recorded' });
    expect(spoken[1]).toMatchObject({ message_id: 'recorded' });
    expect(frames([started, finished])[1]).toMatchObject({ message_id: runId });
  });
});

describe('tools', () => {
  it('show their arguments, emoji and result', () => {
    const all = frames(
      [started, toolStart, toolArgs('{"q":'), toolArgs('"tea"}'), toolEnd, toolResult('3 found'), finished],
      {
        emojiOf: (name) => (name === 'search' ? '🔎' : '?'),
      },
    );
    expect(all[1]).toMatchObject({ tool_id: 'c1', tool_name: 'search', args: { q: 'tea' }, emoji: '🔎' });
    expect(all[3]).toMatchObject({ tool_id: 'c1', success: true, result: '3 found' });
    expect(all[4]).toMatchObject({ metadata: { tools_used: ['search'] } });
  });

  it('that fail say why', () => {
    const all = frames([started, toolStart, toolEnd, toolResult('no such base', true), finished]);
    expect(all[1]).toMatchObject({ args: {} });
    expect(all[3]).toMatchObject({ success: false, error: 'no such base' });
    expect(all[3]).not.toHaveProperty('result');
  });

  it('with arguments that are no JSON are shown as they are', () => {
    expect(frames([started, toolStart, toolArgs('{"q'), toolEnd])[1]).toMatchObject({ args: '{"q' });
  });
});

describe('the end', () => {
  it('carries sources, tokens and time', () => {
    const source: Source = {
      n: 1,
      kb_id: 'kb',
      kb_name: 'Handbook',
      title: 'Tea',
      quote: 'Tea is hot',
      sender: null,
      date: null,
      link: null,
    };
    const all = frames([
      started,
      { type: EventType.CUSTOM, name: 'sources', value: [source] },
      { ...finished, usage: [{ inputTokens: 5, outputTokens: 7 }, { totalTokens: 30 }] },
    ]);
    expect(all[1]).toMatchObject({
      type: 'messageComplete',
      metadata: { tokens: 42, duration_ms: 250, sources: [source] },
    });
  });

  it('does not invent tokens or time that nobody told', () => {
    const { timestamp: _a, ...startedWithout } = started;
    const { timestamp: _b, ...finishedWithout } = finished;
    const all = frames([startedWithout, finishedWithout]);
    expect(all[1]).toMatchObject({ metadata: { tokens: null, duration_ms: 0 } });
  });

  it('names known errors and hides others behind one code', () => {
    const codeOf = (code: string) => {
      const frame = frames([started, { type: EventType.RUN_ERROR, message: 'No', code }])[1];
      return frame?.type === 'error' ? frame.code : undefined;
    };
    expect(codeOf('RATE_LIMIT_EXCEEDED')).toBe('RATE_LIMIT_EXCEEDED');
    expect(codeOf('ECONNREFUSED')).toBe('INTERNAL_ERROR');
  });
});

it('passes forms on, and the client its own id of the question back', () => {
  const all = frames(
    [started, { type: EventType.CUSTOM, name: 'formRequest', value: { form_id: 'f', fields: [] } }, finished],
    { metadata: { client_message_id: 'mine' } },
  );
  expect(all[0]).toMatchObject({ thread_id: threadId, metadata: { client_message_id: 'mine' } });
  expect(all[1]).toMatchObject({ type: 'formRequest', form_id: 'f', run_id: runId, seq: 2 });
});
