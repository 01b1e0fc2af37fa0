import type {
  CatalogAnswer,
  CatalogQuery,
  KnowledgeBase,
  KnowledgeBaseDetail,
  SearchAnswer,
  SearchRequest,
} from '#shared/contracts/knowledge.ts';
import { newId } from '#shared/database/id.ts';
import { AppError } from '#shared/errors.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { Catalog, KnowledgeSearch } from '#shared/services.ts';
import { pageOf } from './memory-conversations.ts';

const now = new Date(1_700_000_000_000).toISOString();

export function knowledgeBase(changes: Partial<KnowledgeBase> = {}): KnowledgeBase {
  return {
    id: newId(),
    name: 'Handbook',
    description: 'How things are done',
    icon: '📘',
    banner_url: null,
    visibility: 'public',
    status: 'enabled',
    categories: ['business'],
    tags: [],
    owner_id: null,
    source_type: 'upload',
    source_id: null,
    source_name: null,
    language: 'en',
    stats: { messages: 3, contributors: 1, searches: 0, members: 0 },
    featured: true,
    verified: false,
    quality_score: 50,
    created_at: now,
    updated_at: now,
    last_indexed: now,
    ...changes,
  };
}

/** Private entries belong to their owner alone. */
export class MemoryKnowledge implements Catalog, KnowledgeSearch {
  readonly entries: KnowledgeBase[] = [];

  async list(caller: Caller, query: CatalogQuery): Promise<CatalogAnswer> {
    const found = this.#readable(caller).filter(
      (kb) =>
        (query.visibility === undefined || kb.visibility === query.visibility) &&
        (query.category === undefined || kb.categories.includes(query.category)) &&
        (query.featured === undefined || kb.featured === query.featured),
    );
    return { ...pageOf(found, query), categories: { business: found.length } };
  }

  async get(caller: Caller, kbId: string): Promise<KnowledgeBaseDetail> {
    const kb = this.#readable(caller).find((each) => each.id === kbId);
    if (!kb) throw AppError.notFound('knowledge base');
    return {
      ...kb,
      sample_messages: [],
      access: { can_read: true, can_edit: false, can_manage: false },
    };
  }

  async search(caller: Caller, request: SearchRequest): Promise<SearchAnswer> {
    if (request.search_method === 'vector') {
      throw new AppError('UPSTREAM_UNAVAILABLE', 'There are no embeddings here.');
    }
    const readable = this.#readable(caller).map((kb) => kb.id);
    const asked = request.kb_ids.length > 0 ? request.kb_ids : readable;
    if (asked.some((id) => !readable.includes(id))) throw AppError.notFound('knowledge base');
    const results = asked.slice(0, request.max_results).map((source) => ({
      id: `${source}/1`,
      text: `About ${request.query}`,
      score: 1,
      source,
      source_name: 'Handbook',
      title: null,
      sender: null,
      date: null,
      link: null,
      highlights: [],
    }));
    return {
      results,
      total: results.length,
      kb_searched: asked,
      search_method: request.search_method,
    };
  }

  #readable(caller: Caller): KnowledgeBase[] {
    return this.entries.filter(
      (kb) => kb.visibility === 'public' || (caller.kind === 'person' && kb.owner_id === caller.personId),
    );
  }
}
