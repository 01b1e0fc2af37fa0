import type { Logger } from '#shared/observability/logger.ts';

const kept = 1_000;

/** Groups that became supergroups: their old ids are refused from then on. */
export class Migrations {
  readonly #to = new Map<number, number>();
  readonly #onMigrated: ((fromChatId: number, toChatId: number) => Promise<void>) | undefined;
  readonly #logger: Logger;

  constructor(
    onMigrated: ((fromChatId: number, toChatId: number) => Promise<void>) | undefined,
    logger: Logger,
  ) {
    this.#onMigrated = onMigrated;
    this.#logger = logger;
  }

  current(chatId: number): number {
    return this.#to.get(chatId) ?? chatId;
  }

  /** Tells it on, once. */
  async remember(fromChatId: number, toChatId: number): Promise<void> {
    if (this.#to.has(fromChatId)) return;
    this.#to.set(fromChatId, toChatId);
    const [oldest] = this.#to.keys();
    if (this.#to.size > kept && oldest !== undefined) this.#to.delete(oldest);
    await this.#onMigrated?.(fromChatId, toChatId).catch((error: unknown) => {
      this.#logger.error({ error }, 'A group that became a supergroup could not be recorded');
    });
  }
}
