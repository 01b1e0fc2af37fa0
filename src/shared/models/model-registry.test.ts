import { describe, expect, it } from 'vitest';
import { ModelRegistry } from './model-registry.ts';

const registry = new ModelRegistry({
  openai: { apiKey: 'sk-x' },
  providers: {
    ollama: { baseUrl: 'http://127.0.0.1:11434/v1', models: ['llama3:8b'] },
    openrouter: { baseUrl: 'https://openrouter.example/api/v1', models: ['x/y:free'] },
  },
});

describe('ModelRegistry', () => {
  it('has nothing when nothing is configured', () => {
    const empty = new ModelRegistry({});
    expect([empty.defaultId, empty.list(), empty.find(), empty.find('openai:gpt')]).toEqual([
      undefined,
      [],
      undefined,
      undefined,
    ]);
  });

  it('takes a prefix for a provider only when it is one', () => {
    expect(registry.find('ollama:llama3:8b')?.id).toBe('ollama:llama3:8b');
    expect(registry.find('openrouter:x/y:free')?.id).toBe('openrouter:x/y:free');
    expect(registry.find('llama3:8b')?.id).toBe('openai:llama3:8b');
    expect(registry.find('openai:')?.id).toBe('openai:openai:');
  });

  it('offers the default first and keeps one model an id', () => {
    const chosen = new ModelRegistry({
      providers: { a: { baseUrl: 'http://a', models: ['1', '2'] } },
      defaultModel: 'a:2',
    });
    expect(chosen.list()).toEqual(['a:2', 'a:1']);
    expect(chosen.find()).toBe(chosen.find('a:2'));
  });

  it('keeps a bounded number of models that clients make up', () => {
    for (let i = 0; i < 500; i++) registry.find(`openai:made-up-${i}`);
    expect(registry.find('openai:made-up-499')).not.toBe(registry.find('openai:made-up-499'));
    expect(registry.find('openai:made-up-1')).toBe(registry.find('openai:made-up-1'));
  });
});
