import type { SqlMigration } from '../migrate.ts';

export const knowledge: SqlMigration = {
  name: '2026-11-21-knowledge',
  up: `
    create table knowledge_bases (
      id uuid not null,
      key text not null,
      name text not null,
      description text not null,
      icon text not null,
      banner_url text null,
      visibility text not null,
      status text not null,
      categories jsonb not null,
      tags jsonb not null,
      owner_id uuid null,
      source_type text not null,
      source_id text null,
      source_name text null,
      language text not null,
      featured boolean not null,
      verified boolean not null,
      document_count int not null,
      chunk_count int not null,
      term_count bigint not null,
      search_count int not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      last_indexed timestamptz null,
      constraint knowledge_bases_pkey primary key (id)
    );
    alter table knowledge_bases add constraint knowledge_bases_key_unique unique (key);
    create index knowledge_bases_owner_id_index on knowledge_bases (owner_id);

    create table knowledge_documents (
      id uuid not null,
      kb_id uuid not null,
      external_id text not null,
      title text not null,
      format text not null,
      content text not null,
      sender text null,
      date timestamptz null,
      link text null,
      indexed_at timestamptz not null,
      constraint knowledge_documents_pkey primary key (id)
    );
    alter table knowledge_documents
      add constraint knowledge_documents_kb_id_external_id_unique unique (kb_id, external_id);

    create table knowledge_chunks (
      id bigserial not null,
      kb_id uuid not null,
      document_id uuid not null,
      position int not null,
      title text not null,
      text text not null,
      term_count int not null,
      constraint knowledge_chunks_pkey primary key (id)
    );
    create index knowledge_chunks_kb_id_index on knowledge_chunks (kb_id);
    create index knowledge_chunks_document_id_index on knowledge_chunks (document_id);

    create table knowledge_postings (
      kb_id uuid not null,
      term text not null,
      chunk_id bigint not null,
      tf smallint not null,
      length int not null,
      constraint knowledge_postings_pkey primary key (kb_id, term, chunk_id)
    );
    create index knowledge_postings_chunk_id_index on knowledge_postings (chunk_id);

    create table knowledge_words (
      kb_id uuid not null,
      word text not null,
      term text not null,
      grams text[] not null,
      constraint knowledge_words_pkey primary key (kb_id, word)
    );
    create index knowledge_words_grams_index on knowledge_words using gin (grams);

    create table knowledge_members (
      kb_id uuid not null,
      person_id uuid not null,
      role text not null,
      added_at timestamptz not null,
      constraint knowledge_members_pkey primary key (kb_id, person_id)
    );
    create index knowledge_members_person_id_index on knowledge_members (person_id);

    create table knowledge_search_days (
      kb_id uuid not null,
      day date not null,
      searches int not null,
      answered int not null,
      constraint knowledge_search_days_pkey primary key (kb_id, day)
    );
  `,
};
