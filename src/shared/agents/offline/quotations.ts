// From found passages to the few sentences that answer. Only ever quotes: whatever a document says stays a quotation.
import type { SearchHit } from '../../contracts/knowledge.ts';
import type { Source } from '../../contracts/threads.ts';
import { analyse } from '../../knowledge/text/analyse.ts';
import { sentences } from '../../knowledge/text/chunk.ts';

export interface Quotation {
  source: Source;
  /** A few whole sentences. */
  text: string;
}

/** Hits below this score share too little with the question to be shown. */
const minScore = 0.16;
/** Further hits must be at least this good compared with the first. */
const minShareOfBest = 0.55;
/** From this score on the first hit is taken for an answer, below for something near it. */
const answerScore = 0.3;
const maxQuotations = 3;
/** UTF-16 units of the first quotation, and of the others. */
const lengths = [520, 300];

export function quotationsOf(
  hits: readonly SearchHit[],
  query: string,
): { quotations: Quotation[]; exact: boolean } {
  const best = hits[0]?.score ?? 0;
  const terms = new Set(analyse(query).map((token) => token.term));
  const quotations: Quotation[] = [];
  for (const hit of hits) {
    if (quotations.length === maxQuotations) break;
    if (hit.score < minScore || hit.score < best * minShareOfBest) break;
    const text = extract(hit, terms, lengths[Math.min(quotations.length, 1)] ?? 300);
    // Passages of one section overlap.
    if (!text || quotations.some((one) => one.text.includes(text.slice(0, 60)))) continue;
    quotations.push({ text, source: sourceOf(hit, quotations.length + 1, text) });
  }
  return { quotations, exact: best >= answerScore };
}

/** The best sentence of the passage with as many neighbours as there is room for, those after it first. */
function extract(hit: SearchHit, terms: ReadonlySet<string>, maxLength: number): string {
  if (hit.text.length <= maxLength) return tidy(hit.text);
  const all = sentences(hit.text);
  const found = (sentence: string, start: number): number => {
    const highlighted = hit.highlights.filter(
      (range) => range.start >= start && range.end <= start + sentence.length,
    );
    const asked = new Set(analyse(sentence).flatMap(({ term }) => (terms.has(term) ? [term] : []))).size;
    return Math.max(asked, Math.min(highlighted.length, 2));
  };
  let offset = 0;
  let bestAt = 0;
  let bestScore = -1;
  for (const [i, sentence] of all.entries()) {
    const score = found(sentence, offset);
    if (score > bestScore) [bestAt, bestScore] = [i, score];
    offset += sentence.length;
  }
  let first = bestAt;
  let last = bestAt;
  let length = all[bestAt]?.length ?? 0;
  const fits = (at: number): boolean => length + (all[at]?.length ?? Infinity) <= maxLength;
  while (last + 1 < all.length && fits(last + 1)) length += all[++last]?.length ?? 0;
  while (first > 0 && fits(first - 1)) length += all[--first]?.length ?? 0;
  return tidy(all.slice(first, last + 1).join(''));
}

function tidy(text: string): string {
  return text
    .replace(/[ \t]+/g, ' ')
    .replace(/\n\s*\n+/g, '\n')
    .trim();
}

function sourceOf(hit: SearchHit, n: number, quote: string): Source {
  return {
    n,
    kb_id: hit.source,
    kb_name: hit.source_name,
    title: hit.title ?? hit.source_name,
    quote,
    sender: hit.sender,
    date: hit.date,
    link: hit.link,
  };
}

/** As Markdown: block quotes, each with its number at the end. */
export function renderQuotations(quotations: readonly Quotation[]): string {
  return quotations
    .map(({ text, source }) =>
      `${text} [${source.n}]`
        .split('\n')
        .map((line) => `> ${line}`)
        .join('\n'),
    )
    .join('\n\n');
}
