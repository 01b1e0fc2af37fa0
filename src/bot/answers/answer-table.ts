// Every statement on the table of answers. An answer is delivered by the instance that holds its lease.
import type { Database } from '#shared/database/database.ts';
import type { Language } from '#shared/language.ts';
import type { AnswerQuestion, AnswerState, PreviewMode } from './answer-entity.ts';

export interface AnswerRow {
  runId: string;
  threadId: string;
  chatId: number;
  chatKind: 'private' | 'group';
  topicId: number | null;
  replyTo: number | null;
  draftId: number;
  transport: PreviewMode;
  previewMessageId: number | null;
  state: AnswerState;
  partsSent: number;
  doubts: number;
  failed: boolean;
  language: Language;
  askerId: string;
  request: AnswerQuestion;
  attempts: number;
}

export type NewAnswer = Omit<
  AnswerRow,
  'previewMessageId' | 'state' | 'partsSent' | 'doubts' | 'failed' | 'attempts'
>;

const columns = `run_id as "runId", thread_id as "threadId", chat_id as "chatId", chat_kind as "chatKind",
  topic_id as "topicId", reply_to as "replyTo", draft_id as "draftId", transport,
  preview_message_id as "previewMessageId", state, parts_sent as "partsSent", doubts, failed, language,
  asker_id as "askerId", request, attempts`;

export class AnswerTable {
  readonly #db: Database;
  readonly #owner: string;
  readonly #leaseMs: number;

  constructor(db: Database, owner: string, leaseMs: number) {
    this.#db = db;
    this.#owner = owner;
    this.#leaseMs = leaseMs;
  }

  /** Undefined when the answer is there already. The new one is held by this instance. */
  async insert(answer: NewAnswer): Promise<AnswerRow | undefined> {
    const [row] = await this.#db.query<AnswerRow>(
      `insert into telegram_answers (run_id, thread_id, chat_id, chat_kind, topic_id, reply_to, draft_id, transport,
         state, language, asker_id, request, claimed_by, claimed_until)
       values ($1, $2, $3, $4, $5, $6, $7, $8, 'streaming', $9, $10, $11::jsonb, $12, now() + $13 * interval '1 ms')
       on conflict (run_id) do nothing
       returning ${columns}`,
      [
        answer.runId,
        answer.threadId,
        answer.chatId,
        answer.chatKind,
        answer.topicId,
        answer.replyTo,
        answer.draftId,
        answer.transport,
        answer.language,
        answer.askerId,
        JSON.stringify(answer.request),
        this.#owner,
        this.#leaseMs,
      ],
    );
    return row;
  }

  /** Answers that are owed and held by nobody; with `anyHolder` also those that others seem to hold. */
  async claim(limit: number, anyHolder: boolean): Promise<AnswerRow[]> {
    return this.#db.query<AnswerRow>(
      `update telegram_answers
       set claimed_by = $1, claimed_until = now() + $2 * interval '1 ms', attempts = attempts + 1, updated_at = now()
       where run_id in (
         select run_id from telegram_answers
         where state in ('streaming', 'sending') and next_attempt_at <= now()
           and (claimed_until is null or claimed_until < now() or ($4 and claimed_by <> $1))
         order by created_at
         limit $3
         for update skip locked)
       returning ${columns}`,
      [this.#owner, this.#leaseMs, limit, anyHolder],
    );
  }

  async renew(runIds: readonly string[]): Promise<void> {
    await this.#db.query(
      `update telegram_answers set claimed_until = now() + $3 * interval '1 ms'
       where run_id = any($2::uuid[]) and claimed_by = $1`,
      [this.#owner, `{${runIds.join(',')}}`, this.#leaseMs],
    );
  }

  async release(runId: string): Promise<void> {
    await this.#db.query(
      `update telegram_answers set claimed_until = null, attempts = greatest(attempts - 1, 0)
       where run_id = $1 and claimed_by = $2`,
      [runId, this.#owner],
    );
  }

  async preview(runId: string, messageId: number | null): Promise<void> {
    await this.#db.query(
      `update telegram_answers set preview_message_id = $2, transport = 'edit', updated_at = now() where run_id = $1`,
      [runId, messageId],
    );
  }

  /** Right before a new message is written. False when another instance took the answer over: nothing is sent then. */
  async sending(runId: string): Promise<boolean> {
    const rows = await this.#db.query<{ run_id: string }>(
      `update telegram_answers set state = 'sending', updated_at = now()
       where run_id = $1 and claimed_by = $2 and state in ('streaming', 'sending')
       returning run_id`,
      [runId, this.#owner],
    );
    return rows.length === 1;
  }

  /** It was certainly not written. */
  async unsent(runId: string): Promise<void> {
    await this.#db.query(
      `update telegram_answers set state = 'streaming', updated_at = now()
       where run_id = $1 and claimed_by = $2 and state = 'sending'`,
      [runId, this.#owner],
    );
  }

  async partDone(runId: string, partsSent: number, doubts: number): Promise<void> {
    await this.#db.query(
      `update telegram_answers set state = 'streaming', parts_sent = $3, doubts = $4, updated_at = now()
       where run_id = $1 and claimed_by = $2`,
      [runId, this.#owner, partsSent, doubts],
    );
  }

  async finish(
    runId: string,
    state: 'sent' | 'doubt' | 'dead',
    failed: boolean,
    error?: string,
  ): Promise<void> {
    await this.#db.query(
      `update telegram_answers
       set state = $3, failed = $4, error = $5, claimed_until = null, updated_at = now()
       where run_id = $1 and claimed_by = $2`,
      [runId, this.#owner, state, failed, error ?? null],
    );
  }

  async postpone(runId: string, afterMs: number, error: string): Promise<void> {
    await this.#db.query(
      `update telegram_answers set state = 'streaming', claimed_until = null, error = $4, updated_at = now(),
         next_attempt_at = now() + $3 * interval '1 ms'
       where run_id = $1 and claimed_by = $2`,
      [runId, this.#owner, afterMs, error],
    );
  }

  async find(runId: string): Promise<AnswerRow | undefined> {
    const [row] = await this.#db.query<AnswerRow>(
      `select ${columns} from telegram_answers where run_id = $1`,
      [runId],
    );
    return row;
  }

  /** Answers that are being made in a chat, newest first. */
  async streamingIn(chatId: number): Promise<AnswerRow[]> {
    return this.#db.query<AnswerRow>(
      `select ${columns} from telegram_answers where chat_id = $1 and state = 'streaming'
       order by created_at desc limit 100`,
      [chatId],
    );
  }

  async migrate(fromChatId: number, toChatId: number): Promise<void> {
    await this.#db.query(
      `update telegram_answers set chat_id = $2, preview_message_id = null where chat_id = $1`,
      [fromChatId, toChatId],
    );
  }

  async purge(keptMs: number): Promise<void> {
    await this.#db.query(
      `delete from telegram_answers where run_id in (
         select run_id from telegram_answers
         where state in ('sent', 'doubt', 'dead') and updated_at < now() - $1 * interval '1 ms' limit 5000)`,
      [keptMs],
    );
  }
}
