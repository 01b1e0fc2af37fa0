import type { SqlMigration } from '../migrate.ts';

export const workflows: SqlMigration = {
  name: '2026-11-21-workflows',
  up: `
    create table process_definitions (
      id uuid not null,
      key text not null,
      version int not null,
      xml_hash text not null,
      xml text not null,
      created_at timestamptz not null,
      constraint process_definitions_pkey primary key (id)
    );
    alter table process_definitions add constraint process_definitions_key_version_unique unique (key, version);

    create table process_instances (
      id uuid not null,
      definition_id uuid not null,
      status text not null,
      revision int not null,
      state jsonb not null,
      started_by_id uuid not null,
      group_id uuid null,
      topic_id int null,
      idempotency_key text null,
      started_at timestamptz not null,
      ended_at timestamptz null,
      constraint process_instances_pkey primary key (id)
    );
    create index process_instances_definition_id_index on process_instances (definition_id);
    alter table process_instances
      add constraint process_instances_idempotency_key_unique unique (idempotency_key);
    create index process_instances_started_by_id_started_at_index
      on process_instances (started_by_id, started_at);

    create table user_tasks (
      id uuid not null,
      process_id uuid not null,
      token_id int not null,
      definition_id uuid not null,
      element_id text not null,
      status text not null,
      starter_id uuid not null,
      assignee_id uuid null,
      claimed_at timestamptz null,
      group_id uuid null,
      candidate_ids jsonb not null,
      excluded_id uuid null,
      priority int not null,
      due_at timestamptz null,
      follow_up_at timestamptz null,
      variables jsonb not null,
      created_at timestamptz not null,
      completed_at timestamptz null,
      completed_by_id uuid null,
      action text null,
      constraint user_tasks_pkey primary key (id)
    );
    alter table user_tasks add constraint user_tasks_process_id_token_id_unique unique (process_id, token_id);
    create index user_tasks_assignee_id_status_index on user_tasks (assignee_id, status);
    create index user_tasks_group_id_status_index on user_tasks (group_id, status);
    create index user_tasks_starter_id_status_index on user_tasks (starter_id, status);
    create index user_tasks_completed_by_id_completed_at_index on user_tasks (completed_by_id, completed_at);
    create index user_tasks_candidate_ids_index on user_tasks using gin (candidate_ids);
  `,
};
