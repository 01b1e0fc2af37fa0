// From found passages to the few sentences that answer. Only ever quotes: whatever a document says stays a quotation.
import type { SearchHit } from '../../contracts/knowledge.ts';
import type { Source } from '../../contracts/threads.ts';
import { analyse } from '../../knowledge/text/analyse.ts';
import { sentences } from '../../knowledge/text/chunk.ts';
import { isMisspelling } from '../../knowledge/text/misspelling.ts';
import type { Language } from '../../language.ts';
import { languageOf } from './intent.ts';

export interface Quotation {
  source: Source;
  /** A few whole sentences. */
  text: string;
}

/** Hits below this score share too little with the question to be shown. */
const minScore = 0.13;
/** Further hits must be at least this good compared with the first. */
const minShareOfBest = 0.55;
/** From this score on the first hit is taken for an answer, below for something near it. */
const answerScore = 0.26;
/** Share of the question's words that a passage must contain, misspelt ones included: chance likenesses are below. */
const minSupport = 0.34;
const maxQuotations = 3;
/** UTF-16 units of the first quotation, and of the others. */
const lengths = [520, 300];

/** @param language passages in it are preferred, others stand in where there is none */
export function quotationsOf(
  hits: readonly SearchHit[],
  query: string,
  language: Language,
): { quotations: Quotation[]; exact: boolean } {
  const asked = new Map(analyse(query).map((token) => [token.term, token.word]));
  const supported = hits.filter((hit) => hit.score >= minScore && supportOf(hit, asked) >= minSupport);
  const best = Math.max(0, ...supported.map((hit) => hit.score));
  const good = supported.filter((hit) => hit.score >= best * minShareOfBest);
  const native = good.filter((hit) => languageOf(hit.text, language) === language);
  const quotations: Quotation[] = [];
  for (const hit of native.length > 0 ? native : good) {
    if (quotations.length === maxQuotations) break;
    const text = extract(hit, new Set(asked.keys()), lengths[Math.min(quotations.length, 1)] ?? 300);
    // Passages of one section overlap.
    if (!text || quotations.some((one) => one.text.includes(text.slice(0, 60)))) continue;
    quotations.push({ text, source: sourceOf(hit, quotations.length + 1, text) });
  }
  return { quotations, exact: best >= answerScore };
}

/** Which share of the question's words stands in the passage or its title. */
function supportOf(hit: SearchHit, asked: ReadonlyMap<string, string | undefined>): number {
  const tokens = analyse(`${hit.title ?? ''}\n${hit.text}`);
  const terms = new Set(tokens.map((token) => token.term));
  const words = tokens.flatMap((token) => (token.word === undefined ? [] : [token.word]));
  let supported = 0;
  for (const [term, word] of asked) {
    const found = terms.has(term) || (word !== undefined && words.some((one) => isMisspelling(word, one)));
    if (found) supported++;
  }
  return asked.size === 0 ? 0 : supported / asked.size;
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
