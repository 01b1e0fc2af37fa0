// A process as the interpreter and the forms need it: small, checked, never changed after it was read.
import type { Template } from '../expressions/template.ts';
import type { FieldDefinition } from '../forms/form-definition.ts';
import type { Localized } from '../localized.ts';

export interface ProcessModel {
  readonly key: string;
  readonly name: Localized<string>;
  readonly description: Localized<string>;
  readonly icon: string;
  readonly start: StartEvent;
  readonly nodes: ReadonlyMap<string, FlowNode>;
  /** Every field of every form by its name: how a variable of that name is shown to people. */
  readonly fields: ReadonlyMap<string, FieldDefinition>;
}

interface Node {
  readonly id: string;
  readonly name: Localized<Template>;
  readonly description: Localized<Template>;
  /** What was decided when this is over, in words. */
  readonly outcome: Localized<Template> | undefined;
  /** Derived from the sequence flows; the XML's own lists are optional. */
  readonly incoming: readonly SequenceFlow[];
  readonly outgoing: readonly SequenceFlow[];
}

export interface StartEvent extends Node {
  readonly kind: 'start';
  readonly form: readonly FieldDefinition[];
  /** The variable that gets the id of the person who starts the process. */
  readonly initiator: string | undefined;
}

interface EndEvent extends Node {
  readonly kind: 'end';
  readonly terminates: boolean;
}

export interface UserTask extends Node {
  readonly kind: 'userTask';
  readonly form: readonly FieldDefinition[];
  readonly assignee: Template | undefined;
  readonly candidateUsers: Template | undefined;
  readonly candidateGroups: Template | undefined;
  /** Who must not do it as long as there is somebody else: the starter, where two pairs of eyes are wanted. */
  readonly notBy: Template | undefined;
  readonly dueDate: Template | undefined;
  readonly followUpDate: Template | undefined;
  readonly priority: Template | undefined;
  readonly inputs: readonly Mapping[];
  readonly outputs: readonly Mapping[];
}

interface Gateway extends Node {
  readonly kind: 'exclusive' | 'parallel';
}

export type FlowNode = StartEvent | EndEvent | UserTask | Gateway;

export interface SequenceFlow {
  readonly id: string;
  readonly sourceId: string;
  readonly targetId: string;
  readonly condition: Template | undefined;
  /** Taken when no condition of its source holds. */
  readonly isDefault: boolean;
}

/** `camunda:inputParameter` and `camunda:outputParameter`. */
export interface Mapping {
  readonly name: string;
  readonly value: MappedValue;
}

export type MappedValue =
  | { readonly kind: 'template'; readonly template: Template }
  | { readonly kind: 'list'; readonly items: readonly MappedValue[] }
  | {
      readonly kind: 'map';
      readonly entries: readonly { readonly key: string; readonly value: MappedValue }[];
    };
