import { describe, expect, it } from 'vitest';
import { type QualityFacts, qualityParts, qualityScore } from './quality-score.ts';

const now = new Date('2026-11-21T00:00:00Z');
const good: QualityFacts = {
  lastContent: new Date('2026-11-20T00:00:00Z'),
  contributors: 10,
  searches: 20,
  searchesAnswered: 20,
  descriptionLength: 80,
  categories: 1,
  tags: 2,
  documents: 5,
  hasOwner: true,
};
const score = (more: Partial<QualityFacts>): number => qualityScore(qualityParts({ ...good, ...more }, now));

describe('the quality score', () => {
  it('is 100 for a complete, fresh, shared base that answers', () => {
    expect(score({})).toBe(100);
  });

  it('is 0 for an empty entry that answers nothing', () => {
    const empty = { lastContent: null, contributors: 0, searchesAnswered: 0, descriptionLength: 0 };
    expect(score({ ...empty, categories: 0, tags: 0, documents: 0, hasOwner: false })).toBe(0);
  });

  it('falls as content ages, by half in 90 days', () => {
    const { recency } = qualityParts({ ...good, lastContent: new Date('2026-08-16T00:00:00Z') }, now);
    expect(recency).toBeCloseTo(0.5, 2);
    expect(score({ lastContent: new Date('2020-01-01T00:00:00Z') })).toBe(70);
  });

  it('leaves the share of answered searches out until there are enough of them', () => {
    expect(score({ searches: 4, searchesAnswered: 0 })).toBe(100);
    expect(score({ searches: 10, searchesAnswered: 0 })).toBe(70);
  });
});
