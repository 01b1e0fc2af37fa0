import type { Problems } from './problems.ts';
import type { FlowNode, SequenceFlow } from './process-model.ts';
import {
  isVariableName,
  localizedTemplate,
  type Properties,
  readMappings,
  readProperties,
} from './read-extensions.ts';
import { readForm } from './read-form.ts';
import type { XmlElement } from './xml-element.ts';

interface Flows {
  incoming: readonly SequenceFlow[];
  outgoing: readonly SequenceFlow[];
}

const common = ['id', 'documentation', 'extensionElements'];
const nodeProperties = ['name', 'incoming', 'outgoing', 'default'];
const assignment = ['assignee', 'candidateUsers', 'candidateGroups', 'dueDate', 'followUpDate', 'priority'];

/** Undefined when the element is not supported; that is then a problem. */
export function readNode(problems: Problems, element: XmlElement, flows: Flows): FlowNode | undefined {
  const properties = readProperties(extension(element, 'camunda:Properties'));
  const node = { ...describe(problems, element, properties), ...flows };
  switch (element.type) {
    case 'bpmn:StartEvent':
      return { ...node, kind: 'start', ...readStart(problems, element) };
    case 'bpmn:EndEvent':
      return { ...node, kind: 'end', terminates: readEnd(problems, element) };
    case 'bpmn:UserTask':
      return { ...node, kind: 'userTask', ...readUserTask(problems, element, properties) };
    case 'bpmn:ExclusiveGateway':
    case 'bpmn:ParallelGateway':
      refuseUnknown(problems, element, [...nodeProperties, 'gatewayDirection'], ['camunda:Properties']);
      return { ...node, kind: element.type === 'bpmn:ExclusiveGateway' ? 'exclusive' : 'parallel' };
    default:
      problems.add(element.id, `${element.type} is not supported`);
      return undefined;
  }
}

/** Everything that is not named here would silently not happen, so it is a problem. */
export function refuseUnknown(
  problems: Problems,
  element: XmlElement,
  known: readonly string[],
  knownExtensions: readonly string[],
): void {
  for (const property of element.properties()) {
    if (common.includes(property) || known.includes(property)) continue;
    problems.add(element.id, `"${property}" is not supported here`);
  }
  for (const { type } of element.extensions()) {
    if (!knownExtensions.includes(type)) problems.add(element.id, `${type} is not supported here`);
  }
}

function describe(problems: Problems, element: XmlElement, properties: Properties) {
  const { id } = element;
  const documentation = element.children('documentation')[0]?.text('text')?.trim() ?? '';
  const outcome = properties.get('outcome');
  return {
    id,
    name: localizedTemplate(problems, id, element.text('name') ?? id, properties, 'name'),
    description: localizedTemplate(problems, id, documentation, properties, 'description'),
    outcome:
      outcome === undefined ? undefined : localizedTemplate(problems, id, outcome, properties, 'outcome'),
  };
}

function readStart(problems: Problems, element: XmlElement) {
  refuseUnknown(
    problems,
    element,
    [...nodeProperties, 'initiator'],
    ['camunda:Properties', 'camunda:FormData'],
  );
  const initiator = element.text('initiator');
  if (initiator !== undefined && !isVariableName(initiator)) {
    problems.add(element.id, `"${initiator}" is not a name for a variable`);
  }
  return { initiator, form: readForm(problems, extension(element, 'camunda:FormData')) };
}

function readEnd(problems: Problems, element: XmlElement): boolean {
  refuseUnknown(problems, element, [...nodeProperties, 'eventDefinitions'], ['camunda:Properties']);
  const definitions = element.children('eventDefinitions').map(({ type }) => type);
  for (const type of definitions) {
    if (type !== 'bpmn:TerminateEventDefinition') problems.add(element.id, `${type} is not supported`);
  }
  return definitions.length > 0;
}

function readUserTask(problems: Problems, element: XmlElement, properties: Properties) {
  refuseUnknown(
    problems,
    element,
    [...nodeProperties, ...assignment],
    ['camunda:Properties', 'camunda:FormData', 'camunda:InputOutput'],
  );
  const template = (what: string, source = element.text(what)) =>
    source === undefined ? undefined : problems.template(element.id, what, source);
  const mappings = extension(element, 'camunda:InputOutput');
  return {
    form: readForm(problems, extension(element, 'camunda:FormData')),
    assignee: template('assignee'),
    candidateUsers: template('candidateUsers'),
    candidateGroups: template('candidateGroups'),
    notBy: template('not_by', properties.get('not_by')),
    dueDate: template('dueDate'),
    followUpDate: template('followUpDate'),
    priority: template('priority'),
    inputs: readMappings(problems, element.id, mappings?.children('inputParameters') ?? []),
    outputs: readMappings(problems, element.id, mappings?.children('outputParameters') ?? []),
  };
}

function extension(element: XmlElement, type: string): XmlElement | undefined {
  return element.extensions().find((each) => each.type === type);
}
