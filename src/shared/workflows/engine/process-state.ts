import { textOf, type Value, type Variables } from '../expressions/value.ts';

/** A token stands on a node: on a user task until it is done, before a parallel join until the others have come. */
export interface Token {
  /** Unique within its process instance; a user task in the database points to its token. */
  readonly id: number;
  readonly nodeId: string;
  /** Only before a join: the flow that it came by. */
  readonly via?: string;
  /** Only on a task with input parameters: its own variables, which hide those of the process. */
  readonly locals?: Variables;
}

/** All that an instance is, as plain JSON. */
export interface ProcessState {
  /** Grows by one with every event. */
  readonly revision: number;
  readonly status: 'running' | 'completed' | 'cancelled';
  readonly variables: Variables;
  readonly tokens: readonly Token[];
  readonly nextTokenId: number;
  /** The end event that ended it. */
  readonly endId: string | null;
}

export type ProcessEvent =
  /** `at` is an ISO instant: due dates count from it. */
  | { readonly kind: 'start'; readonly values: Variables; readonly starter: string; readonly at: string }
  | {
      readonly kind: 'completeTask';
      readonly tokenId: number;
      readonly values: Variables;
      readonly at: string;
    }
  | { readonly kind: 'cancel' };

/** What an event did to the outside. Everything in the order in which it happened. */
export type Effect =
  | {
      readonly kind: 'createTask';
      readonly tokenId: number;
      readonly nodeId: string;
      readonly assignee: string | null;
      readonly candidateUsers: readonly string[];
      readonly candidateGroups: readonly string[];
      readonly notBy: string | null;
      readonly dueAt: string | null;
      readonly followUpAt: string | null;
      /** 0 to 100; higher is more urgent. */
      readonly priority: number;
    }
  | { readonly kind: 'completeTask'; readonly tokenId: number }
  | { readonly kind: 'cancelTask'; readonly tokenId: number }
  | { readonly kind: 'endProcess'; readonly endId: string | null };

export const notStarted: ProcessState = {
  revision: 0,
  status: 'running',
  variables: {},
  tokens: [],
  nextTokenId: 1,
  endId: null,
};

/** What the token's task sees: the variables of the process, hidden by its own. */
export function visibleVariables(state: ProcessState, tokenId: number): Variables {
  const token = state.tokens.find(({ id }) => id === tokenId);
  return { ...state.variables, ...token?.locals };
}

export function textList(value: Value): string[] {
  if (value === null) return [];
  const parts = typeof value === 'object' ? Object.values(value) : String(value).split(',');
  return parts.map((part) => textOf(part).trim()).filter((part) => part !== '');
}
