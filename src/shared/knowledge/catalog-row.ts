// A knowledge base as the catalog's queries read it, and its view.
import type { Category, KnowledgeBase, Visibility } from '../contracts/knowledge.ts';
import type { Language } from '../language.ts';
import { qualityParts, qualityScore } from './quality-score.ts';

export interface CatalogRow {
  id: string;
  name: string;
  description: string;
  icon: string;
  bannerUrl: string | null;
  visibility: Visibility;
  status: KnowledgeBase['status'];
  categories: Category[];
  tags: string[];
  ownerId: string | null;
  sourceType: KnowledgeBase['source_type'];
  sourceId: string | null;
  sourceName: string | null;
  language: Language;
  featured: boolean;
  verified: boolean;
  documentCount: number;
  searchCount: number;
  createdAt: Date;
  updatedAt: Date;
  lastIndexed: Date | null;
  contributors: number;
  members: number;
  lastContent: Date | null;
  recentSearches: number;
  recentAnswered: number;
}

/** Of the table `knowledge_bases` under the name `kb`. */
export const catalogColumns = `kb.id, kb.name, kb.description, kb.icon, kb.banner_url as "bannerUrl", kb.visibility,
  kb.status, kb.categories, kb.tags, kb.owner_id as "ownerId", kb.source_type as "sourceType",
  kb.source_id as "sourceId", kb.source_name as "sourceName", kb.language, kb.featured, kb.verified,
  kb.document_count as "documentCount", kb.search_count as "searchCount", kb.created_at as "createdAt",
  kb.updated_at as "updatedAt", kb.last_indexed as "lastIndexed",
  (select count(distinct d.sender) from knowledge_documents d where d.kb_id = kb.id) as contributors,
  (select coalesce(max(d.date), max(d.indexed_at)) from knowledge_documents d where d.kb_id = kb.id) as "lastContent",
  (select count(*) from knowledge_members m where m.kb_id = kb.id) as members,
  (select coalesce(sum(s.searches), 0)::int from knowledge_search_days s
   where s.kb_id = kb.id and s.day > current_date - 30) as "recentSearches",
  (select coalesce(sum(s.answered), 0)::int from knowledge_search_days s
   where s.kb_id = kb.id and s.day > current_date - 30) as "recentAnswered"`;

export function knowledgeBaseView(row: CatalogRow, now: Date): KnowledgeBase {
  const parts = qualityParts(
    {
      lastContent: row.lastContent,
      contributors: row.contributors,
      searches: row.recentSearches,
      searchesAnswered: row.recentAnswered,
      descriptionLength: row.description.length,
      categories: row.categories.length,
      tags: row.tags.length,
      documents: row.documentCount,
      hasOwner: row.ownerId !== null,
    },
    now,
  );
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    icon: row.icon,
    banner_url: row.bannerUrl,
    visibility: row.visibility,
    status: row.status,
    categories: row.categories,
    tags: row.tags,
    owner_id: row.ownerId,
    source_type: row.sourceType,
    source_id: row.sourceId,
    source_name: row.sourceName,
    language: row.language,
    stats: {
      messages: row.documentCount,
      contributors: row.contributors,
      searches: row.searchCount,
      members: row.members,
    },
    featured: row.featured,
    verified: row.verified,
    quality_score: qualityScore(parts),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    last_indexed: row.lastIndexed?.toISOString() ?? null,
  };
}
