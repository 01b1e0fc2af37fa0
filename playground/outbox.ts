// What the bot did, for tests to assert on and for the page to show. A bounded ring.
import type { Json } from './checks/params.ts';

export interface OutboxCall {
  method: string;
  payload: Json;
  /** Milliseconds since 1970. */
  at: number;
  result: unknown;
  /** The call took effect, but the bot was cut off before the answer (fault "lost_answer"). */
  answerLost?: true;
}

export interface RefusedCall {
  method: string;
  payload: Json;
  at: number;
  code: number;
  description: string;
}

const KEPT = 1000;

export class Outbox {
  readonly accepted: OutboxCall[] = [];
  readonly refused: RefusedCall[] = [];

  accept(call: OutboxCall): void {
    this.accepted.push(call);
    if (this.accepted.length > KEPT) this.accepted.shift();
  }

  refuse(call: RefusedCall): void {
    this.refused.push(call);
    if (this.refused.length > KEPT) this.refused.shift();
  }
}
