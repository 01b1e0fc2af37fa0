import type { SqlMigration } from '../migrate.ts';

/** What the bot receives, and the answers that it owes. */
export const telegram: SqlMigration = {
  name: '2026-11-21-telegram',
  up: `
    create table "telegram_updates" (
      "update_id" bigint not null,
      "lane" text not null,
      "urgent" boolean not null,
      "payload" jsonb not null,
      "state" text not null default 'pending',
      "attempts" int not null default 0,
      "error" text null,
      "next_attempt_at" timestamptz not null default now(),
      "claimed_by" text null,
      "claimed_until" timestamptz null,
      "received_at" timestamptz not null default now(),
      "handled_at" timestamptz null,
      constraint "telegram_updates_pkey" primary key ("update_id")
    );
    create index "telegram_updates_state_lane_update_id_index"
      on "telegram_updates" ("state", "lane", "update_id");
    create index "telegram_updates_state_handled_at_index" on "telegram_updates" ("state", "handled_at");

    create table "telegram_answers" (
      "run_id" uuid not null,
      "thread_id" uuid not null,
      "chat_id" bigint not null,
      "chat_kind" text not null,
      "topic_id" int null,
      "reply_to" int null,
      "draft_id" int not null,
      "transport" text not null,
      "preview_message_id" int null,
      "state" text not null,
      "parts_sent" int not null default 0,
      "doubts" int not null default 0,
      "failed" boolean not null default false,
      "error" text null,
      "language" text not null,
      "asker_id" uuid not null,
      "request" jsonb not null,
      "claimed_by" text null,
      "claimed_until" timestamptz null,
      "next_attempt_at" timestamptz not null default now(),
      "attempts" int not null default 0,
      "created_at" timestamptz not null default now(),
      "updated_at" timestamptz not null default now(),
      constraint "telegram_answers_pkey" primary key ("run_id")
    );
    create index "telegram_answers_chat_id_state_index" on "telegram_answers" ("chat_id", "state");
    create index "telegram_answers_state_next_attempt_at_index"
      on "telegram_answers" ("state", "next_attempt_at");
  `,
};
