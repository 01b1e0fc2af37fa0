import { describe, expect, it } from 'vitest';
import { ToolRegistry } from '../tools/tool-registry.ts';
import { AgentRegistry } from './agent-registry.ts';
import { OfflineAssistant } from './offline/offline-assistant.ts';

const agent = (id: string) => new OfflineAssistant(new ToolRegistry([]), { id });

describe('AgentRegistry', () => {
  it('takes the first agent for the default and finds each by its id', () => {
    const agents = new AgentRegistry([agent('assistant'), agent('offline')]);
    expect(agents.defaultId).toBe('assistant');
    expect(agents.list().map((one) => one.id)).toEqual(['assistant', 'offline']);
    expect(agents.find('offline')?.describe('ru').description).toMatch(/Не языковая модель/);
    expect(agents.find('nobody')).toBeUndefined();
  });

  it('refuses no agents, and two of one id', () => {
    expect(() => new AgentRegistry([])).toThrow('must be an agent');
    expect(() => new AgentRegistry([agent('a'), agent('a')])).toThrow('same id');
  });
});
