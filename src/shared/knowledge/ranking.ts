// BM25 over our own postings. Document frequencies are counted within what the caller may read, so a private base
// neither ranks nor leaks through statistics.
import type { Database } from '../database/database.ts';
import { type Token, analyse, grams } from './text/analyse.ts';
import { listed, readable } from './scope.ts';

/** Parameters of BM25; measured with `bench/retrieval.ts`. */
const k1 = 1.2;
const b = 0.75;
/** Share of common 3-grams (Jaccard) from which a written word counts as what a misspelt one meant. */
const minSimilarity = 0.25;
const variantsPerWord = 3;
const minMisspeltLength = 4;
/** A question of 500 characters has fewer; this bounds what a hostile one costs. */
const maxTerms = 60;

export interface SearchScope {
  personId: string;
  /** Empty: everything listed. */
  kbIds: readonly string[];
}

export interface ScopedBase {
  id: string;
  name: string;
  chunkCount: number;
  termCount: number;
}

export interface RankedChunk {
  chunkId: number;
  /** 0–1: the part of the question's weight that the chunk carries. */
  score: number;
}

export interface Ranking {
  chunks: RankedChunk[];
  total: number;
  /** Terms that made the hits, to highlight. */
  terms: ReadonlySet<string>;
}

const scopeSql = `scope as materialized (
  select kb.id, kb.name, kb.chunk_count, kb.term_count from knowledge_bases kb
  where case when cardinality($2::uuid[]) = 0 then ${listed} else kb.id = any($2::uuid[]) and ${readable} end)`;

/** The bases that a search in this scope reads. */
export function basesInScope(database: Database, scope: SearchScope): Promise<ScopedBase[]> {
  return database.query<ScopedBase>(
    `with ${scopeSql}
     select id, name, chunk_count as "chunkCount", term_count as "termCount" from scope order by name, id`,
    [scope.personId, scope.kbIds],
  );
}

/** Ranks the chunks in scope; never needs all of the question's terms. */
export async function rank(
  database: Database,
  scope: SearchScope,
  bases: readonly ScopedBase[],
  query: string,
  limit: number,
): Promise<Ranking> {
  const tokens = distinctTokens(query);
  const chunkCount = bases.reduce((sum, base) => sum + base.chunkCount, 0);
  if (tokens.length === 0 || chunkCount === 0) return { chunks: [], total: 0, terms: new Set() };
  const averageLength = bases.reduce((sum, base) => sum + base.termCount, 0) / chunkCount;
  const idf = (frequency: number): number => Math.log(1 + (chunkCount - frequency + 0.5) / (frequency + 0.5));

  const weights = new Map<string, number>();
  const known = await frequencies(database, scope, [...new Set(tokens.map((token) => token.term))]);
  const misspelt: string[] = [];
  /** What a chunk would score that had every term about twice in an average length. */
  let best = 0;
  for (const token of tokens) {
    const frequency = known.get(token.term);
    best += idf(frequency ?? 0) * ((2 * (k1 + 1)) / (2 + k1));
    if (frequency !== undefined) weights.set(token.term, idf(frequency));
    else if (token.word && token.word.length >= minMisspeltLength) misspelt.push(token.word);
  }
  const variants = await variantsOf(database, scope, misspelt);
  const variantFrequencies = await frequencies(
    database,
    scope,
    [...variants.keys()].filter((term) => !weights.has(term)),
  );
  for (const [term, frequency] of variantFrequencies) {
    weights.set(term, idf(frequency) * (variants.get(term) ?? 0));
  }
  if (weights.size === 0) return { chunks: [], total: 0, terms: new Set() };

  const rows = await database.query<{ chunkId: number; score: number; total: number }>(
    `with ${scopeSql},
     asked as (select * from unnest($3::text[], $4::float8[]) as a(term, weight))
     select p.chunk_id as "chunkId", count(*) over () as total,
       sum(a.weight * p.tf * ${k1 + 1} / (p.tf + ${k1} * (1 - ${b} + ${b} * p.length / $5::float8))) as score
     from asked a join scope on true join knowledge_postings p on p.kb_id = scope.id and p.term = a.term
     group by p.chunk_id order by score desc, p.chunk_id limit $6`,
    [
      scope.personId,
      scope.kbIds,
      [...weights.keys()],
      [...weights.values()],
      Math.max(averageLength, 1),
      limit,
    ],
  );
  return {
    chunks: rows.map((row) => ({ chunkId: row.chunkId, score: Math.min(1, row.score / best) })),
    total: rows[0]?.total ?? 0,
    terms: new Set(weights.keys()),
  };
}

function distinctTokens(query: string): Token[] {
  const seen = new Map<string, Token>();
  for (const token of analyse(query)) if (!seen.has(token.term)) seen.set(token.term, token);
  return [...seen.values()].slice(0, maxTerms);
}

/** In how many chunks each term stands; terms that stand nowhere are left out. */
async function frequencies(
  database: Database,
  scope: SearchScope,
  terms: readonly string[],
): Promise<Map<string, number>> {
  if (terms.length === 0) return new Map();
  const rows = await database.query<{ term: string; frequency: number }>(
    `with ${scopeSql}
     select p.term, count(*) as frequency from unnest($3::text[]) as a(term)
     join scope on true join knowledge_postings p on p.kb_id = scope.id and p.term = a.term group by p.term`,
    [scope.personId, scope.kbIds, terms],
  );
  return new Map(rows.map((row) => [row.term, row.frequency]));
}

/** The terms of the written words nearest to each misspelt one, with their similarity. */
async function variantsOf(
  database: Database,
  scope: SearchScope,
  words: readonly string[],
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const word of words) {
    const asked = grams(word);
    const rows = await database.query<{ term: string; similarity: number }>(
      `with ${scopeSql},
       near as (
         select w.term, cardinality(w.grams) as size,
           (select count(*) from unnest(w.grams) g where g = any($3::text[])) as common
         from knowledge_words w where w.grams && $3::text[] and w.kb_id in (select id from scope)),
       measured as (
         select term, max(common::float8 / (size + ${asked.length} - common)) as similarity from near group by term)
       select term, similarity from measured where similarity >= ${minSimilarity}
       order by similarity desc, term limit ${variantsPerWord}`,
      [scope.personId, scope.kbIds, asked],
    );
    for (const row of rows) found.set(row.term, Math.max(found.get(row.term) ?? 0, row.similarity));
  }
  return found;
}
