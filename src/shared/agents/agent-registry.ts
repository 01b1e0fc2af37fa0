import type { Agents } from '../services.ts';
import type { Agent } from './agent.ts';

export class AgentRegistry implements Agents {
  readonly defaultId: string;
  readonly #agents: ReadonlyMap<string, Agent>;

  /** The first agent is the default one. Throws when there is none, or two have one id. */
  constructor(agents: readonly Agent[]) {
    const [first] = agents;
    if (!first) throw new Error('There must be an agent.');
    this.#agents = new Map(agents.map((agent) => [agent.id, agent]));
    if (this.#agents.size < agents.length) throw new Error('Two agents have the same id.');
    this.defaultId = first.id;
  }

  list(): readonly Agent[] {
    return [...this.#agents.values()];
  }

  find(agentId: string): Agent | undefined {
    return this.#agents.get(agentId);
  }
}
