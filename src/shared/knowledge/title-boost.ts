import type { SearchHit } from '../contracts/knowledge.ts';
import { analyse } from './text/analyse.ts';

/** How much a title that is the question itself lifts its passage; measured with `bench/retrieval.ts`. */
const strength = 0.35;

/**
 * Lifts passages whose title shares words with the question and says little else. BM25 alone takes the shortest
 * passage that repeats a word for the best answer to "What is …?".
 */
export function byTitle(hits: readonly SearchHit[], query: string): SearchHit[] {
  const asked = termsOf(query);
  return hits
    .map((hit) => ({ ...hit, score: lifted(hit.score, titleSimilarity(asked, hit.title ?? '')) }))
    .toSorted((a, b) => b.score - a.score);
}

/** The document's title counts one half, the passage's own heading the other. */
function titleSimilarity(asked: ReadonlySet<string>, title: string): number {
  const parts = title.split(' › ');
  return (similarity(asked, termsOf(parts[0] ?? '')) + similarity(asked, termsOf(parts.at(-1) ?? ''))) / 2;
}

/** Stays within 0–1 and keeps the order of equals. */
function lifted(score: number, similarity: number): number {
  return (score * (1 + strength * similarity)) / (1 + strength);
}

function termsOf(text: string): Set<string> {
  return new Set(analyse(text).map((token) => token.term));
}

function similarity(asked: ReadonlySet<string>, title: ReadonlySet<string>): number {
  let common = 0;
  for (const term of title) if (asked.has(term)) common++;
  return common === 0 ? 0 : common / (asked.size + title.size - common);
}
