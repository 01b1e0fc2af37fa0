import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { MemorySessionStore } from '../session-store/memory-session-store.ts';
import { type Notice, NoticeEntity } from './entities.ts';
import { NoticeBoard } from './notice-board.ts';

let db: Database;
let board: NoticeBoard;

beforeAll(async () => {
  db = await openTestDatabase([NoticeEntity]);
  board = new NoticeBoard({ db, store: new MemorySessionStore() });
});

afterAll(() => db.close());

async function show(): Promise<{
  subjectId: string;
  target: { kind: 'group'; id: string; topicId: number };
}> {
  const notice = { subjectId: newId(), target: { kind: 'group' as const, id: newId(), topicId: 7 } };
  await board.show({ subjectKind: 'task', ...notice });
  return notice;
}

async function claimOnly(): Promise<Notice> {
  const [notice, ...others] = await board.claimDue(10);
  if (!notice || others.length > 0) throw new Error(`${others.length + 1} notices are due`);
  return notice;
}

it('is claimed once, by whoever comes first', async () => {
  const notice = await show();
  await board.show({ subjectKind: 'task', ...notice });
  const claims = await Promise.all([board.claimDue(10), board.claimDue(10), board.claimDue(10)]);
  expect(claims.flat()).toHaveLength(1);
  expect(claims.flat()[0]).toMatchObject({ topicId: 7, messageId: null, wantedRevision: 1 });
  await board.dead(claims.flat()[0]?.id ?? '', 'done with it');
});

it('collapses changes that come while it is being sent into one more showing', async () => {
  const { subjectId } = await show();
  const first = await claimOnly();
  for (let change = 0; change < 5; change++) await board.changed('task', subjectId);
  expect(await board.claimDue(10)).toHaveLength(0);
  await board.shown(first.id, first.wantedRevision, 42);
  const second = await claimOnly();
  expect(second).toMatchObject({ wantedRevision: 6, shownRevision: 1, messageId: 42 });
  await board.shown(second.id, second.wantedRevision, 42);
  expect(await board.claimDue(10)).toHaveLength(0);
  await board.changed('task', subjectId);
  await board.dead((await claimOnly()).id, 'chat is gone');
  await board.changed('task', subjectId);
  expect(await board.claimDue(10), 'nothing is sent to a dead chat').toHaveLength(0);
});

it('comes back after the time that a retry names, and wakes the senders', async () => {
  let woken = 0;
  const end = board.onDue(() => void (woken += 1));
  await show();
  const notice = await claimOnly();
  await board.retry(notice.id, 60_000, '429');
  expect(await board.claimDue(10)).toHaveLength(0);
  await board.retry(notice.id, 0, '429');
  await board.dead((await claimOnly()).id, 'test ends');
  end();
  expect(woken).toBeGreaterThan(0);
});

it('is not there when the transaction of its cause fails', async () => {
  const failing = db.transaction(async () => {
    await show();
    throw new Error('rolled back');
  });
  await expect(failing).rejects.toThrow('rolled back');
  expect(await board.claimDue(10)).toHaveLength(0);
});
