import { z } from 'zod';
import { id } from '#shared/contracts/common.ts';
import {
  catalogAnswer,
  catalogQuery,
  knowledgeBaseDetail,
  knowledgeBaseSearchQuery,
  searchAnswer,
  searchRequest,
} from '#shared/contracts/knowledge.ts';
import type { Catalog, KnowledgeSearch } from '#shared/services.ts';
import { defineRoute, type Route } from '../http/route.ts';

const tag = 'knowledge';
const byId = z.object({ id });

export function knowledgeRoutes({ catalog, search }: { catalog: Catalog; search: KnowledgeSearch }): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/catalog',
      tag,
      summary: 'Knowledge bases that the caller may see',
      permission: 'read:public_kb',
      limit: 'catalog',
      query: catalogQuery,
      answer: catalogAnswer,
      handler: ({ caller, query }) => catalog.list(caller, query),
    }),
    defineRoute({
      method: 'get',
      path: '/api/kb/{id}',
      tag,
      summary: 'One knowledge base, with samples and what the caller may do with it',
      permission: 'read:public_kb',
      limit: 'kbRead',
      params: byId,
      answer: knowledgeBaseDetail,
      handler: ({ caller, params }) => catalog.get(caller, params.id),
    }),
    defineRoute({
      method: 'get',
      path: '/api/kb/{id}/search',
      tag,
      summary: 'Searches one knowledge base',
      permission: 'search:public_kb',
      limit: 'search',
      params: byId,
      query: knowledgeBaseSearchQuery,
      answer: searchAnswer,
      handler: ({ caller, params, query }) =>
        search.search(caller, {
          query: query.query,
          kb_ids: [params.id],
          max_results: query.max_results,
          search_method: query.method,
        }),
    }),
    defineRoute({
      method: 'post',
      path: '/api/search',
      tag,
      summary: 'Searches several knowledge bases, or all that the caller may read',
      permission: 'search:public_kb',
      limit: 'search',
      body: searchRequest,
      answer: searchAnswer,
      handler: ({ caller, body }) => search.search(caller, body),
    }),
  ];
}
