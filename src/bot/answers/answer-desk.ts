// Where questions become answers in chats. A question and the promise of its answer are written in one transaction;
// the answer then runs beside the update that asked, so that Stop and further messages are handled meanwhile.
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from 'grammy';
import type { Database } from '#shared/database/database.ts';
import { newId } from '#shared/database/id.ts';
import { AppError } from '#shared/errors.ts';
import type { PersonCaller } from '#shared/identity/caller.ts';
import type { Language } from '#shared/language.ts';
import { withLogContext } from '#shared/observability/context.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Runs } from '#shared/services.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { type AnswerRow, AnswerTable } from './answer-table.ts';
import type { AnswerTexts } from './answer-texts.ts';
import { deliver } from './delivery.ts';
import { DraftTurns } from './draft-turns.ts';
import { runIdOf } from './handle.ts';
import { defaultTiming, type Timing } from './timing.ts';

export interface AnswerRequest {
  caller: PersonCaller;
  chat: { id: number; kind: 'private' | 'group'; topicId?: number | undefined };
  /** The message that asks. In groups the answer replies to it; in private chats that would be noise. */
  replyTo?: number | undefined;
  text: string;
  /** Asking twice with the same update is asking once. */
  updateId: number;
  thread:
    | { kind: 'person'; threadId?: string | undefined }
    | { kind: 'group'; groupId: string; topicId: number };
  agentId?: string | undefined;
  /** Whether to show the answer while it grows. */
  streaming: boolean;
  language: Language;
}

/** Which answers to stop: those of a chat, or of its topic, or one of them. */
export interface StopRequest {
  chatId: number;
  topicId?: number | undefined;
  /** From `stopped_message_generation`. */
  draftId?: number | undefined;
  /** From a button: what follows `stop:`. */
  handle?: string | undefined;
  /** Who asks. Left out for `stopped_message_generation`, which has no sender: only the person sees the draft. */
  personId?: string | undefined;
  /** Asked when somebody else's answer is to be stopped: whether they are an admin of the group. */
  mayStop?: (() => Promise<boolean>) | undefined;
}

export interface AnswerDeskDeps {
  /** With `outbound.transformer` installed. */
  api: Api;
  outbound: Outbound;
  db: Database;
  runs: Pick<Runs, 'start' | 'follow' | 'cancel'>;
  logger: Logger;
  texts(language: Language): AnswerTexts;
  toolLabel(name: string, language: Language): string;
  timing?: Partial<Timing> | undefined;
  /** Milliseconds after which another instance takes over the answers of one that died. @default 12000 */
  leaseMs?: number | undefined;
}

const maxActive = 1_000;
const keptMs = 30 * 24 * 3600 * 1000;
const purgeEveryMs = 3600 * 1000;

export class AnswerDesk {
  readonly #deps: AnswerDeskDeps;
  readonly #table: AnswerTable;
  readonly #timing: Timing;
  readonly #leaseMs: number;
  readonly #turns = new DraftTurns();
  readonly #active = new Map<string, { row: AnswerRow; done: Promise<void> }>();
  readonly #ending = new AbortController();
  #purgedAt = 0;
  #renewal: NodeJS.Timeout | undefined;

  constructor(deps: AnswerDeskDeps) {
    this.#deps = deps;
    this.#leaseMs = deps.leaseMs ?? 12_000;
    this.#table = new AnswerTable(deps.db, newId(), this.#leaseMs);
    this.#timing = { ...defaultTiming, ...deps.timing };
  }

  /**
   * Resolves when the question and the promise of its answer survive the end of this process. Throws what
   * `Runs.start` throws, and nothing is promised then.
   */
  async ask(request: AnswerRequest): Promise<{ runId: string; threadId: string }> {
    return this.#ask(request, `telegram:${request.updateId}`);
  }

  /** Answers that are owed since before, of this process or of one that died. Call it at start and now and then. */
  async recover(options: { alone?: boolean } = {}): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const free = Math.min(50, maxActive - this.#active.size);
      if (free <= 0) return;
      const rows = await this.#table.claim(free, options.alone ?? false);
      for (const row of rows) this.#start(row);
      if (rows.length < free) break;
    }
    if (Date.now() - this.#purgedAt < purgeEveryMs) return;
    this.#purgedAt = Date.now();
    await this.#table.purge(keptMs);
  }

