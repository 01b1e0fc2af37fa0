import { z } from 'zod';
import { id, language, page, pageQuery, timestamp } from './common.ts';

export const categories = [
  'crypto',
  'web3',
  'tech',
  'gaming',
  'community',
  'education',
  'business',
  'other',
] as const;
export const visibilities = ['public', 'private', 'unlisted'] as const;
export const searchMethods = ['text', 'vector', 'hybrid'] as const;

export const knowledgeBase = z
  .object({
    id,
    name: z.string(),
    description: z.string(),
    /** One emoji. */
    icon: z.string(),
    banner_url: z.string().nullable(),
    visibility: z.enum(visibilities),
    status: z.enum(['enabled', 'disabled', 'indexing', 'error']),
    categories: z.array(z.enum(categories)),
    tags: z.array(z.string()),
    owner_id: id.nullable(),
    source_type: z.enum(['group', 'user', 'topic', 'upload']),
    source_id: z.string().nullable(),
    source_name: z.string().nullable(),
    language,
    stats: z.object({
      messages: z.int(),
      contributors: z.int(),
      searches: z.int(),
      members: z.int(),
    }),
    featured: z.boolean(),
    verified: z.boolean(),
    quality_score: z.number().min(0).max(100),
    created_at: timestamp,
    updated_at: timestamp,
    last_indexed: timestamp.nullable(),
  })
  .meta({ id: 'KnowledgeBase' });

export const searchHit = z
  .object({
    id: z.string(),
    text: z.string(),
    /** 0–1, comparable inside one answer only. */
    score: z.number().min(0).max(1),
    /** The knowledge base's id. */
    source: id,
    source_name: z.string(),
    title: z.string().nullable(),
    sender: z.string().nullable(),
    date: timestamp.nullable(),
    link: z.string().nullable(),
    /** Ranges of `text`, in UTF-16 units, that match the query. */
    highlights: z.array(z.object({ start: z.int(), end: z.int() })),
  })
  .meta({ id: 'SearchHit' });

export const knowledgeBaseDetail = knowledgeBase
  .extend({
    sample_messages: z.array(searchHit),
    access: z.object({ can_read: z.boolean(), can_edit: z.boolean(), can_manage: z.boolean() }),
  })
  .meta({ id: 'KnowledgeBaseDetail' });

export const catalogQuery = pageQuery.extend({
  visibility: z.enum(visibilities).optional(),
  category: z.enum(categories).optional(),
  status: z.enum(['enabled', 'disabled', 'indexing', 'error']).optional(),
  featured: z.stringbool().optional(),
  search: z.string().trim().max(200).optional(),
  sort: z.enum(['relevance', 'newest', 'searches']).default('relevance'),
});

export const catalogAnswer = page(knowledgeBase)
  .extend({ categories: z.record(z.string(), z.int()) })
  .meta({ id: 'Catalog' });

const searchText = z.string().trim().min(1).max(500);

export const knowledgeBaseSearchQuery = z.object({
  query: searchText,
  method: z.enum(searchMethods).default('text'),
  max_results: z.coerce.number().int().min(1).max(50).default(10),
});

export const searchRequest = z.object({
  query: searchText,
  /** Empty: all that the caller may read. */
  kb_ids: z.array(id).max(50).default([]),
  max_results: z.int().min(1).max(50).default(10),
  search_method: z.enum(searchMethods).default('text'),
});

export const searchAnswer = z
  .object({
    results: z.array(searchHit),
    total: z.int(),
    kb_searched: z.array(id),
    search_method: z.enum(searchMethods),
  })
  .meta({ id: 'SearchAnswer' });

export type Visibility = (typeof visibilities)[number];
export type Category = (typeof categories)[number];
export type KnowledgeBase = z.infer<typeof knowledgeBase>;
export type KnowledgeBaseDetail = z.infer<typeof knowledgeBaseDetail>;
export type SearchHit = z.infer<typeof searchHit>;
export type SearchRequest = z.infer<typeof searchRequest>;
export type SearchAnswer = z.infer<typeof searchAnswer>;
export type CatalogQuery = z.infer<typeof catalogQuery>;
export type CatalogAnswer = z.infer<typeof catalogAnswer>;
