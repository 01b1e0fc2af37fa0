// One socket: frames in, in order and bounded; frames out, as fast as the peer reads. Knows nothing of who is there.
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { AppError } from '#shared/errors.ts';
import { withLogContext } from '#shared/observability/context.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { failureOf } from '../http/errors.ts';

export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  badAuth: 1008,
  internal: 1011,
  badMessages: 4001,
  rateLimit: 4002,
  permission: 4003,
  slowConsumer: 4008,
  unknownPath: 4404,
} as const;

/** Bytes that may wait for the peer. From `highWater` on, senders are asked to wait; at `maxUnsent` it is given up. */
const highWater = 64 * 1024;
const maxUnsent = 4 * 1024 * 1024;
const maxWaitingFrames = 100;
const maxWaitingBytes = 4 * 1024 * 1024;
const maxMalformed = 10;
const maxRefused = 20;

/** What the frames of a socket mean to the connection; all else about them is the session's. */
export interface Protocol<In, Out> {
  /** @throws AppError for what is no frame */
  read(data: Buffer, isBinary: boolean): In;
  /** What is answered at once, without counting as activity. */
  reply(frame: In): Out | undefined;
  /** Stops something, so it does not wait behind other frames. */
  isUrgent(frame: In): boolean;
  /** What an error about the frame names, so that the client knows which one was meant. */
  subjectOf(frame: In): Record<string, unknown>;
  error(error: AppError, subject: Record<string, unknown>): Out;
}

export class Connection<In, Out> {
  readonly id = randomUUID();
  readonly address: string;
  readonly #socket: WebSocket;
  readonly #protocol: Protocol<In, Out>;
  readonly #logger: Logger;
  readonly #waiting: { frame: In; bytes: number }[] = [];
  #waitingBytes = 0;
  #handle: ((frame: In) => Promise<void>) | undefined;
  #working = false;
  #malformed = 0;
  #refused = 0;
  /** Milliseconds since 1970: any sign of life, and the last thing that was more than that. */
  lastSeenAt = Date.now();
  lastActiveAt = Date.now();

  /** Listens at once: what arrives before `start` waits. */
  constructor(socket: WebSocket, protocol: Protocol<In, Out>, options: { address: string; logger: Logger }) {
    this.#socket = socket;
    this.#protocol = protocol;
    this.#logger = options.logger;
    this.address = options.address;
    // Buffers: ws has no other type of message unless it is told so.
    socket.on('message', (data: Buffer, isBinary) => this.#receive(data, isBinary));
    socket.on('pong', () => {
      this.lastSeenAt = Date.now();
    });
    // Too large or broken frames: ws closes the socket by itself with the right code.
    socket.on('error', (error) => this.#logger.debug({ error }, 'socket failed'));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  onClose(listener: () => void): void {
    if (this.#socket.readyState === WebSocket.CLOSED) listener();
    else this.#socket.once('close', listener);
  }

  /** From now on frames are handled, one after the other; only what stops something does not wait its turn. */
  start(handle: (frame: In) => Promise<void>): void {
    this.#handle = handle;
    void this.#work();
  }

  /** Resolves when more can be sent: await it where there is much to send. Never rejects. */
  send(frame: Out): Promise<void> {
    if (!this.isOpen) return Promise.resolve();
    const text = JSON.stringify(frame);
    if (this.#socket.bufferedAmount > maxUnsent) {
      this.close(closeCodes.slowConsumer, 'too slow');
      return Promise.resolve();
    }
    if (this.#socket.bufferedAmount < highWater) {
      this.#socket.send(text, () => undefined);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#socket.send(text, () => resolve());
    });
  }

  /** Tells the client what went wrong; `subject` says with what. */
  sendError(thrown: unknown, subject: Record<string, unknown> = {}): void {
    const { error, unexpected } = failureOf(thrown);
    if (unexpected) this.#logger.error({ error: thrown, ...subject }, 'frame failed');
    const isLimit = error.code === 'RATE_LIMIT_EXCEEDED';
    void this.send(this.#protocol.error(error, subject));
    this.#refused = isLimit ? this.#refused + 1 : 0;
    if (this.#refused >= maxRefused) this.close(closeCodes.rateLimit, 'too many calls');
  }

  ping(): void {
    if (this.isOpen) this.#socket.ping();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Without a goodbye, for a peer that does not answer. */
  terminate(): void {
    this.#socket.terminate();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (!this.isOpen) return;
    this.lastSeenAt = Date.now();
    let frame: In;
    try {
      frame = this.#protocol.read(data, isBinary);
    } catch (error) {
      this.sendError(error);
      this.#malformed += 1;
      if (this.#malformed >= maxMalformed) this.close(closeCodes.badMessages, 'too many bad messages');
      return;
    }
    this.#malformed = 0;
    const reply = this.#protocol.reply(frame);
    if (reply !== undefined) {
      void this.send(reply);
      return;
    }
    this.lastActiveAt = this.lastSeenAt;
    if (this.#handle && this.#protocol.isUrgent(frame)) {
      void this.#attempt(frame, this.#handle);
      return;
    }
    if (this.#waiting.length >= maxWaitingFrames || this.#waitingBytes + data.length > maxWaitingBytes) {
      this.close(closeCodes.rateLimit, 'too many messages');
      return;
    }
    this.#waiting.push({ frame, bytes: data.length });
    this.#waitingBytes += data.length;
    void this.#work();
  }

  async #work(): Promise<void> {
    if (!this.#handle || this.#working) return;
    this.#working = true;
    for (let next = this.#waiting.shift(); next && this.isOpen; next = this.#waiting.shift()) {
      this.#waitingBytes -= next.bytes;
      await this.#attempt(next.frame, this.#handle);
    }
    this.#working = false;
  }

  async #attempt(frame: In, handle: (frame: In) => Promise<void>): Promise<void> {
    try {
      await withLogContext({ request_id: this.id }, () => handle(frame));
    } catch (error) {
      this.sendError(error, this.#protocol.subjectOf(frame));
    }
  }
}
