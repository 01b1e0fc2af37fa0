import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { calculator } from './calculator/calculator.ts';
import type { Tool, ToolContext } from './tool.ts';
import { ToolRegistry } from './tool-registry.ts';

const context = (signal: AbortSignal = new AbortController().signal): ToolContext => ({
  caller: { kind: 'guest', guestId: 'g', language: 'en' },
  language: 'en',
  timeZone: 'UTC',
  kbIds: [],
  signal,
});

function tool(name: string, run: Tool['run']): Tool {
  return { name, emoji: '🔧', description: '', input: z.object({}), label: () => name, run };
}

describe('ToolRegistry', () => {
  const registry = new ToolRegistry(
    [
      calculator,
      tool('broken', () => Promise.reject(new Error('secret connection string'))),
      tool('endless', () => new Promise(() => undefined)),
      tool('wordy', async () => ({ status: 'ok', content: 'x'.repeat(1_000) })),
    ],
    { timeoutMs: 30, maxContentLength: 100 },
  );

  it('runs a tool with arguments as text or parsed', async () => {
    const expected = { status: 'ok', content: '2*3 = 6' };
    expect(await registry.invoke('calculator', '{"expression":"2*3"}', context())).toMatchObject(expected);
    expect(await registry.invoke('calculator', { expression: '2*3' }, context())).toMatchObject(expected);
  });

  it('tells the model what is wrong with its call', async () => {
    expect(await registry.invoke('oracle', {}, context())).toMatchObject({
      message: expect.stringContaining('There is no tool "oracle". There are: calculator'),
    });
    expect(await registry.invoke('calculator', '{"expression":', context())).toMatchObject({
      status: 'error',
    });
    expect(await registry.invoke('calculator', '{}', context())).toMatchObject({
      status: 'error',
      message: expect.stringContaining('expression'),
    });
    expect(await registry.invoke('calculator', { expression: '1/0' }, context())).toEqual({
      status: 'error',
      message: 'Division by zero at position 2.',
    });
  });

  it('keeps what a defect says to itself', async () => {
    expect(await registry.invoke('broken', {}, context())).toEqual({
      status: 'error',
      message: '"broken" failed.',
    });
  });

  it('gives up on a tool that takes too long, and bounds what it returns', async () => {
    expect(await registry.invoke('endless', {}, context())).toMatchObject({
      message: '"endless" took longer than 0.03 s.',
    });
    const wordy = await registry.invoke('wordy', {}, context());
    expect(wordy).toMatchObject({ content: `${'x'.repeat(100)}… (cut)` });
  });

  it('ends at once when the run is stopped', async () => {
    const controller = new AbortController();
    const running = registry.invoke('endless', {}, context(controller.signal));
    controller.abort(new Error('stopped'));
    await expect(running).rejects.toThrow('stopped');
  });

  it('declares tools as JSON Schema', () => {
    expect(registry.declarations()[0]).toMatchObject({
      name: 'calculator',
      parameters: {
        type: 'object',
        properties: { expression: { type: 'string' } },
        required: ['expression'],
      },
    });
  });

  it('refuses two tools of one name', () => {
    expect(() => new ToolRegistry([calculator, calculator])).toThrow('same name');
  });
});
