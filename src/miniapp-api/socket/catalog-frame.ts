import type { ServerFrame } from '#shared/contracts/gateway-frames.ts';
import type { CatalogAnswer, KnowledgeBase } from '#shared/contracts/knowledge.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { Catalog } from '#shared/services.ts';

/** The catalog as one screen: `listed` is what the person asked for, the figures are about everything. */
export async function catalogFrame(
  catalog: Catalog,
  caller: Caller,
  listed: CatalogAnswer,
): Promise<ServerFrame> {
  const count = async (visibility: 'public' | 'private') =>
    (await catalog.list(caller, { visibility, sort: 'relevance', limit: 1, offset: 0 })).total;
  const [publicTotal, privateTotal] = await Promise.all([
    count('public'),
    caller.kind === 'person' ? count('private') : 0,
  ]);
  const isMine = (kb: KnowledgeBase) =>
    caller.kind === 'person' && (kb.visibility === 'private' || kb.owner_id === caller.personId);
  return {
    type: 'catalogData',
    catalog: {
      featured: listed.results.filter((kb) => kb.featured),
      by_category: byCategory(listed.results),
      my_kbs: listed.results.filter(isMine),
      stats: { total_public: publicTotal, total_private: privateTotal },
    },
  };
}

function byCategory(all: readonly KnowledgeBase[]): Record<string, KnowledgeBase[]> {
  const found = new Map<string, KnowledgeBase[]>();
  for (const kb of all) {
    for (const category of kb.categories) found.set(category, [...(found.get(category) ?? []), kb]);
  }
  return Object.fromEntries(found);
}
