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
    .map((hit) => ({ ...hit, score: lifted(hit.score, similarity(asked, termsOf(hit.title ?? ''))) }))
    .toSorted((a, b) => b.score - a.score);
}

/** Stays within 0–1 and keeps the order of equals. */
function lifted(score: number, titleSimilarity: number): number {
  return (score * (1 + strength * titleSimilarity)) / (1 + strength);
}

function termsOf(text: string): Set<string> {
  return new Set(analyse(text).map((token) => token.term));
}

function similarity(asked: ReadonlySet<string>, title: ReadonlySet<string>): number {
  let common = 0;
  for (const term of title) if (asked.has(term)) common++;
  return common === 0 ? 0 : common / (asked.size + title.size - common);
}
