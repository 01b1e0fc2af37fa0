import type { SqlMigration } from '../migrate.ts';

/** What the bot remembers of chats: the current conversation of each person, and dialogues that wait for an answer. */
export const botState: SqlMigration = {
  name: '2026-11-21-bot-state',
  up: `
create table "telegram_private_chats" ("person_id" uuid not null, "thread_id" uuid null, "reachable" boolean not null, "welcomed_at" timestamptz null, "search_kb_ids" jsonb not null, "updated_at" timestamptz not null, primary key ("person_id"));

create table "telegram_conversations" ("key" text not null, "state" jsonb null, "last_update_id" bigint not null, "updated_at" timestamptz not null, primary key ("key"));
create index "telegram_conversations_updated_at_index" on "telegram_conversations" ("updated_at");
`,
};
