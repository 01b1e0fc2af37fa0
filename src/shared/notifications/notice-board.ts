import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import type { Notices } from '../services.ts';
import type { SessionStore } from '../session-store/session-store.ts';
import { subscribeForGood } from '../session-store/subscribe-for-good.ts';
import { type Notice, NoticeEntity } from './entities.ts';
import type { NoticeWriter } from './notice-writer.ts';

/** Milliseconds after which a sender that did not report back is taken for dead. */
const sendingLife = 60_000;
const maxAttempts = 20;
const channel = 'notices-due';

export class NoticeBoard implements Notices, NoticeWriter {
  readonly #db: Database;
  readonly #store: SessionStore;
  readonly #listeners = new Set<() => void>();

  constructor(collaborators: { db: Database; store: SessionStore }) {
    this.#db = collaborators.db;
    this.#store = collaborators.store;
  }

  /** Listens for notices that other processes wrote. Answers the function that ends it. */
  open(): () => Promise<void> {
    return subscribeForGood(this.#store, channel, () => this.#wake());
  }

  async show(notice: Parameters<NoticeWriter['show']>[0]): Promise<void> {
    const { subjectKind, subjectId, target } = notice;
    const now = new Date();
    await this.#db.em.upsert(
      NoticeEntity,
      {
        id: newId(),
        subjectKind,
        subjectId,
        targetKind: target.kind,
        targetId: target.id,
        topicId: target.kind === 'group' ? (target.topicId ?? null) : null,
        wantedRevision: 1,
        shownRevision: 0,
        state: 'pending',
        attempts: 0,
        nextAttemptAt: now,
        messageId: null,
        lastError: null,
        createdAt: now,
        updatedAt: now,
      },
      {
        onConflictFields: ['subjectKind', 'subjectId', 'targetKind', 'targetId'],
        onConflictAction: 'ignore',
      },
    );
    this.#announce();
  }

  async changed(subjectKind: 'task', subjectId: string): Promise<void> {
    // A notice that is being sent stays so; its sender sees the higher revision when it reports back.
    await this.#db.query(
      `update notices set wanted_revision = wanted_revision + 1, updated_at = now(),
         state = case when state = 'shown' then 'pending' else state end,
         next_attempt_at = case when state = 'shown' then now() else next_attempt_at end
       where subject_kind = $1 and subject_id = $2 and state <> 'dead'`,
      [subjectKind, subjectId],
    );
    this.#announce();
  }

  async claimDue(limit: number): Promise<Notice[]> {
    const rows = await this.#db.query<{ id: string }>(
      `update notices set state = 'sending', attempts = attempts + 1, updated_at = now(),
         next_attempt_at = now() + make_interval(secs => $2)
       where id in (
         select id from notices where state in ('pending', 'sending') and next_attempt_at <= now()
         order by next_attempt_at limit $1 for update skip locked)
       returning id`,
      [limit, sendingLife / 1000],
    );
    if (rows.length === 0) return [];
    const ids = rows.map((row) => row.id);
    return this.#db.em.find(NoticeEntity, { id: { $in: ids } }, { orderBy: { createdAt: 'asc', id: 'asc' } });
  }

  async shown(noticeId: string, revision: number, messageId: number): Promise<void> {
    await this.#db.query(
      `update notices set shown_revision = $2, message_id = $3, attempts = 0, last_error = null, updated_at = now(),
         state = case when wanted_revision > $2 then 'pending' else 'shown' end, next_attempt_at = now()
       where id = $1`,
      [noticeId, revision, messageId],
    );
    this.#wake();
  }

  async retry(noticeId: string, afterMs: number, reason: string): Promise<void> {
    await this.#db.query(
      `update notices set state = case when attempts >= $4 then 'dead' else 'pending' end,
         last_error = $3, updated_at = now(), next_attempt_at = now() + make_interval(secs => $2)
       where id = $1`,
      [noticeId, afterMs / 1000, reason, maxAttempts],
    );
  }

  async dead(noticeId: string, reason: string): Promise<void> {
    await this.#db.em.nativeUpdate(
      NoticeEntity,
      { id: noticeId },
      { state: 'dead', lastError: reason, updatedAt: new Date() },
    );
  }

  onDue(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Once committed, tells the senders of all processes. A lost word costs only the time until their next look. */
  #announce(): void {
    this.#db.afterCommit(async () => {
      this.#wake();
      await this.#store.publish(channel, '');
    });
  }

  #wake(): void {
    for (const listener of this.#listeners) listener();
  }
}
