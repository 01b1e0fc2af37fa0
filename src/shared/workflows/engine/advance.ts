// The interpreter: tokens move until every one of them waits. Pure: the same model, state and event give the same
// result, and nothing outside is touched, so a fault at any place means that nothing happened.
import type {
  FlowNode,
  MappedValue,
  Mapping,
  ProcessModel,
  SequenceFlow,
  UserTask,
} from '../bpmn/process-model.ts';
import { ExpressionError } from '../expressions/expression-error.ts';
import { evaluateTemplate, type Template } from '../expressions/template.ts';
import type { Value, Variables } from '../expressions/value.ts';
import { resolveDate } from './dates.ts';
import { ProcessFault } from './process-fault.ts';
import {
  type Effect,
  notStarted,
  type ProcessEvent,
  type ProcessState,
  type Token,
  textList,
} from './process-state.ts';

/** Nodes that one event may enter. A loop without a task in it comes to an error, not to a hang. */
const maximumSteps = 1000;
/** Tokens that one instance may have: a loop around a fork multiplies them with every turn. */
const maximumTokens = 200;
const defaultPriority = 50;

export interface Advanced {
  readonly state: ProcessState;
  readonly effects: readonly Effect[];
}

/** Throws ProcessFault when the process cannot go on, also when the event does not fit the state. */
export function advance(model: ProcessModel, state: ProcessState, event: ProcessEvent): Advanced {
  if (state.status !== 'running') throw new ProcessFault(model.key, `the process is ${state.status}`);
  const walk = new Walk(model, state, event.kind === 'cancel' ? '' : event.at);
  switch (event.kind) {
    case 'start':
      walk.start(event.values, event.starter);
      break;
    case 'completeTask':
      walk.completeTask(event.tokenId, event.values);
      break;
    case 'cancel':
      walk.end('cancelled', null);
  }
  return walk.result();
}

export function startProcess(model: ProcessModel, event: Extract<ProcessEvent, { kind: 'start' }>): Advanced {
  return advance(model, notStarted, event);
}

/** One event being worked off. The mutable part of the interpreter; lives as long as one call of `advance`. */
class Walk {
  readonly #model: ProcessModel;
  readonly #revision: number;
  readonly #at: string;
  readonly #effects: Effect[] = [];
  #status: ProcessState['status'] = 'running';
  #variables: Variables;
  #tokens: readonly Token[];
  #nextTokenId: number;
  #endId: string | null = null;
  /** Flows that a token is moving along. */
  #moving: SequenceFlow[] = [];

  constructor(model: ProcessModel, state: ProcessState, at: string) {
    this.#model = model;
    this.#revision = state.revision + 1;
    this.#at = at;
    this.#variables = state.variables;
    this.#tokens = state.tokens;
    this.#nextTokenId = state.nextTokenId;
  }

