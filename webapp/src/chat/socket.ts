// The connection to /ws/chat: signs in by the first frame, finds out when the line is dead, and comes back by itself.
// What was sent on a line that died is not known to have arrived; the chat store decides what to send again.
import type { ClientFrame, ServerFrame } from '../../../src/shared/contracts/gateway-frames.ts';

/** `denied`: the server refuses this person or sends too-many-requests; the next try is a minute away. */
export type LineState = 'idle' | 'connecting' | 'online' | 'offline' | 'denied';

/** Defaults of the contract's schemas need not be filled in. */
export type OutgoingFrame = {
  [T in ClientFrame['type']]: Outgoing<Extract<ClientFrame, { type: T }>>;
}[ClientFrame['type']];
type Outgoing<F> = F extends { type: 'auth' } ? Omit<F, 'stream_mode'> : F;

export interface ChatSocketOptions {
  url: () => string;
  token: () => Promise<string>;
  /** Called when the server refused the token, before the next try. */
  refuseToken: (token: string) => Promise<void>;
  /** The nth wait is drawn from the upper half of `base · 2ⁿ`, at most `max`. @default 500 and 15 000 ms */
  backoff?: { baseMs: number; maxMs: number };
  /** A silent line is asked after `everyMs` and given up when nothing comes for `patienceMs`. @default 20 000 and 8 000 ms */
  heartbeat?: { everyMs: number; patienceMs: number };
  random?: () => number;
}

const deniedWaitMs = 60_000;
const authPatienceMs = 15_000;
const steadyMs = 10_000;

export class ChatSocket {
  readonly #options: ChatSocketOptions;
  readonly #backoff: { baseMs: number; maxMs: number };
  readonly #heartbeat: { everyMs: number; patienceMs: number };
  readonly #random: () => number;
  #state: LineState = 'idle';
  #socket: WebSocket | undefined;
  #listening: AbortController | undefined;
  #failures = 0;
  #onlineAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setTimeout> | undefined;
  #wanted = false;
  /** Counts the tries: whatever belongs to an older one is void. */
  #attempt = 0;

  /** Set by the one who listens, before `open`. */
  onFrame: (frame: ServerFrame) => void = () => undefined;
  onState: (state: LineState) => void = () => undefined;

  constructor(options: ChatSocketOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? { baseMs: 500, maxMs: 15_000 };
    this.#heartbeat = options.heartbeat ?? { everyMs: 20_000, patienceMs: 8_000 };
    this.#random = options.random ?? Math.random;
  }

  get state(): LineState {
    return this.#state;
  }

  open(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    void this.#connect();
  }

  close(): void {
    this.#wanted = false;
    this.#drop();
    this.#become('idle');
  }

  /** Forgets the present line and its waits, for a network that changed or a person who came back. */
  reconnectNow(): void {
    if (!this.#wanted || this.#state === 'connecting') return;
    this.#failures = 0;
    this.#drop();
    void this.#connect();
  }

  /** Asks at once whether the line lives; use it when the app comes back to the foreground. */
  probe(): void {
    if (this.#state === 'online') this.#ping();
    else if (this.#state === 'offline') this.reconnectNow();
  }

  /** False when there is no line to send on. True does not mean that it arrived. */
  send(frame: OutgoingFrame): boolean {
    if (this.#state !== 'online' || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  async #connect(): Promise<void> {
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.#become('connecting');
    let token: string;
    try {
      token = await this.#options.token();
    } catch {
      if (attempt === this.#attempt && this.#wanted) this.#retry();
      return;
    }
    if (attempt !== this.#attempt || !this.#wanted) return;

    const socket = new WebSocket(this.#options.url());
    const { signal } = (this.#listening = new AbortController());
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#retry(), authPatienceMs);
    socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'auth', token })), { signal });
    socket.addEventListener('message', (message) => this.#receive(message.data), { signal });
    socket.addEventListener('close', (event) => void this.#onClose(event.code, token), { signal });
  }

  #receive(data: unknown): void {
    const frame = parseFrame(data);
    if (!frame) return;
    this.#expectPulse();
    if (frame.type === 'auth_success') {
      clearTimeout(this.#timer);
      this.#onlineAt = Date.now();
      this.#become('online');
    }
    if (frame.type !== 'pong') this.onFrame(frame);
  }

  async #onClose(code: number, token: string): Promise<void> {
    const attempt = this.#attempt;
    clearTimeout(this.#timer);
    clearTimeout(this.#pulse);
    this.#socket = undefined;
    if (code === 1008 || code === 4003) await this.#options.refuseToken(token).catch(() => undefined);
    if (attempt !== this.#attempt || !this.#wanted) return;
    this.#retry(code === 4002 || code === 4003 ? deniedWaitMs : undefined);
  }

  #retry(waitMs?: number): void {
    // A line that breaks as soon as it stands counts as one more failure.
    if (this.#onlineAt !== undefined && Date.now() - this.#onlineAt > steadyMs) this.#failures = 0;
    this.#onlineAt = undefined;
    this.#drop();
    this.#become(waitMs === undefined ? 'offline' : 'denied');
    const ceiling = Math.min(this.#backoff.maxMs, this.#backoff.baseMs * 2 ** this.#failures);
    this.#failures += 1;
    const wait = waitMs ?? ceiling / 2 + (this.#random() * ceiling) / 2;
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#pulse);
    this.#attempt += 1;
    // Deaf first: `close()` on a dead line may wait for a minute before it tells.
    this.#listening?.abort();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #expectPulse(): void {
    clearTimeout(this.#pulse);
    this.#pulse = setTimeout(() => this.#ping(), this.#heartbeat.everyMs);
  }

  #ping(): void {
    if (!this.send({ type: 'ping' })) return;
    clearTimeout(this.#pulse);
    this.#pulse = setTimeout(() => this.#retry(), this.#heartbeat.patienceMs);
  }

  #become(state: LineState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.onState(state);
  }
}

function parseFrame(data: unknown): ServerFrame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const frame: unknown = JSON.parse(data);
    const isFrame = typeof frame === 'object' && frame !== null && 'type' in frame;
    return isFrame && typeof frame.type === 'string' ? (frame as ServerFrame) : undefined;
  } catch {
    return undefined;
  }
}
