import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { Category, KnowledgeBase as KnowledgeBaseView, Visibility } from '../contracts/knowledge.ts';
import type { Language } from '../language.ts';

export const KnowledgeBaseEntity = defineEntity({
  name: 'KnowledgeBase',
  tableName: 'knowledge_bases',
  properties: {
    id: p.uuid().primary(),
    /** Given by whoever makes the base, so that making it twice makes one: `demo:concierge`, `group:<id>`. */
    key: p.text().unique(),
    name: p.text(),
    description: p.text(),
    icon: p.text(),
    bannerUrl: p.text().nullable(),
    visibility: p.text().$type<Visibility>(),
    status: p.text().$type<KnowledgeBaseView['status']>(),
    categories: p.json<Category[]>(),
    tags: p.json<string[]>(),
    ownerId: p.uuid().nullable().index(),
    sourceType: p.text().$type<KnowledgeBaseView['source_type']>(),
    sourceId: p.text().nullable(),
    sourceName: p.text().nullable(),
    language: p.text().$type<Language>(),
    featured: p.boolean(),
    verified: p.boolean(),
    /** Counted with every change of the content, in its transaction. */
    documentCount: p.integer(),
    chunkCount: p.integer(),
    /** Sum of the chunks' term counts: the average length that BM25 needs. */
    termCount: p.bigint('number'),
    searchCount: p.integer(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    lastIndexed: p.datetime().nullable(),
  },
});

export const KnowledgeDocumentEntity = defineEntity({
  name: 'KnowledgeDocument',
  tableName: 'knowledge_documents',
  properties: {
    id: p.uuid().primary(),
    kbId: p.uuid(),
    /** The id where it came from: the same twice replaces. */
    externalId: p.text(),
    title: p.text(),
    format: p.text().$type<'markdown' | 'text'>(),
    content: p.text(),
    sender: p.text().nullable(),
    date: p.datetime().nullable(),
    link: p.text().nullable(),
    indexedAt: p.datetime(),
  },
  uniques: [{ properties: ['kbId', 'externalId'] }],
});

/** A passage: what is found and quoted. */
const KnowledgeChunkEntity = defineEntity({
  name: 'KnowledgeChunk',
  tableName: 'knowledge_chunks',
  properties: {
    /** A number because the postings repeat it hundreds of times. */
    id: p.bigint('number').primary().autoincrement(),
    kbId: p.uuid().index(),
    documentId: p.uuid().index(),
    position: p.integer(),
    /** `Document › Heading`. */
    title: p.text(),
    text: p.text(),
    termCount: p.integer(),
  },
});

/** Which chunk contains which term how often. Written and read in bulk, by SQL. */
const KnowledgePostingEntity = defineEntity({
  name: 'KnowledgePosting',
  tableName: 'knowledge_postings',
  properties: {
    kbId: p.uuid().primary(),
    term: p.text().primary(),
    chunkId: p.bigint('number').primary().index(),
    tf: p.smallint(),
    /** The chunk's term count, here so that ranking reads one table. */
    length: p.integer(),
  },
});

/**
 * The words of a base with their character 3-grams: where a misspelt word finds the nearest written one.
 * Only ever added to: a word whose documents are gone leads to a term without postings.
 */
const KnowledgeWordEntity = defineEntity({
  name: 'KnowledgeWord',
  tableName: 'knowledge_words',
  properties: {
    kbId: p.uuid().primary(),
    word: p.text().primary(),
    term: p.text(),
    grams: p.array(),
  },
  indexes: [
    {
      name: 'knowledge_words_grams_index',
      expression: 'create index knowledge_words_grams_index on knowledge_words using gin (grams)',
    },
  ],
});

const KnowledgeMemberEntity = defineEntity({
  name: 'KnowledgeMember',
  tableName: 'knowledge_members',
  properties: {
    kbId: p.uuid().primary(),
    personId: p.uuid().primary().index(),
    role: p.text().$type<'member' | 'collaborator'>(),
    addedAt: p.datetime(),
  },
});

/** Counts of a day, not queries: what people look for stays theirs. */
const KnowledgeSearchDayEntity = defineEntity({
  name: 'KnowledgeSearchDay',
  tableName: 'knowledge_search_days',
  properties: {
    kbId: p.uuid().primary(),
    day: p.date().primary(),
    searches: p.integer(),
    /** Searches that found something in this base. */
    answered: p.integer(),
  },
});

export const knowledgeEntities = [
  KnowledgeBaseEntity,
  KnowledgeDocumentEntity,
  KnowledgeChunkEntity,
  KnowledgePostingEntity,
  KnowledgeWordEntity,
  KnowledgeMemberEntity,
  KnowledgeSearchDayEntity,
] as const;

export type KnowledgeDocument = InferEntity<typeof KnowledgeDocumentEntity>;
export type KnowledgeMemberRole = InferEntity<typeof KnowledgeMemberEntity>['role'];
