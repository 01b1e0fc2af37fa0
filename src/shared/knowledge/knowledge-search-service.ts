import type { SearchAnswer, SearchRequest } from '../contracts/knowledge.ts';
import type { Database } from '../database/database.ts';
import { AppError } from '../errors.ts';
import { type Caller, requirePermission } from '../identity/caller.ts';
import type { KnowledgeSearch } from '../services.ts';
import { highlightsOf, hitsOf } from './hits.ts';
import { basesInScope, rank } from './ranking.ts';
import { personIdOf } from './scope.ts';
import type { SearchStatistics } from './search-statistics.ts';
import { byTitle } from './title-boost.ts';

/** Candidates beyond those asked for, among which a fitting title may bring one up. */
const extraCandidates = 20;

export class KnowledgeSearchService implements KnowledgeSearch {
  readonly #database: Database;
  readonly #statistics: SearchStatistics;

  constructor(database: Database, statistics: SearchStatistics) {
    this.#database = database;
    this.#statistics = statistics;
  }

  /**
   * Searches only what the caller may read. Throws RESOURCE_NOT_FOUND when `kb_ids` names a base that is missing or
   * foreign, and VALIDATION_ERROR for a method that cannot be served: another one never stands in for it silently.
   */
  async search(caller: Caller, request: SearchRequest): Promise<SearchAnswer> {
    requirePermission(caller, 'search:public_kb');
    if (request.search_method !== 'text') {
      throw AppError.validation([
        {
          path: 'search_method',
          message: `"${request.search_method}" needs an embeddings endpoint, and none is configured; "text" is available`,
        },
      ]);
    }
    const kbIds = [...new Set(request.kb_ids)];
    const scope = { personId: personIdOf(caller), kbIds };
    const bases = await basesInScope(this.#database, scope);
    if (kbIds.length > bases.length) throw AppError.notFound('knowledge base');

    const limit = request.max_results + extraCandidates;
    const ranking = await rank(this.#database, scope, bases, request.query, limit);
    const hits = await hitsOf(this.#database, ranking.chunks);
    const results = byTitle(hits, request.query)
      .slice(0, request.max_results)
      .map((hit) => ({ ...hit, highlights: highlightsOf(hit.text, ranking.terms) }));
    const searched = bases.map((base) => base.id);
    this.#statistics.count(searched, new Set(results.map((hit) => hit.source)));
    return { results, total: ranking.total, kb_searched: searched, search_method: request.search_method };
  }
}
