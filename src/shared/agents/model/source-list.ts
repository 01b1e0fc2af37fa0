// The numbered sources of one answer, over all searches that it took.
import type { Source } from '../../contracts/threads.ts';

/** UTF-16 units of a quote under an answer. The model reads the whole passage. */
const maxQuoteLength = 400;
/** Sources shown under an answer that cites none of them. */
const maxUncited = 5;

export class SourceList {
  readonly #sources: Source[] = [];

  /** Numbers the passages, going on from earlier searches; one that was found before keeps its number. */
  add(found: readonly Omit<Source, 'n'>[]): Source[] {
    return found.map((one) => {
      const known = this.#sources.find((source) => source.kb_id === one.kb_id && source.quote === one.quote);
      if (known) return known;
      const source = { n: this.#sources.length + 1, ...one };
      this.#sources.push(source);
      return source;
    });
  }

  /** Those that the text refers to as `[n]`; when it refers to none, the first ones. */
  citedIn(text: string): Source[] {
    const cited = new Set([...text.matchAll(/\[(\d{1,3})\]/g)].map((match) => Number(match[1])));
    const chosen = this.#sources.filter((source) => cited.has(source.n));
    return (chosen.length > 0 ? chosen : this.#sources.slice(0, maxUncited)).map((source) => ({
      ...source,
      quote: shortened(source.quote),
    }));
  }
}

/** The passages as the model reads them. */
export function renderSources(sources: readonly Source[]): string {
  return sources
    .map(({ n, title, kb_name, sender, date, quote }) => {
      const origin = [kb_name, sender, date?.slice(0, 10)].filter(Boolean).join(', ');
      return `[${n}] ${title} (${origin})\n${quote}`;
    })
    .join('\n\n');
}

function shortened(quote: string): string {
  if (quote.length <= maxQuoteLength) return quote;
  const cut = quote.slice(0, maxQuoteLength);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), maxQuoteLength - 40))}…`;
}
