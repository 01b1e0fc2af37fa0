import { setImmediate } from 'node:timers/promises';
import { defineEntity, p, UniqueConstraintViolationException } from '@mikro-orm/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Database } from './database.ts';
import { newId } from './id.ts';
import { schemaDifference } from './schema-difference.ts';
import { openTestDatabase } from './test-database.ts';

const NoteEntity = defineEntity({
  name: 'Note',
  tableName: 'notes',
  properties: {
    id: p.uuid().primary(),
    chatId: p.bigint('number').unique(),
    title: p.text().index(),
    kind: p.text().$type<'short' | 'long'>().default('short'),
    tags: p.json<string[]>(),
    closedAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

const notes = {
  name: '2026-11-21-notes',
  up: `
    create table notes (
      id uuid not null,
      chat_id bigint not null,
      title text not null,
      kind text not null default 'short',
      tags jsonb not null,
      closed_at timestamptz null,
      created_at timestamptz not null default now(),
      constraint notes_pkey primary key (id)
    );
    alter table notes add constraint notes_chat_id_unique unique (chat_id);
    create index notes_title_index on notes (title);
  `,
};

let database: Database;
const note = (chatId: number, title = 'a') => ({ id: newId(), chatId, title, tags: ['x'] });
const titles = async (): Promise<string[]> =>
  (await database.query<{ title: string }>('select title from notes order by title')).map((row) => row.title);

beforeAll(async () => {
  database = await openTestDatabase([NoteEntity], [notes]);
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.query('delete from notes');
});

describe('the schema', () => {
  it('is what the entities describe', async () => {
    expect(await schemaDifference(database)).toBe('');
  });
});

describe('a transaction', () => {
  it('commits what was created in it', async () => {
    await database.transaction(async (em) => {
      em.create(NoteEntity, note(1));
    });
    expect(await titles()).toEqual(['a']);
  });

  it('leaves nothing behind when it fails, raw SQL included', async () => {
    const work = database.transaction(async (em) => {
      em.create(NoteEntity, note(1));
      await em.flush();
      await database.query('insert into notes (id, chat_id, title, tags) values ($1, 2, $2, $3)', [
        newId(),
        'raw',
        '[]',
      ]);
      expect(await titles()).toEqual(['a', 'raw']);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await titles()).toEqual([]);
  });

  it('is joined by a call inside of it', async () => {
    await database.transaction(async (em) => {
      await database.transaction(async (inner) => {
        expect(inner).toBe(em);
        expect(database.em).toBe(em);
        inner.create(NoteEntity, note(1));
      });
    });
    expect(await titles()).toEqual(['a']);
  });

  it('commits nothing when a joined part failed, even if the error is caught', async () => {
    const work = database.transaction(async (em) => {
      em.create(NoteEntity, note(1));
      await database
        .transaction(async (inner) => {
          inner.create(NoteEntity, note(2));
          throw new Error('the part');
        })
        .catch(() => undefined);
    });
    await expect(work).rejects.toMatchObject({
      code: 'database_transaction_doomed',
      cause: { message: 'the part' },
    });
    expect(await titles()).toEqual([]);
  });

  it('runs beside others without mixing with them', async () => {
    const counts = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        database.transaction(async (em) => {
          em.create(NoteEntity, note(index, `t${index}`));
          await em.flush();
          await setImmediate();
          return em.count(NoteEntity, { title: `t${index}` });
        }),
      ),
    );
    expect(counts).toEqual(Array.from({ length: 12 }, () => 1));
    expect(await titles()).toHaveLength(12);
  });

  it('refuses a manager from outside instead of waiting for ever', async () => {
    const outside = database.em;
    const started = Date.now();
    const work = database.transaction(async () => outside.find(NoteEntity, {}));
    await expect(work).rejects.toThrow(/entity manager from outside/);
    const nested = database.transaction(async () => outside.transactional(async () => undefined));
    await expect(nested).rejects.toThrow(/entity manager from outside/);
    expect(Date.now() - started).toBeLessThan(2_000);
    const ownWay = database.em.transactional(async () => database.query('select 1'));
    await expect(ownWay).rejects.toThrow(/entity manager from outside/);
    expect(await database.transaction(async (em) => em.count(NoteEntity))).toBe(0);
  });

  it('is not found by what outlives it', async () => {
    const over = Promise.withResolvers<void>();
    let dead: unknown;
    let late: Promise<string[]> | undefined;
    await database.transaction(async (em) => {
      dead = em;
      late = over.promise.then(async () => {
        expect(database.em).not.toBe(dead);
        await database.transaction(async (own) => {
          expect(own).not.toBe(dead);
          own.create(NoteEntity, note(7, 'late'));
        });
        await expect(em.find(NoteEntity, {})).rejects.toThrow();
        return titles();
      });
    });
    over.resolve();
    expect(await late).toEqual(['late']);
  });
});

describe('afterCommit', () => {
  it('waits for the outermost commit', async () => {
    const seen: string[] = [];
    await database.transaction(async (em) => {
      await database.transaction(async () => {
        database.afterCommit(async () => {
          seen.push(...(await titles()));
        });
      });
      em.create(NoteEntity, note(1));
      await em.flush();
      expect(seen).toEqual([]);
    });
    await vi.waitFor(() => expect(seen).toEqual(['a']));
  });

  it('is dropped on rollback, and runs at once outside of a transaction', async () => {
    const seen: string[] = [];
    const work = database.transaction(async () => {
      database.afterCommit(() => void seen.push('never'));
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    database.afterCommit(() => void seen.push('now'));
    expect(seen).toEqual(['now']);
  });

  it('keeps its errors to the log', async () => {
    await database.transaction(async () => {
      database.afterCommit(() => {
        throw new Error('publish');
      });
    });
    expect(await database.ping()).toBe(true);
  });
});

describe('values', () => {
  it('come back as they went in', async () => {
    const closedAt = new Date('2026-11-21T10:00:00.123Z');
    const chatId = -1_002_345_678_901_234;
    const id = newId();
    const title = `it's "?" \\ $1 \u{1f600}`;
    await database.transaction(async (em) => {
      em.create(NoteEntity, { id, chatId, title, tags: ['?', "'"], closedAt });
    });
    const found = await database.em.findOneOrFail(NoteEntity, { id });
    expect(found).toMatchObject({ chatId, title, tags: ['?', "'"], closedAt, kind: 'short' });
    expect(found.createdAt).toBeInstanceOf(Date);
    const rows = await database.query('select chat_id, tags, closed_at from notes where title = $1', [title]);
    expect(rows).toEqual([{ chat_id: chatId, tags: ['?', "'"], closed_at: closedAt }]);
  });

  it('are upserted by another key than the primary one', async () => {
    for (const title of ['first', 'second']) {
      await database.transaction((em) =>
        em.upsert(NoteEntity, note(5, title), {
          onConflictFields: ['chatId'],
          onConflictExcludeFields: ['id'],
        }),
      );
    }
    expect(await titles()).toEqual(['second']);
  });

  it('that break a constraint raise the same error from raw SQL and from the ORM', async () => {
    const insert = 'insert into notes (id, chat_id, title, tags) values ($1, 1, $2, $3)';
    await database.query(insert, [newId(), 'a', '[]']);
    await expect(database.query(insert, [newId(), 'b', '[]'])).rejects.toBeInstanceOf(
      UniqueConstraintViolationException,
    );
    await expect(database.em.insert(NoteEntity, note(1))).rejects.toBeInstanceOf(
      UniqueConstraintViolationException,
    );
  });
});

describe('a full pool', () => {
  it('serves more callers than it has connections', async () => {
    const sums = await Promise.all(
      Array.from({ length: 40 }, (_, index) => database.query<{ n: number }>('select $1::int as n', [index])),
    );
    expect(sums.map(([row]) => row?.n)).toEqual(Array.from({ length: 40 }, (_, index) => index));
  });
});
