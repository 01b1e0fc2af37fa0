// Delivers pending updates to the bot's webhook and tries again until it answers 2xx.
import type { Update } from 'grammy/types';
import type { WebhookState, WorldState } from '../world/state.ts';
import type { UpdateQueue } from './queue.ts';

const DELIVERY_TIMEOUT_MS = 30_000;
const MAX_RETRY_MS = 30_000;

export class WebhookSender {
  readonly #state: WorldState;
  readonly #queue: UpdateQueue;
  readonly #firstRetryMs: number;
  /** One lane a chat keeps its updates in order; lanes run side by side up to max_connections. */
  readonly #busyLanes = new Set<string>();
  readonly #waiting = new Map<number, { until: number; tries: number }>();
  readonly #closed = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(state: WorldState, queue: UpdateQueue, firstRetryMs: number) {
    this.#state = state;
    this.#queue = queue;
    this.#firstRetryMs = firstRetryMs;
    queue.onPush(() => this.wake());
  }

  /** Call after the webhook was set, too: updates may be waiting. */
  wake(): void {
    const { webhook } = this.#state;
    if (!webhook || this.#closed.signal.aborted) return;
    const held = new Set(this.#busyLanes);
    let soonest = Infinity;
    for (const update of this.#queue.pending) {
      const lane = laneOf(update);
      if (held.has(lane)) continue;
      held.add(lane);
      const pause = (this.#waiting.get(update.update_id)?.until ?? 0) - Date.now();
      if (pause > 0) {
        soonest = Math.min(soonest, pause);
        continue;
      }
      if (this.#busyLanes.size >= webhook.maxConnections) break;
      this.#busyLanes.add(lane);
      void this.#deliver(webhook, update).finally(() => {
        this.#busyLanes.delete(lane);
        this.wake();
      });
    }
    clearTimeout(this.#timer);
    if (soonest < Infinity) {
      this.#timer = setTimeout(() => this.wake(), soonest);
      this.#timer.unref();
    }
  }

  close(): void {
    this.#closed.abort();
    clearTimeout(this.#timer);
  }

  async #deliver(webhook: WebhookState, update: Update): Promise<void> {
    const problem = await this.#post(webhook, update);
    if (this.#state.webhook !== webhook) return;
    if (problem === undefined) {
      this.#waiting.delete(update.update_id);
      this.#queue.remove(update.update_id);
      return;
    }
    webhook.lastErrorDate = Math.floor(Date.now() / 1000);
    webhook.lastErrorMessage = problem;
    const tries = (this.#waiting.get(update.update_id)?.tries ?? 0) + 1;
    const pause = Math.min(this.#firstRetryMs * 2 ** (tries - 1), MAX_RETRY_MS);
    this.#waiting.set(update.update_id, { until: Date.now() + pause, tries });
  }

  async #post(webhook: WebhookState, update: Update): Promise<string | undefined> {
    try {
      const response = await fetch(webhook.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(webhook.secret ? { 'x-telegram-bot-api-secret-token': webhook.secret } : {}),
        },
        body: JSON.stringify(update),
        redirect: 'manual',
        signal: AbortSignal.any([this.#closed.signal, AbortSignal.timeout(DELIVERY_TIMEOUT_MS)]),
      });
      await response.body?.cancel();
      return response.ok
        ? undefined
        : `Wrong response from the webhook: ${response.status} ${response.statusText}`;
    } catch (error) {
      return error instanceof Error && error.name === 'TimeoutError'
        ? 'Read timeout expired'
        : 'Connection refused';
    }
  }
}

function laneOf(update: Update): string {
  const chat =
    update.message?.chat ??
    update.edited_message?.chat ??
    update.callback_query?.message?.chat ??
    update.my_chat_member?.chat ??
    update.chat_member?.chat ??
    update.message_reaction?.chat;
  // A press on Stop must not wait behind the message whose answer it stops.
  return chat ? String(chat.id) : `update ${update.update_id}`;
}