  async stop(where: StopRequest): Promise<'stopped' | 'nothing' | 'not_yours'> {
    const wanted = where.handle === undefined ? undefined : runIdOf(where.handle);
    if (where.handle !== undefined && wanted === undefined) return 'nothing';
    const rows = (await this.#table.streamingIn(where.chatId)).filter(
      (row) =>
        (where.topicId === undefined || (row.topicId ?? 0) === where.topicId) &&
        (where.draftId === undefined || row.draftId === where.draftId) &&
        (wanted === undefined || row.runId === wanted),
    );
    const mine = rows.filter((row) => row.chatKind === 'private' || row.askerId === where.personId);
    if (rows.length === 0) return 'nothing';
    const chosen = mine.length > 0 ? mine : (await where.mayStop?.()) ? rows : [];
    if (chosen.length === 0) return 'not_yours';
    const results = await Promise.all(chosen.map((row) => this.#cancel(row)));
    return results.includes(true) ? 'stopped' : 'nothing';
  }

  /** Asks the same again after a failure; `handle` is what follows `retry:` on the button. Twice is once. */
  async retry(handle: string, personId: string): Promise<'started' | 'nothing' | 'not_yours'> {
    const runId = runIdOf(handle);
    const row = runId === undefined ? undefined : await this.#table.find(runId);
    if (!row?.failed) return 'nothing';
    if (row.askerId !== personId) return 'not_yours';
    const { caller, text, agentId, group } = row.request;
    await this.#ask(
      {
        caller,
        chat: { id: row.chatId, kind: row.chatKind, topicId: row.topicId ?? undefined },
        replyTo: row.replyTo ?? undefined,
        text,
        thread: group ? { kind: 'group', ...group } : { kind: 'person', threadId: row.threadId },
        agentId,
        streaming: row.transport !== 'none',
        language: row.language,
      },
      `telegram:retry:${row.runId}`,
    );
    return 'started';
  }

  /** A group became a supergroup: its answers go there, as new messages. */
  async migrated(fromChatId: number, toChatId: number): Promise<void> {
    for (const { row } of this.#active.values()) {
      if (row.chatId !== fromChatId) continue;
      row.chatId = toChatId;
      row.previewMessageId = null;
    }
    await this.#table.migrate(fromChatId, toChatId);
  }

  /** Waits at most `ms` for answers to be delivered; others go on with them, here after a restart or elsewhere. */
  async drain(ms: number): Promise<void> {
    const all = () => Promise.all([...this.#active.values()].map(({ done }) => done));
    const timer = new AbortController();
    await Promise.race([all(), sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    this.#ending.abort();
    await Promise.race([all(), sleep(2_000, undefined, { ref: false })]);
    clearInterval(this.#renewal);
  }

  async #ask(
    request: Omit<AnswerRequest, 'updateId'>,
    clientMessageId: string,
  ): Promise<{ runId: string; threadId: string }> {
    const { caller, chat, text, thread, agentId } = request;
    return this.#deps.db.transaction(async () => {
      const group =
        thread.kind === 'group' ? { groupId: thread.groupId, topicId: thread.topicId } : undefined;
      const { runId, threadId } = await this.#deps.runs.start({
        caller,
        text,
        agentId,
        clientMessageId,
        ...(thread.kind === 'group' ? { groupThread: group } : { threadId: thread.threadId }),
      });
      const row = await this.#table.insert({
        runId,
        threadId,
        chatId: chat.id,
        chatKind: chat.kind,
        // General has no id of its own in calls (Bot API).
        topicId: chat.topicId || null,
        replyTo: chat.kind === 'group' ? (request.replyTo ?? null) : null,
        draftId: randomInt(1, 2 ** 31 - 1),
        transport: request.streaming ? (chat.kind === 'private' ? 'draft' : 'edit') : 'none',
        language: request.language,
        askerId: caller.personId,
        request: { caller, text, ...(agentId ? { agentId } : {}), ...(group ? { group } : {}) },
      });
      if (row) this.#deps.db.afterCommit(() => this.#start(row));
      return { runId, threadId };
    });
  }

  #start(row: AnswerRow): void {
    if (this.#active.has(row.runId) || this.#ending.signal.aborted) return;
    // Beyond this many it stays written down, and `recover` takes it when its lease is over.
    if (this.#active.size >= maxActive) return;
    const deps = { ...this.#deps, table: this.#table, timing: this.#timing, turns: this.#turns };
    const done = withLogContext({ run_id: row.runId }, () => deliver(deps, row, this.#ending.signal))
      .catch((error: unknown) => {
        // The lease runs out, then it is taken up again.
        this.#deps.logger.error({ error }, 'Delivering an answer broke; it will be taken up again');
      })
      .finally(() => {
        this.#active.delete(row.runId);
        if (this.#active.size > 0) return;
        clearInterval(this.#renewal);
        this.#renewal = undefined;
      });
    this.#active.set(row.runId, { row, done });
    this.#renewal ??= setInterval(() => {
      this.#table.renew([...this.#active.keys()]).catch((error: unknown) => {
        this.#deps.logger.warn({ error }, 'Claims on answers could not be renewed');
      });
    }, this.#leaseMs / 3);
  }

  async #cancel(row: AnswerRow): Promise<boolean> {
    try {
      return (await this.#deps.runs.cancel(row.request.caller, row.runId)).status === 'cancelling';
    } catch (error) {
      if (error instanceof AppError && error.code === 'RESOURCE_NOT_FOUND') return false;
      throw error;
    }
  }
}
