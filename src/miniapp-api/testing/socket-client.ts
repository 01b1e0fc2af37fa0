import { WebSocket } from 'ws';
import type { ServerFrame } from '#shared/contracts/gateway-frames.ts';

type FrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>;

/** A client of the gateway's sockets that keeps all that it hears. */
export class SocketClient {
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #listeners = new Set<() => void>();

  constructor(url: string, options: { headers?: Record<string, string>; token?: string } = {}) {
    this.socket = new WebSocket(url, { headers: options.headers ?? {} });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) });
        this.#tell();
      });
    });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString('utf8')) as ServerFrame);
      this.#tell();
    });
    if (options.token !== undefined) {
      const { token } = options;
      this.socket.on('open', () => this.send({ type: 'auth', token }));
    }
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** The first frame, now or later, that fits. Rejects after five seconds. */
  async next<T extends ServerFrame['type']>(
    type: T,
    fits: (frame: FrameOf<T>) => boolean = () => true,
  ): Promise<FrameOf<T>> {
    const found = () =>
      this.frames.find((frame): frame is FrameOf<T> => frame.type === type && fits(frame as FrameOf<T>));
    return this.until(
      found,
      () => `${type} did not come, but ${JSON.stringify(this.frames.map(({ type: t }) => t))}`,
    );
  }

  async until<V>(look: () => V | undefined, what: () => string): Promise<V> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(check);
        reject(new Error(what()));
      }, 5000);
      const check = () => {
        const value = look();
        if (value === undefined) return;
        clearTimeout(timer);
        this.#listeners.delete(check);
        resolve(value);
      };
      this.#listeners.add(check);
      check();
    });
  }

  /** Frames of a run, in the order of their arrival. */
  ofRun(runId: string): ServerFrame[] {
    return this.frames.filter((frame) => frame.run_id === runId);
  }

  close(): void {
    this.socket.terminate();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
