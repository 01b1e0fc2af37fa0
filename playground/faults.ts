// Trouble on demand: what the next calls of the bot meet instead of a good answer.

import { BotApiError, badRequest, blockedByUser, tooManyRequests } from './checks/errors.ts';
import type { Changes } from './world/changes.ts';

type FaultKind =
  | 'too_many_requests'
  /** The call takes effect, the connection breaks before the answer. */
  | 'lost_answer'
  | 'server_error'
  | 'blocked'
  /** The group becomes a supergroup with a new id; the call gets the 400 that names it. */
  | 'migrate'
  | 'bad_request'
  /** The connection breaks before the call takes effect. */
  | 'disconnect';

export const FAULT_KINDS: readonly FaultKind[] = [
  'too_many_requests',
  'lost_answer',
  'server_error',
  'blocked',
  'migrate',
  'bad_request',
  'disconnect',
];

export interface Fault {
  kind: FaultKind;
  /** Any method but getUpdates when left out. */
  method?: string;
  chat?: number;
  /** How often it strikes. @default 1 */
  times?: number;
  /** Seconds. @default 3 */
  retryAfter?: number;
  description?: string;
}

const MAX_FAULTS = 100;

export class Faults {
  readonly #changes: Changes;
  #faults: (Fault & { times: number })[] = [];

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  get waiting(): readonly Fault[] {
    return this.#faults;
  }

  add(fault: Fault): void {
    if (this.#faults.length >= MAX_FAULTS)
      throw new Error(`The playground holds ${MAX_FAULTS} faults at most`);
    this.#faults.push({ times: 1, ...fault });
    this.#changes.tell({ type: 'call' });
  }

  clear(): void {
    this.#faults = [];
    this.#changes.tell({ type: 'call' });
  }

  /** The first fault that fits this call, used up once. */
  take(method: string, chat: number | undefined): Fault | undefined {
    const fault = this.#faults.find(
      (candidate) =>
        (candidate.method
          ? candidate.method.toLowerCase() === method.toLowerCase()
          : method !== 'getUpdates') &&
        (candidate.chat === undefined || candidate.chat === chat) &&
        (candidate.kind !== 'migrate' || chat !== undefined),
    );
    if (!fault) return undefined;
    fault.times -= 1;
    if (fault.times <= 0) this.#faults = this.#faults.filter((other) => other !== fault);
    return fault;
  }
}

/** The refusal of those kinds that are plain refusals. */
export function refusalOf(fault: Fault): BotApiError | undefined {
  if (fault.kind === 'too_many_requests') return tooManyRequests(fault.retryAfter ?? 3);
  if (fault.kind === 'server_error')
    return new BotApiError(500, fault.description ?? 'Internal Server Error');
  if (fault.kind === 'blocked') {
    return fault.description ? new BotApiError(403, fault.description) : blockedByUser();
  }
  if (fault.kind === 'bad_request') return badRequest(fault.description ?? 'wrong request');
  return undefined;
}
