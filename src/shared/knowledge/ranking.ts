// BM25 over our own postings. Document frequencies are counted within what the caller may read, so a private base
// neither ranks nor leaks through statistics.
import type { Database } from '../database/database.ts';
import { listed, readable } from './scope.ts';
import { analyse, grams, type Token } from './text/analyse.ts';

/** Parameters of BM25; measured with `bench/retrieval.ts`. */
const k1 = 1.2;
const b = 0.75;
/** Share of common 3-grams (Jaccard) from which a written word counts as what a misspelt one meant. */
const minSimilarity = 0.25;
const variantsPerWord = 3;
const minMisspeltLength = 4;
const maxLengthDifference = 4;
/** Written words that are compared; bounds the work where a base has a million of them. */
const maxCandidates = 20_000;
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

interface RankedChunk {
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

  const averageLength = Math.max(1, bases.reduce((sum, base) => sum + base.termCount, 0) / chunkCount);
  const rows = await database.query<{ chunkId: number; score: number; total: number }>(
    `with ${scopeSql},
     scored as (
       select p.chunk_id, sum(a.weight * p.tf / (p.tf + $5::float8 + $6::float8 * p.length)) as score
       from unnest($3::text[], $4::float8[]) as a(term, weight)
       join scope on true join knowledge_postings p on p.kb_id = scope.id and p.term = a.term
       group by p.chunk_id)
     select chunk_id as "chunkId", score, (select count(*) from scored) as total
     from scored order by score desc, chunk_id limit $7`,
    [
      scope.personId,
      scope.kbIds,
      [...weights.keys()],
      [...weights.values()].map((weight) => weight * (k1 + 1)),
      k1 * (1 - b),
      (k1 * b) / averageLength,
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
  if (words.length === 0) return found;
  const lengths = words.map((word) => word.length);
  const written = await database.query<{ word: string; term: string }>(
    `with ${scopeSql}
     select distinct w.word, w.term from knowledge_words w
     where w.grams && $3::text[] and w.kb_id in (select id from scope)
       and length(w.word) between $4 and $5 limit ${maxCandidates}`,
    [
      scope.personId,
      scope.kbIds,
      [...new Set(words.flatMap(grams))],
      Math.min(...lengths) - maxLengthDifference,
      Math.max(...lengths) + maxLengthDifference,
    ],
  );
  for (const word of words) {
    const asked = new Set(grams(word));
    const nearest = new Map<string, number>();
    for (const candidate of written) {
      const similarity = jaccard(asked, grams(candidate.word));
      if (similarity < minSimilarity) continue;
      nearest.set(candidate.term, Math.max(nearest.get(candidate.term) ?? 0, similarity));
    }
    const best = [...nearest].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    for (const [term, similarity] of best.slice(0, variantsPerWord)) {
      found.set(term, Math.max(found.get(term) ?? 0, similarity));
    }
  }
  return found;
}

function jaccard(asked: ReadonlySet<string>, written: readonly string[]): number {
  let common = 0;
  for (const gram of written) if (asked.has(gram)) common++;
  return common / (asked.size + written.length - common);
}
