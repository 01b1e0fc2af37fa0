import { defineEntity, p } from '@mikro-orm/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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
});
