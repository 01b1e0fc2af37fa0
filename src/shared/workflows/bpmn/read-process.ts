import { BpmnModdle } from 'bpmn-moddle';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json' with { type: 'json' };
import { AppError } from '../../errors.ts';
import { checkStructure } from './check-structure.ts';
import { Problems } from './problems.ts';
import type { FlowNode, ProcessModel, SequenceFlow, StartEvent } from './process-model.ts';
import { localizedText, readProperties } from './read-extensions.ts';
import { readNode, refuseUnknown } from './read-node.ts';
import { XmlElement } from './xml-element.ts';

/** UTF-16 units of one file. */
const maximumXmlLength = 1_000_000;
const processProperties = (
  'name isExecutable isClosed processType flowElements laneSets artifacts ' +
  'historyTimeToLive versionTag isStartableInTasklist'
).split(' ');

/**
 * Reads one executable process. Throws VALIDATION_ERROR with one issue per problem, its `path` the id of the element:
 * whatever the interpreter does not do is refused here, never ignored at run time.
 */
export async function readProcess(xml: string): Promise<ProcessModel> {
  const { root, warnings } = await parse(xml);
  const problems = new Problems();
  for (const warning of warnings) problems.add('xml', warning);
  const processes = root.children('rootElements').filter(({ type }) => type === 'bpmn:Process');
  const [process] = processes;
  if (!process || processes.length > 1) problems.add(root.id, 'exactly one process is needed');
  if (!process) {
    problems.throwIfAny(root.id);
    throw new Error('unreachable: a missing process is a problem');
  }
  const model = readModel(problems, process);
  problems.throwIfAny(process.id);
  if (!model) throw new Error('unreachable: a missing start event is a problem');
  return model;
}

function readModel(problems: Problems, process: XmlElement): ProcessModel | undefined {
  refuseUnknown(problems, process, processProperties, ['camunda:Properties']);
  if (process.text('isExecutable') === 'false') problems.add(process.id, 'it is not executable');
  const elements = process.children('flowElements');
  const flows = readFlows(problems, elements);
  const nodes = new Map<string, FlowNode>();
  for (const element of elements) {
    if (element.type === 'bpmn:SequenceFlow') continue;
    const node = readNode(problems, element, {
      incoming: flows.filter(({ targetId }) => targetId === element.id),
      outgoing: flows.filter(({ sourceId }) => sourceId === element.id),
    });
    if (node) nodes.set(node.id, node);
  }
  const starts = [...nodes.values()].filter((node): node is StartEvent => node.kind === 'start');
  const [start] = starts;
  if (!start || starts.length > 1) problems.add(process.id, 'exactly one start event is needed');
  checkStructure(problems, nodes, start);
  if (!start) return undefined;
  const properties = readProperties(process.extensions().find(({ type }) => type === 'camunda:Properties'));
  return {
    key: process.id,
    name: localizedText(process.text('name') ?? process.id, properties, 'name'),
    description: localizedText(
      process.children('documentation')[0]?.text('text')?.trim() ?? '',
      properties,
      'description',
    ),
    icon: properties.get('icon') ?? '⚙️',
    start,
    nodes,
    fields: fieldsOf([...nodes.values()]),
  };
}

function readFlows(problems: Problems, elements: XmlElement[]): SequenceFlow[] {
  const defaults = new Set(elements.map((element) => element.child('default')?.id));
  return elements
    .filter(({ type }) => type === 'bpmn:SequenceFlow')
    .map((flow) => {
      refuseUnknown(problems, flow, ['name', 'sourceRef', 'targetRef', 'conditionExpression'], []);
      const condition = flow.child('conditionExpression');
      if (condition?.text('language') !== undefined || condition?.text('resource') !== undefined) {
        problems.add(flow.id, 'a condition is an expression; scripts are not supported');
      }
      const source = condition?.text('body');
      return {
        id: flow.id,
        sourceId: flow.child('sourceRef')?.id ?? '',
        targetId: flow.child('targetRef')?.id ?? '',
        condition: source === undefined ? undefined : problems.template(flow.id, 'condition', source.trim()),
        isDefault: defaults.has(flow.id),
      };
    });
}

function fieldsOf(nodes: FlowNode[]): ProcessModel['fields'] {
  const fields = nodes.flatMap((node) =>
    node.kind === 'start' || node.kind === 'userTask' ? node.form : [],
  );
  // The first form that has a field says how it looks.
  return new Map(fields.toReversed().map((field) => [field.name, field]));
}

async function parse(xml: string): Promise<{ root: XmlElement; warnings: string[] }> {
  if (xml.length > maximumXmlLength) {
    throw new AppError(
      'VALIDATION_ERROR',
      `A process of more than ${maximumXmlLength} characters is refused.`,
    );
  }
  try {
    const { rootElement, warnings } = await new BpmnModdle({ camunda }).fromXML(xml);
    return { root: new XmlElement(rootElement), warnings: warnings.map(({ message }) => message) };
  } catch (error) {
    throw new AppError('VALIDATION_ERROR', 'This is not a BPMN 2.0 file.', { cause: error });
  }
}
