import type { CatalogAnswer, CatalogQuery, KnowledgeBaseDetail } from '../contracts/knowledge.ts';
import type { Database } from '../database/database.ts';
import { AppError } from '../errors.ts';
import { type Caller, requirePermission } from '../identity/caller.ts';
import type { Catalog } from '../services.ts';
import { type CatalogRow, catalogColumns, knowledgeBaseView } from './catalog-row.ts';
import { sampleHits } from './hits.ts';
import { listed, personIdOf, readable } from './scope.ts';

const sampleCount = 3;

export class CatalogService implements Catalog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** `categories` counts what the other filters leave, so that a chip says how many entries it would show. */
  async list(caller: Caller, query: CatalogQuery): Promise<CatalogAnswer> {
    requirePermission(caller, 'read:public_kb');
    const filter = filterOf(caller, query);
    const page = await this.#database.query<CatalogRow & { total: number }>(
      `select ${catalogColumns}, count(*) over () as total from knowledge_bases kb
       where ${filter.where} and ($6::text is null or kb.categories ? $6)
       order by ${orders[query.sort]} limit $7 offset $8`,
      [...filter.params, query.category ?? null, query.limit, query.offset],
    );
    const counts = await this.#database.query<{ name: string; count: number }>(
      `select c.name, count(*) as count from knowledge_bases kb
       cross join lateral jsonb_array_elements_text(kb.categories) as c(name)
       where ${filter.where} group by c.name order by c.name`,
      filter.params,
    );
    const now = new Date();
    return {
      total: page[0]?.total ?? (query.offset > 0 ? await this.#count(filter, query) : 0),
      limit: query.limit,
      offset: query.offset,
      results: page.map((row) => knowledgeBaseView(row, now)),
      categories: Object.fromEntries(counts.map((row) => [row.name, row.count])),
    };
  }

  async get(caller: Caller, kbId: string): Promise<KnowledgeBaseDetail> {
    requirePermission(caller, 'read:public_kb');
    const personId = personIdOf(caller);
    const [row] = await this.#database.query<CatalogRow & { role: string | null }>(
      `select ${catalogColumns},
         (select m.role from knowledge_members m where m.kb_id = kb.id and m.person_id = $1::uuid) as role
       from knowledge_bases kb where kb.id = $2::uuid and ${readable}`,
      [personId, kbId],
    );
    if (!row) throw AppError.notFound('knowledge base');
    const owns = caller.kind === 'person' && row.ownerId === caller.personId;
    return {
      ...knowledgeBaseView(row, new Date()),
      sample_messages: await sampleHits(this.#database, row.id, sampleCount),
      access: { can_read: true, can_edit: owns || row.role === 'collaborator', can_manage: owns },
    };
  }

  async #count(filter: Filter, query: CatalogQuery): Promise<number> {
    const [row] = await this.#database.query<{ total: number }>(
      `select count(*) as total from knowledge_bases kb
       where ${filter.where} and ($6::text is null or kb.categories ? $6)`,
      [...filter.params, query.category ?? null],
    );
    return row?.total ?? 0;
  }

  /** Bytes of the documents in the bases that a person owns. */
  async sizeOwnedBy(personId: string): Promise<number> {
    const [row] = await this.#database.query<{ size: number }>(
      `select coalesce(sum(octet_length(d.content)), 0)::bigint as size
       from knowledge_documents d join knowledge_bases kb on kb.id = d.kb_id where kb.owner_id = $1`,
      [personId],
    );
    return row?.size ?? 0;
  }
}

interface Filter {
  where: string;
  params: readonly unknown[];
}

/** Every word of the search must stand in the name, the description or the tags. `$1` is the person. */
function filterOf(caller: Caller, query: CatalogQuery): Filter {
  const words = (query.search ?? '').toLowerCase().split(/\s+/).filter(Boolean).slice(0, 10);
  return {
    where: `${listed}
      and ($2::text is null or kb.visibility = $2)
      and ($3::text is null or kb.status = $3)
      and ($4::boolean is null or kb.featured = $4)
      and lower(kb.name || ' ' || kb.description || ' ' || kb.tags::text) like all ($5::text[])`,
    params: [
      personIdOf(caller),
      query.visibility ?? null,
      query.status ?? null,
      query.featured ?? null,
      words.map((word) => `%${escaped(word)}%`),
    ],
  };
}

function escaped(word: string): string {
  return word.replace(/[\\%_]/g, '\\$&');
}

/** `$5` are the searched words as patterns. */
const orders: Record<CatalogQuery['sort'], string> = {
  relevance:
    'lower(kb.name) like all ($5) desc, kb.featured desc, kb.verified desc, kb.search_count desc, kb.name, kb.id',
  newest: 'kb.created_at desc, kb.id desc',
  searches: 'kb.search_count desc, kb.name, kb.id',
};
