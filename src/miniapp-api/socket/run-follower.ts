// Brings runs to one socket. Each run is read from its log at the pace of the socket; a run that the client resumes is
// read again from the start, because the numbers of the frames follow from all that came before.
import type { ServerFrame } from '#shared/contracts/gateway-frames.ts';
import { isTerminal } from '#shared/conversations/run.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { Runs } from '#shared/services.ts';
import { createGatewayTranslator } from '#shared/streaming/gateway-stream.ts';
import type { GatewayConnection } from './gateway-protocol.ts';

const maxAtOnce = 50;
const keptEnded = 200;

export interface FollowRequest {
  runId: string;
  threadId?: string;
  messageId?: string;
  /** Number of the last frame that the client has. */
  after: number;
  metadata?: Record<string, unknown>;
}

export class RunFollower {
  readonly #runs: Runs;
  readonly #caller: Caller;
  readonly #connection: GatewayConnection;
  readonly #emojiOf: ((toolName: string) => string) | undefined;
  readonly #onEnd: () => void;
  readonly #active = new Map<string, AbortController>();
  readonly #working = new Set<Promise<void>>();
  /** Runs that the client has seen to their end on this socket; late news of them are old. */
  readonly #ended = new Set<string>();
  #closed = false;
  mode: 'incremental' | 'cumulative' = 'incremental';

  constructor(options: {
    runs: Runs;
    caller: Caller;
    connection: GatewayConnection;
    emojiOf: ((toolName: string) => string) | undefined;
    /** Called after each run that was followed to its end. */
    onEnd: () => void;
  }) {
    this.#runs = options.runs;
    this.#caller = options.caller;
    this.#connection = options.connection;
    this.#emojiOf = options.emojiOf;
    this.#onEnd = options.onEnd;
  }

  /** Follows a run that began, once: it may be heard of more than once. */
  begin(request: FollowRequest): void {
    if (!this.#active.has(request.runId) && !this.#ended.has(request.runId)) this.resume(request);
  }

  /** Follows from where the client is; instead of an earlier following, if there is one. */
  resume(request: FollowRequest): void {
    if (this.#closed) return;
    this.#active.get(request.runId)?.abort();
    // The oldest gives way. Its client resumes it when it misses something.
    const [oldest] = this.#active;
    if (this.#active.size >= maxAtOnce && oldest) oldest[1].abort();
    const controller = new AbortController();
    this.#active.set(request.runId, controller);
    const work = this.#follow(request, controller.signal)
      .catch((error: unknown) => {
        if (!controller.signal.aborted) this.#connection.sendError(error, { run_id: request.runId });
      })
      .finally(() => {
        if (this.#active.get(request.runId) === controller) this.#active.delete(request.runId);
        this.#working.delete(work);
      });
    this.#working.add(work);
  }

  /** Resolves when nothing is being followed any more. */
  async idle(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working);
  }

  close(): void {
    this.#closed = true;
    for (const controller of this.#active.values()) controller.abort();
  }

  async #follow(request: FollowRequest, signal: AbortSignal): Promise<void> {
    const translator = createGatewayTranslator({
      runId: request.runId,
      threadId: request.threadId,
      messageId: request.messageId,
      mode: this.mode,
      ...(request.metadata ? { metadata: request.metadata } : {}),
      ...(this.#emojiOf ? { emojiOf: this.#emojiOf } : {}),
    });
    for await (const followed of this.#runs.follow(this.#caller, request.runId, 0, signal)) {
      const frames = translator.translate(followed);
      const ends = isTerminal(followed.event);
      for (const frame of ends ? renumbered(frames, request.after) : frames) {
        if (signal.aborted) return;
        if ((frame.seq ?? 0) > request.after) await this.#connection.send(frame);
      }
      this.#connection.lastActiveAt = Date.now();
      if (ends) this.#remember(request.runId);
    }
    if (!signal.aborted) this.#onEnd();
  }

  #remember(runId: string): void {
    this.#ended.add(runId);
    const [oldest] = this.#ended;
    if (this.#ended.size > keptEnded && oldest !== undefined) this.#ended.delete(oldest);
  }
}

/**
 * A run whose log is gone is told from its record in fewer frames. A client that has seen more than there are now has
 * an answer without an end: it gets the end, numbered after what it has.
 */
function renumbered(frames: ServerFrame[], after: number): ServerFrame[] {
  const last = frames.at(-1)?.seq ?? 0;
  return last >= after ? frames : frames.map((frame, index) => ({ ...frame, seq: after + index + 1 }));
}
