// Every statement on the table of updates. A lane is claimed by claiming its oldest pending update: nobody takes
// another one as long as that is not finished, so no table of lanes is needed.
import type { Update } from 'grammy/types';
import type { Database } from '#shared/database/database.ts';
import { isUrgent, laneOf } from './lane.ts';

export interface ClaimedUpdate {
  updateId: number;
  payload: Update;
  attempts: number;
  urgent: boolean;
}

export class InboxTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Writes what is not there yet, all or none, and answers how many were new. */
  async insert(updates: readonly Update[]): Promise<number> {
    const rows = updates.map((update) => ({
      update_id: update.update_id,
      lane: laneOf(update),
      urgent: isUrgent(update),
      payload: update,
    }));
    const inserted = await this.#db.query<{ update_id: number }>(
      `insert into telegram_updates (update_id, lane, urgent, payload)
       select update_id, lane, urgent, payload
       from jsonb_to_recordset($1::jsonb) as given(update_id bigint, lane text, urgent boolean, payload jsonb)
       on conflict (update_id) do nothing
       returning update_id`,
      [storableJson(rows)],
    );
    return inserted.length;
  }

  /** Oldest pending updates of free lanes, urgent ones first, now held by `owner` for `leaseMs`. */
  async claim(owner: string, limit: number, leaseMs: number, urgentOnly: boolean): Promise<ClaimedUpdate[]> {
    const rows = await this.#db.query<{
      update_id: number;
      payload: Update;
      attempts: number;
      urgent: boolean;
    }>(
      `update telegram_updates set claimed_by = $1, claimed_until = now() + $2 * interval '1 ms', attempts = attempts + 1
       where update_id in (
         select head.update_id from telegram_updates head
         where head.state = 'pending' and head.next_attempt_at <= now()
           and (head.claimed_until is null or head.claimed_until < now())
           and (head.urgent or not $4)
           and not exists (
             select 1 from telegram_updates other
             where other.state = 'pending' and other.lane = head.lane and other.update_id <> head.update_id
               and (other.update_id < head.update_id or other.claimed_until >= now()))
         order by head.urgent desc, head.update_id
         limit $3
         for update skip locked)
       returning update_id, payload, attempts, urgent`,
      [owner, leaseMs, limit, urgentOnly],
    );
    return rows
      .map(({ update_id: updateId, ...row }) => ({ updateId, ...row }))
      .sort((a, b) => a.updateId - b.updateId);
  }

  async renew(owner: string, updateIds: readonly number[], leaseMs: number): Promise<void> {
    await this.#db.query(
      `update telegram_updates set claimed_until = now() + $3 * interval '1 ms'
       where update_id = any($2::bigint[]) and claimed_by = $1 and state = 'pending'`,
      [owner, arrayLiteral(updateIds), leaseMs],
    );
  }

  async handled(updateId: number): Promise<void> {
    await this.#db.query(
      `update telegram_updates set state = 'handled', handled_at = now(), claimed_until = null, error = null
       where update_id = $1`,
      [updateId],
    );
  }

  async retry(updateId: number, afterMs: number, error: string): Promise<void> {
    await this.#db.query(
      `update telegram_updates
       set claimed_until = null, next_attempt_at = now() + $2 * interval '1 ms', error = $3
       where update_id = $1`,
      [updateId, afterMs, error],
    );
  }

  async park(updateId: number, error: string): Promise<void> {
    await this.#db.query(
      `update telegram_updates set state = 'parked', handled_at = now(), claimed_until = null, error = $2
       where update_id = $1`,
      [updateId, error],
    );
  }

  /** Frees what a process that ends in good order holds, without counting it as an attempt. */
  async release(owner: string): Promise<void> {
    await this.#db.query(
      `update telegram_updates set claimed_until = null, attempts = greatest(attempts - 1, 0)
       where claimed_by = $1 and state = 'pending' and claimed_until is not null`,
      [owner],
    );
  }

  /** Frees what anybody else holds. Their attempts count: an update that kills the process must not do so for ever. */
  async takeOver(owner: string): Promise<void> {
    await this.#db.query(
      `update telegram_updates set claimed_until = null
       where claimed_by <> $1 and state = 'pending' and claimed_until is not null`,
      [owner],
    );
  }

  /** How many updates are accepted and not handled yet. */
  async pending(): Promise<number> {
    const [row] = await this.#db.query<{ count: number }>(
      `select count(*) as count from telegram_updates where state = 'pending'`,
    );
    return row?.count ?? 0;
  }

  /** Handled ones older than `handledMs`, parked ones older than `parkedMs`; some thousands at a time. */
  async purge(handledMs: number, parkedMs: number): Promise<number> {
    const gone = await this.#db.query<{ update_id: number }>(
      `delete from telegram_updates where update_id in (
         select update_id from telegram_updates
         where (state = 'handled' and handled_at < now() - $1 * interval '1 ms')
            or (state = 'parked' and handled_at < now() - $2 * interval '1 ms')
         limit 5000)
       returning update_id`,
      [handledMs, parkedMs],
    );
    return gone.length;
  }
}

const arrayLiteral = (ids: readonly number[]) => `{${ids.join(',')}}`;

/** PostgreSQL's jsonb refuses U+0000 and halves of surrogate pairs; one such update must not block all others. */
function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (!/\\u(?:0000|d[89a-f])/i.test(json)) return json;
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'string' ? item.replaceAll('\0', '').toWellFormed() : item,
  );
}
