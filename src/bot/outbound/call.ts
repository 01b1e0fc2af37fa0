import type { ApiResponse } from 'grammy/types';
import type { Metrics } from '#shared/observability/metrics.ts';
import { type Failure, failureOf, failureOfResponse, NotSent } from './outcome.ts';

type CallMetrics = Pick<Metrics, 'telegramCalls'> | undefined;

/** For those who must know what is on the wire when the process dies. */
export interface WriteHooks {
  /** Awaited right before each write; when it throws, nothing is written. */
  writing?: () => Promise<void>;
  /** The write was certainly not carried out and waits for another turn. */
  unsent?: () => Promise<void>;
}

export type Tried<R> =
  | { status: 'ok'; response: ApiResponse<R> }
  | { status: 'failed'; failure: Failure; response?: ApiResponse<R>; error?: unknown };

/** One call of the Bot API, which can be written several times. */
export class Call<R> {
  readonly method: string;
  readonly #metrics: CallMetrics;
  readonly #write: (payload: object) => Promise<ApiResponse<R>>;
  readonly #hooks: WriteHooks;
  #payload: object;

  constructor(
    method: string,
    payload: object,
    write: (payload: object) => Promise<ApiResponse<R>>,
    hooks: WriteHooks,
    metrics: CallMetrics,
  ) {
    this.method = method;
    this.#metrics = metrics;
    this.#payload = payload;
    this.#write = write;
    this.#hooks = hooks;
  }

  get chatId(): number | undefined {
    const { chat_id: id } = this.#payload as { chat_id?: unknown };
    return typeof id === 'number' ? id : undefined;
  }

  moveTo(chatId: number): void {
    this.#payload = { ...this.#payload, chat_id: chatId };
  }

  dropped(): void {
    this.#count('dropped');
  }

  /** Before it waits for another turn. A lost call may have been carried out, so it does not count as unsent. */
  async unsent(failure: Failure): Promise<void> {
    if (failure.status === 'lost') return;
    // Should it fail, then the record says that a write may be under way: a needless doubt, but no repetition.
    await this.#hooks.unsent?.().catch(() => undefined);
  }

  async write(): Promise<Tried<R>> {
    try {
      await this.#hooks.writing?.();
    } catch (cause) {
      const error = new NotSent('unrecorded', { cause });
      return { status: 'failed', failure: { status: 'unsent', error }, error };
    }
    try {
      const response = await this.#write(this.#payload);
      if (response.ok) {
        this.#count('ok');
        return { status: 'ok', response };
      }
      const failure = failureOfResponse(response);
      if (this.#isSuccess(failure)) {
        this.#count('ok');
        return { status: 'ok', response: { ok: true, result: true as R } };
      }
      this.#count(outcomeLabel(failure));
      return { status: 'failed', failure, response };
    } catch (error) {
      const failure = failureOf(error);
      this.#count(outcomeLabel(failure));
      return { status: 'failed', failure, error };
    }
  }

  /** Nothing is left to do: it looks like that already, or nobody waits for the answer to the button any more. */
  #isSuccess(failure: Failure): boolean {
    if (failure.status === 'not_modified') return true;
    return (
      this.method === 'answerCallbackQuery' &&
      failure.status === 'refused' &&
      /query is too old|query id is invalid/i.test(failure.description)
    );
  }

  #count(outcome: string): void {
    this.#metrics?.telegramCalls.inc({ method: this.method, outcome });
  }
}

function outcomeLabel({ status }: Failure): string {
  if (status === 'limited' || status === 'lost') return status;
  return status === 'unsent' ? 'dropped' : 'refused';
}