  result(): Advanced {
    const state: ProcessState = {
      revision: this.#revision,
      status: this.#status,
      variables: this.#variables,
      tokens: this.#tokens,
      nextTokenId: this.#nextTokenId,
      endId: this.#endId,
    };
    return { state, effects: this.#effects };
  }

  start(values: Variables, starter: string): void {
    const { start } = this.#model;
    this.#variables = { ...values, ...(start.initiator === undefined ? {} : { [start.initiator]: starter }) };
    this.#moving = [...start.outgoing];
    this.#run();
  }

  completeTask(tokenId: number, values: Variables): void {
    const token = this.#tokens.find(({ id }) => id === tokenId);
    const node = this.#model.nodes.get(token?.nodeId ?? '');
    if (!token || node?.kind !== 'userTask') throw new ProcessFault(this.#model.key, 'there is no such task');
    this.#tokens = this.#tokens.filter(({ id }) => id !== tokenId);
    this.#effects.push({ kind: 'completeTask', tokenId });
    this.#takeOver(node, token.locals ?? {}, values);
    this.#moving = this.#choose(node);
    this.#run();
  }

  end(status: 'completed' | 'cancelled', endId: string | null): void {
    for (const { id, nodeId } of this.#tokens) {
      if (this.#model.nodes.get(nodeId)?.kind === 'userTask')
        this.#effects.push({ kind: 'cancelTask', tokenId: id });
    }
    this.#tokens = [];
    this.#moving = [];
    this.#status = status;
    this.#endId = endId;
    this.#effects.push({ kind: 'endProcess', endId });
  }

  #run(): void {
    let steps = 0;
    for (let flow = this.#moving.shift(); flow; flow = this.#moving.shift()) {
      if (++steps > maximumSteps) {
        throw new ProcessFault(
          flow.targetId,
          `more than ${maximumSteps} steps without a task: a loop that never waits`,
        );
      }
      const node = this.#model.nodes.get(flow.targetId);
      if (!node) throw new ProcessFault(flow.id, 'it leads nowhere');
      this.#enter(node, flow);
      if (this.#tokens.length > maximumTokens) {
        throw new ProcessFault(node.id, `more than ${maximumTokens} branches at once`);
      }
    }
    const waits = this.#tokens.some(({ nodeId }) => this.#model.nodes.get(nodeId)?.kind === 'userTask');
    const [stuck] = this.#tokens;
    if (this.#status === 'running' && stuck && !waits) {
      throw new ProcessFault(stuck.nodeId, 'it waits for a branch that nobody can take any more');
    }
  }

  #enter(node: FlowNode, flow: SequenceFlow): void {
    switch (node.kind) {
      case 'userTask':
        this.#createTask(node);
        return;
      case 'exclusive':
        this.#moving.push(...this.#choose(node));
        return;
      case 'parallel':
        this.#join(node, flow);
        return;
      case 'end':
        // The process is over with its last token, or at once where the end terminates it.
        if (node.terminates || (this.#tokens.length === 0 && this.#moving.length === 0))
          this.end('completed', node.id);
        return;
      case 'start':
        throw new ProcessFault(node.id, 'nothing may lead back to a start');
    }
  }

  /** BPMN 2.0, section 13.4.1: a join takes exactly one token of each incoming flow, however many wait on one. */
  #join(node: FlowNode, flow: SequenceFlow): void {
    this.#tokens = [...this.#tokens, { id: this.#nextTokenId++, nodeId: node.id, via: flow.id }];
    const taken = node.incoming.map(({ id }) =>
      this.#tokens.find((token) => token.nodeId === node.id && token.via === id),
    );
    if (taken.includes(undefined)) return;
    this.#tokens = this.#tokens.filter((token) => !taken.includes(token));
    this.#moving.push(...node.outgoing);
  }

  #choose(node: FlowNode): SequenceFlow[] {
    const holds = (flow: SequenceFlow) => flow.condition && this.#isTrue(flow.id, flow.condition);
    const fallback = node.outgoing.find(({ isDefault }) => isDefault);
    if (node.kind === 'exclusive') {
      const [first, second] = node.outgoing;
      const chosen = second ? (node.outgoing.find(holds) ?? fallback) : first;
      if (!chosen) throw new ProcessFault(node.id, 'no condition holds and there is no default flow');
      return [chosen];
    }
    const chosen = node.outgoing.filter((flow) => !flow.isDefault && (!flow.condition || holds(flow)));
    if (chosen.length > 0) return chosen;
    if (!fallback) throw new ProcessFault(node.id, 'no condition holds and there is no default flow');
    return [fallback];
  }

  #createTask(node: UserTask): void {
    const locals = this.#mapped(node.id, node.inputs, this.#variables);
    const scope = { ...this.#variables, ...locals };
    const text = (template: Template | undefined) =>
      template === undefined ? [] : textList(this.#value(node.id, template, scope));
    const date = (template: Template | undefined) => {
      const [source] = text(template);
      if (source === undefined) return null;
      const resolved = resolveDate(source, this.#at);
      if (resolved === undefined)
        throw new ProcessFault(node.id, `"${source}" is neither a date nor a duration`);
      return resolved;
    };
    const id = this.#nextTokenId++;
    const token = { id, nodeId: node.id };
    this.#tokens = [...this.#tokens, node.inputs.length > 0 ? { ...token, locals } : token];
    this.#effects.push({
      kind: 'createTask',
      tokenId: id,
      nodeId: node.id,
      assignee: text(node.assignee)[0] ?? null,
      candidateUsers: text(node.candidateUsers),
      candidateGroups: text(node.candidateGroups),
      notBy: text(node.notBy)[0] ?? null,
      dueAt: date(node.dueDate),
      followUpAt: date(node.followUpDate),
      priority: this.#priority(node, scope),
    });
  }

  #priority(node: UserTask, scope: Variables): number {
    if (!node.priority) return defaultPriority;
    const priority = Number(this.#value(node.id, node.priority, scope) ?? defaultPriority);
    if (!Number.isInteger(priority) || priority < 0 || priority > 100) {
      throw new ProcessFault(node.id, 'its priority must be a whole number from 0 to 100');
    }
    return priority;
  }

  /** As in Camunda: what the task has of its own stays its own, the rest and the output parameters go to the process. */
  #takeOver(node: UserTask, locals: Variables, values: Variables): void {
    const own = Object.entries(values).filter(([name]) => Object.hasOwn(locals, name));
    const shared = Object.entries(values).filter(([name]) => !Object.hasOwn(locals, name));
    this.#variables = { ...this.#variables, ...Object.fromEntries(shared) };
    const scope = { ...this.#variables, ...locals, ...Object.fromEntries(own) };
    this.#variables = { ...this.#variables, ...this.#mapped(node.id, node.outputs, scope) };
  }

  #mapped(elementId: string, mappings: readonly Mapping[], scope: Variables): Variables {
    const valueOf = (value: MappedValue): Value => {
      if (value.kind === 'template') return this.#value(elementId, value.template, scope);
      if (value.kind === 'list') return value.items.map(valueOf);
      return Object.fromEntries(value.entries.map((entry) => [entry.key, valueOf(entry.value)]));
    };
    return Object.fromEntries(mappings.map(({ name, value }) => [name, valueOf(value)]));
  }

  #isTrue(elementId: string, condition: Template): boolean {
    const value = this.#value(elementId, condition, this.#variables);
    if (typeof value === 'boolean') return value;
    throw new ProcessFault(elementId, 'its condition is neither true nor false');
  }

  #value(elementId: string, template: Template, scope: Variables): Value {
    try {
      return evaluateTemplate(template, scope);
    } catch (error) {
      if (error instanceof ExpressionError) throw new ProcessFault(elementId, error.message, error);
      throw error;
    }
  }
}
