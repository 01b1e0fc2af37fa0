import type { Logger } from '#shared/observability/logger.ts';

/** Two chats limited within this time mean the whole bot. */
const sameLimitMs = 2_000;

/** What Telegram's 429 answers have stopped: they name a time, but not whether it is for a chat or for all. */
export class Pauses {
  /** Milliseconds since 1970. */
  allUntil = 0;
  readonly #logger: Logger;
  #last: { chatId: number | undefined; at: number } | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @param chatId undefined for calls that are about no chat */
  limited(chatId: number | undefined, retryAfterMs: number): void {
    const now = Date.now();
    const last = this.#last;
    const all = last !== undefined && last.chatId !== chatId && now - last.at < sameLimitMs;
    this.#last = { chatId, at: now };
    if (all) this.allUntil = Math.max(this.allUntil, now + retryAfterMs);
    this.#logger.warn(
      { chat_id: chatId, retry_after_ms: retryAfterMs, all },
      'Telegram asked to send less; waiting as long as it says',
    );
  }
}
