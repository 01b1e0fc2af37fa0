/** Wraps flow elements into a BPMN file, for tests. */
export function bpmn(elements: string, processAttributes = 'isExecutable="true"'): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:other="urn:other"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="definitions" targetNamespace="urn:test">
  <bpmn:process id="test" ${processAttributes}>${elements}</bpmn:process>
</bpmn:definitions>`;
}

/** `a -> b`, `a -> b if ${x}`: sequence flows, called `a_b`. */
export function flows(...lines: string[]): string {
  return lines
    .map((line) => {
      const [, source = '', target = '', condition] = /^(\w+) -> (\w+)(?: if (.+))?$/.exec(line) ?? [];
      const expression =
        condition === undefined
          ? ''
          : `<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression"><![CDATA[${condition}]]></bpmn:conditionExpression>`;
      return `<bpmn:sequenceFlow id="${source}_${target}" sourceRef="${source}" targetRef="${target}">${expression}</bpmn:sequenceFlow>`;
    })
    .join('');
}

export const start = '<bpmn:startEvent id="start" camunda:initiator="starter" />';
export const end = '<bpmn:endEvent id="end" />';
export const task = (id: string, attributes = '', content = '') =>
  `<bpmn:userTask id="${id}" ${attributes}>${content === '' ? '' : `<bpmn:extensionElements>${content}</bpmn:extensionElements>`}</bpmn:userTask>`;
export const exclusive = (id: string, defaultFlow?: string) =>
  `<bpmn:exclusiveGateway id="${id}" ${defaultFlow === undefined ? '' : `default="${defaultFlow}"`} />`;
export const parallel = (id: string) => `<bpmn:parallelGateway id="${id}" />`;
