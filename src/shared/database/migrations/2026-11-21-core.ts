import type { SqlMigration } from '../migrate.ts';

/** People, conversations, groups and notices. */
export const core: SqlMigration = {
  name: '2026-11-21-core',
  up: `
create table "people" ("id" uuid not null, "telegram_user_id" bigint null, "username" text null, "first_name" text not null, "last_name" text null, "language" text not null, "language_chosen" boolean not null, "time_zone" text not null, "llm_provider" text null, "llm_model" text null, "streaming_enabled" boolean not null, "notifications" boolean not null, "created_at" timestamptz not null, "updated_at" timestamptz not null, primary key ("id"));
alter table "people" add constraint "people_telegram_user_id_unique" unique ("telegram_user_id");

create table "refresh_tokens" ("id" uuid not null, "person_id" uuid not null, "family_id" uuid not null, "token_hash" text not null, "expires_at" timestamptz not null, "used_at" timestamptz null, "revoked_at" timestamptz null, "created_at" timestamptz not null, primary key ("id"));
create index "refresh_tokens_person_id_index" on "refresh_tokens" ("person_id");
create index "refresh_tokens_family_id_index" on "refresh_tokens" ("family_id");
alter table "refresh_tokens" add constraint "refresh_tokens_token_hash_unique" unique ("token_hash");

create table "threads" ("id" uuid not null, "owner_kind" text not null, "owner_id" text not null, "title" text not null, "title_chosen" boolean not null, "agent_id" text not null, "kb_ids" jsonb not null, "message_count" int not null, "created_at" timestamptz not null, "updated_at" timestamptz not null, primary key ("id"));
create index "threads_owner_kind_owner_id_updated_at_index" on "threads" ("owner_kind", "owner_id", "updated_at");

create table "messages" ("id" uuid not null, "thread_id" uuid not null, "seq" int not null, "role" text not null, "content" text not null, "status" text not null, "run_id" uuid null, "author_id" uuid null, "sources" jsonb not null, "tools" jsonb not null, "created_at" timestamptz not null, primary key ("id"));
create index "messages_run_id_index" on "messages" ("run_id");
create index "messages_author_id_index" on "messages" ("author_id");
alter table "messages" add constraint "messages_thread_id_seq_unique" unique ("thread_id", "seq");

create table "runs" ("id" uuid not null, "thread_id" uuid not null, "agent_id" text not null, "status" text not null, "client_key" text null, "user_message_id" uuid not null, "assistant_message_id" uuid not null, "instance_id" text not null, "error_code" text null, "usage" jsonb null, "started_at" timestamptz not null, "ended_at" timestamptz null, primary key ("id"));
create index "runs_thread_id_index" on "runs" ("thread_id");
create index "runs_status_index" on "runs" ("status");
create index "runs_assistant_message_id_index" on "runs" ("assistant_message_id");
alter table "runs" add constraint "runs_client_key_unique" unique ("client_key");

create table "groups" ("id" uuid not null, "telegram_chat_id" bigint not null, "title" text not null, "username" text null, "language" text not null, "active" boolean not null, "created_at" timestamptz not null, "updated_at" timestamptz not null, primary key ("id"));
alter table "groups" add constraint "groups_telegram_chat_id_unique" unique ("telegram_chat_id");

create table "group_members" ("group_id" uuid not null, "person_id" uuid not null, "role" text not null, "confirmed_at" timestamptz not null, primary key ("group_id", "person_id"));
create index "group_members_person_id_index" on "group_members" ("person_id");

create table "notices" ("id" uuid not null, "subject_kind" text not null, "subject_id" uuid not null, "target_kind" text not null, "target_id" uuid not null, "topic_id" int null, "wanted_revision" int not null, "shown_revision" int not null, "state" text not null, "attempts" int not null, "next_attempt_at" timestamptz not null, "message_id" int null, "last_error" text null, "created_at" timestamptz not null, "updated_at" timestamptz not null, primary key ("id"));
create index "notices_state_next_attempt_at_index" on "notices" ("state", "next_attempt_at");
alter table "notices" add constraint "notices_subject_kind_subject_id_target_kind_target_id_unique" unique ("subject_kind", "subject_id", "target_kind", "target_id");
`,
};
