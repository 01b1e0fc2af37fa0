// PGlite has one session, clients come over many connections. A connection owns the session from its first
// message until the server reports that it is idle again (ReadyForQuery 'I'), so that the statements of two
// transactions never mix. Connections wait in the order of their arrival.
import { backendMessages, errorFields, errorMessage, message, queryMessage } from './wire.ts';

/** A connection as the arbiter sees it. */
export interface SessionClient {
  /** Bytes for the client. False: it reads slowly, and `Seat.drained` will be called. */
  write(bytes: Buffer): boolean;
  /** Ends the connection after these last bytes. */
  end(bytes: Buffer): void;
}

export interface ArbiterOptions {
  /** Gives a batch to the session and returns everything it answered. Throws only when the session is dead. */
  execute(batch: Buffer): Promise<Uint8Array>;
  /** Called once: nothing can be executed any more. */
  onDead(error: unknown): void;
  /** A transaction whose client sends nothing for so long is rolled back: everybody else waits for it. */
  idleInTransactionMs: number;
}

/** Messages that are given to the session together. */
export interface Batch {
  bytes: Buffer;
  /** It ends in Query, FunctionCall or Sync, which are answered with ReadyForQuery; otherwise in Flush. */
  complete: boolean;
}

/** A connection's place, where it submits its batches. */
export class Seat {
  readonly client: SessionClient;
  readonly batches: Batch[] = [];
  gone = false;
  slow = false;
  readonly #changed: (seat: Seat) => void;

  constructor(client: SessionClient, changed: (seat: Seat) => void) {
    this.client = client;
    this.#changed = changed;
  }

  submit(batch: Batch): void {
    this.batches.push(batch);
    this.#changed(this);
  }

  drained(): void {
    this.slow = false;
    this.#changed(this);
  }

  /** The client went away: its running transaction is rolled back. */
  leave(): void {
    this.gone = true;
    this.batches.length = 0;
    this.#changed(this);
  }

  /** Something to do for this seat. */
  get due(): boolean {
    return this.batches.length > 0 && !this.slow;
  }
}

interface Answer {
  /** Of the last ReadyForQuery: idle, in a transaction, or in a failed one. */
  status: string;
  notifications: Buffer[];
  /** What killed the session. PGlite goes on after it, and hangs at one of the next statements. */
  panic: string | undefined;
}

function readAnswer(out: Buffer): Answer {
  const answer: Answer = { status: '', notifications: [], panic: undefined };
  for (const { type, bytes } of backendMessages(out)) {
    if (type === 'Z') answer.status = String.fromCharCode(bytes.readUInt8(5));
    else if (type === 'A') answer.notifications.push(bytes);
    else if (type === 'E') {
      const { severity, text } = errorFields(bytes);
      if (severity === 'PANIC' || severity === 'FATAL') answer.panic ??= text;
    }
  }
  return answer;
}

export class SessionArbiter {
  readonly #options: ArbiterOptions;
  readonly #seats = new Set<Seat>();
  readonly #waiting = new Set<Seat>();
  #owner: Seat | undefined;
  #running: Promise<void> | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #dead = false;

  constructor(options: ArbiterOptions) {
    this.#options = options;
  }

  join(client: SessionClient): Seat {
    const seat = new Seat(client, (changed) => this.#changed(changed));
    this.#seats.add(seat);
    return seat;
  }

  /** Resolves when nothing is being executed. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #changed(seat: Seat): void {
    if (seat.gone) {
      this.#seats.delete(seat);
      this.#waiting.delete(seat);
    } else if (seat !== this.#owner && seat.due) {
      this.#waiting.add(seat);
    }
    if (this.#running || this.#dead) return;
    this.#running = this.#pump().finally(() => {
      this.#running = undefined;
    });
  }

  async #pump(): Promise<void> {
    clearTimeout(this.#idleTimer);
    try {
      for (;;) {
        const seat = this.#owner ?? this.#nextWaiting();
        if (!seat) return;
        this.#owner = seat;
        if (seat.gone) {
          await this.#rollBack();
        } else if (seat.due) {
          const batch = seat.batches.shift();
          if (batch) await this.#run(seat, batch);
        } else {
          this.#watch(seat);
          return;
        }
      }
    } catch (error) {
      this.#die(error);
    }
  }

  #nextWaiting(): Seat | undefined {
    const [first] = this.#waiting;
    if (first) this.#waiting.delete(first);
    return first;
  }

  async #run(seat: Seat, batch: Batch): Promise<void> {
    const out = Buffer.from(await this.#options.execute(batch.bytes));
    const answer = readAnswer(out);
    if (batch.complete && answer.status === '') answer.panic ??= 'the session did not answer';
    for (const notification of answer.notifications) this.#notifyOthers(seat, notification);
    if (answer.status === 'I') this.#release(seat);
    if (!seat.gone && out.length > 0 && !seat.client.write(out)) seat.slow = true;
    if (answer.panic) throw new Error(answer.panic);
  }

  #release(seat: Seat): void {
    this.#owner = undefined;
    if (seat.due) this.#waiting.add(seat);
  }

  async #rollBack(): Promise<void> {
    this.#owner = undefined;
    // Sync first: after an error in a batch without one, everything else is ignored.
    await this.#options.execute(Buffer.concat([message('S'), queryMessage('rollback')]));
  }

  #watch(seat: Seat): void {
    this.#idleTimer = setTimeout(() => {
      if (this.#owner !== seat || seat.due) return;
      seat.client.end(
        errorMessage('FATAL', '25P03', 'terminating connection due to idle-in-transaction timeout'),
      );
      seat.leave();
    }, this.#options.idleInTransactionMs);
    this.#idleTimer.unref();
  }

  #notifyOthers(seat: Seat, notification: Buffer): void {
    for (const other of this.#seats) if (other !== seat) other.client.write(notification);
  }

  #die(error: unknown): void {
    this.#dead = true;
    clearTimeout(this.#idleTimer);
    this.#options.onDead(error);
    const farewell = errorMessage('FATAL', '57P02', 'the embedded database stopped and is being restarted');
    for (const seat of this.#seats) seat.client.end(farewell);
  }
}
