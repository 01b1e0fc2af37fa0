// A client of /ws/chat that keeps all that it hears.
import { vi } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerFrame } from '../../src/shared/contracts/gateway-frames.ts';

type FrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>;

export class ChatSocket {
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  readonly closed: Promise<number>;

  constructor(appUrl: string, options: WebSocket.ClientOptions = {}) {
    this.socket = new WebSocket(`${appUrl.replace('http', 'ws')}/ws/chat`, options);
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => this.frames.push(JSON.parse(data.toString()) as ServerFrame));
  }

  /** Opens a socket and signs in. */
  static async signedIn(appUrl: string, token: string): Promise<ChatSocket> {
    const socket = new ChatSocket(appUrl);
    await socket.opened();
    socket.send({ type: 'auth', token });
    await socket.next('auth_success');
    return socket;
  }

  async opened(): Promise<void> {
    await vi.waitFor(() => {
      if (this.socket.readyState !== WebSocket.OPEN) throw new Error('The socket did not open');
    });
  }

  send(frame: object | string | Buffer): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** The first frame, now or later, that fits. */
  next<T extends ServerFrame['type']>(
    type: T,
    fits: (frame: FrameOf<T>) => boolean = () => true,
    timeoutMs = 15_000,
  ): Promise<FrameOf<T>> {
    return vi.waitFor(
      () => {
        const found = this.frames.find(
          (frame): frame is FrameOf<T> => frame.type === type && fits(frame as FrameOf<T>),
        );
        if (!found) throw new Error(`No ${type} that fits, but ${JSON.stringify(this.frames).slice(-2000)}`);
        return found;
      },
      { timeout: timeoutMs, interval: 10 },
    );
  }

  close(): void {
    this.socket.terminate();
  }
}
