// How good an entry of the catalog is, from 0 to 100. Four parts, each from 0 to 1, weighted as below; a part that
// nobody knows yet (too few searches) is left out and the others share its weight.

export interface QualityParts {
  /** 1 for content of the last week, then half of it every 90 days. 0 without content. */
  recency: number;
  /** People who contributed: 1 is 0.3, 10 and more are 1, in between by the logarithm. */
  contributors: number;
  /** Share of the searches of 30 days that found something; undefined below 5 searches. */
  answered: number | undefined;
  /** Share of: a description of 40 characters, a category, a tag, a document, an owner. */
  completeness: number;
}

export interface QualityFacts {
  lastContent: Date | null;
  contributors: number;
  searches: number;
  searchesAnswered: number;
  descriptionLength: number;
  categories: number;
  tags: number;
  documents: number;
  hasOwner: boolean;
}

const weights: Record<keyof QualityParts, number> = {
  recency: 30,
  contributors: 15,
  answered: 30,
  completeness: 25,
};
const dayMs = 86_400_000;
const minSamples = 5;

export function qualityParts(facts: QualityFacts, now: Date): QualityParts {
  const ageDays = facts.lastContent ? (now.getTime() - facts.lastContent.getTime()) / dayMs : undefined;
  const complete = [
    facts.descriptionLength >= 40,
    facts.categories > 0,
    facts.tags > 0,
    facts.documents > 0,
    facts.hasOwner,
  ];
  return {
    recency: ageDays === undefined ? 0 : Math.min(1, 0.5 ** ((ageDays - 7) / 90)),
    contributors:
      facts.contributors < 1 ? 0 : Math.min(1, 0.3 + 0.7 * Math.log10(Math.max(1, facts.contributors))),
    answered: facts.searches < minSamples ? undefined : facts.searchesAnswered / facts.searches,
    completeness: complete.filter(Boolean).length / complete.length,
  };
}

export function qualityScore(parts: QualityParts): number {
  let sum = 0;
  let known = 0;
  for (const [name, weight] of Object.entries(weights) as [keyof QualityParts, number][]) {
    const part = parts[name];
    if (part === undefined) continue;
    sum += weight * part;
    known += weight;
  }
  return Math.round((sum / known) * 100);
}
