// A gateway's socket for tests: a real WebSocket server whose answers the test writes by hand.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws';
import type { ClientFrame, ServerFrame } from '../../../../src/shared/contracts/gateway-frames.ts';

type Received = { type: ClientFrame['type'] } & Record<string, unknown>;

/** A server's frame without what the test does not care about. */
export type SentFrame = { type: ServerFrame['type'] } & Record<string, unknown>;

export class TestGateway {
  readonly #server: WebSocketServer;
  readonly port: number;
  readonly received: Received[] = [];
  readonly #waiting: { wanted: (frame: Received) => boolean; found: (frame: Received) => void }[] = [];
  #socket: ServerSocket | undefined;
  connections = 0;
  /** Answers `auth`; a test that wants to refuse sets another one. */
  onAuth: (socket: ServerSocket, token: unknown) => void = (socket) =>
    socket.send(
      JSON.stringify({
        type: 'auth_success',
        mode: 'authenticated',
        user_id: 'u',
        permissions: [],
        message: '',
      }),
    );
  /** Whether pings are answered. */
  answersPings = true;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => {
      this.#socket = socket;
      this.connections += 1;
      socket.on('message', (data) => {
        if (Buffer.isBuffer(data)) this.#receive(socket, JSON.parse(data.toString('utf8')) as Received);
      });
    });
  }

  static async start(port = 0): Promise<TestGateway> {
    const server = new WebSocketServer({ host: '127.0.0.1', port });
    await once(server, 'listening');
    return new TestGateway(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/ws/chat`;
  }

  send(...frames: SentFrame[]): void {
    for (const frame of frames) this.#socket?.send(JSON.stringify(frame));
  }

  /** Breaks the present connection without a goodbye, or with one when a close code is given. */
  drop(code?: number): void {
    if (code === undefined) this.#socket?.terminate();
    else this.#socket?.close(code);
  }

  /** The next frame of this type, counting those that have come but were not asked for yet. */
  next(type: ClientFrame['type']): Promise<Received> {
    const wanted = (frame: Received) => frame.type === type;
    const index = this.received.findIndex(wanted);
    const [early] = index === -1 ? [] : this.received.splice(index, 1);
    if (early) return Promise.resolve(early);
    return new Promise((found) => {
      this.#waiting.push({ wanted, found });
    });
  }

  count(type: ClientFrame['type']): number {
    return this.received.filter((frame) => frame.type === type).length;
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #receive(socket: ServerSocket, frame: Received): void {
    if (frame.type === 'auth') this.onAuth(socket, frame.token);
    if (frame.type === 'ping' && this.answersPings) {
      socket.send(JSON.stringify({ type: 'pong', timestamp: new Date().toISOString() }));
    }
    const index = this.#waiting.findIndex(({ wanted }) => wanted(frame));
    const [waiting] = index === -1 ? [] : this.#waiting.splice(index, 1);
    if (waiting) waiting.found(frame);
    else this.received.push(frame);
  }
}

/** Resolves as soon as `holds` does; fails with what it was waiting for. */
export async function until(what: string, holds: () => boolean, patienceMs = 3000): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
