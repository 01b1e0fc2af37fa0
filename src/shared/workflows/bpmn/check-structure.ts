// The rules of the graph. Those of exclusive gateways are the ones that Camunda 7 checks at deployment.
import type { Problems } from './problems.ts';
import type { FlowNode, StartEvent } from './process-model.ts';

export function checkStructure(
  problems: Problems,
  nodes: ReadonlyMap<string, FlowNode>,
  start: StartEvent | undefined,
): void {
  if (![...nodes.values()].some(({ kind }) => kind === 'end')) problems.add('end', 'an end event is needed');
  for (const node of nodes.values()) {
    checkFlows(problems, node, nodes);
    if (node.kind === 'exclusive') checkExclusive(problems, node);
  }
  if (!start) return;
  const reached = reachable(start, nodes);
  for (const id of nodes.keys()) if (!reached.has(id)) problems.add(id, 'nothing leads here');
}

function checkFlows(problems: Problems, node: FlowNode, nodes: ReadonlyMap<string, FlowNode>): void {
  if (node.kind === 'start' && node.incoming.length > 0)
    problems.add(node.id, 'nothing may lead back to a start');
  if (node.kind === 'end') {
    if (node.outgoing.length > 0) problems.add(node.id, 'nothing may follow an end');
  } else if (node.outgoing.length === 0) {
    problems.add(node.id, 'it leads nowhere: let an end event follow');
  }
  for (const flow of node.outgoing) {
    if (!nodes.has(flow.targetId)) problems.add(flow.id, 'it leads to nothing that is supported');
    if (flow.isDefault && flow.condition) problems.add(flow.id, 'a default flow has no condition');
    if (flow.condition && (node.kind === 'start' || node.kind === 'parallel')) {
      problems.add(flow.id, 'a condition has no effect here');
    }
  }
  const [first] = node.outgoing;
  if (first?.isDefault && node.outgoing.length === 1 && node.kind !== 'exclusive') {
    problems.add(node.id, 'a default flow needs others with conditions beside it');
  }
}

function checkExclusive(problems: Problems, node: FlowNode): void {
  const [first, second] = node.outgoing;
  if (first && !second) {
    if (first.condition) problems.add(node.id, 'its only flow must not have a condition');
    return;
  }
  for (const flow of node.outgoing) {
    if (!flow.condition && !flow.isDefault) {
      problems.add(node.id, `the flow "${flow.id}" needs a condition, or must be the default flow`);
    }
  }
}

function reachable(start: StartEvent, nodes: ReadonlyMap<string, FlowNode>): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting: FlowNode[] = [start];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (reached.has(node.id)) continue;
    reached.add(node.id);
    for (const { targetId } of node.outgoing) {
      const target = nodes.get(targetId);
      if (target) waiting.push(target);
    }
  }
  return reached;
}
