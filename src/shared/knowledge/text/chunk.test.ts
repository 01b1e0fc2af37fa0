import { describe, expect, it } from 'vitest';
import { chunkDocument, sentences } from './chunk.ts';

const sentence = (n: number): string =>
  `Sentence number ${n} says something of middling length about the topic.`;

describe('chunkDocument', () => {
  it('makes a passage of every section, titled by its headings', () => {
    const markdown =
      '# Guide\nIntro.\n## Install\nRun it.\n### Linux\nUse `apt`.\n## Use\n[Click](https://a.b) **here**.';
    expect(chunkDocument('Guide', markdown, 'markdown')).toEqual([
      { title: 'Guide', text: 'Intro.' },
      { title: 'Guide › Install', text: 'Run it.' },
      { title: 'Guide › Install › Linux', text: 'Use `apt`.' },
      { title: 'Guide › Use', text: 'Click here.' },
    ]);
  });

  it('takes no heading out of code', () => {
    expect(chunkDocument('T', '```\n# not a heading\n```', 'markdown')).toHaveLength(1);
  });

  it('cuts long texts between sentences and repeats the last ones', () => {
    const text = Array.from({ length: 40 }, (_, i) => sentence(i)).join(' ');
    const passages = chunkDocument('T', text, 'text');
    expect(passages.length).toBeGreaterThan(2);
    for (const [i, passage] of passages.entries()) {
      expect(passage.text.length).toBeLessThanOrEqual(1_000);
      expect(passage.text).toMatch(/^Sentence.*topic\.$/s);
      const next = passages[i + 1]?.text;
      const last = /Sentence number \d+(?=\D+$)/.exec(passage.text)?.[0];
      if (next) expect(next.slice(0, 160)).toContain(last ?? '?');
    }
    for (let i = 0; i < 40; i++) expect(passages.some((one) => one.text.includes(sentence(i)))).toBe(true);
  });

  it('cuts what has no sentences by force', () => {
    const passages = chunkDocument('T', 'x'.repeat(10_000), 'text');
    expect(passages.length).toBeGreaterThan(5);
    expect(Math.max(...passages.map((one) => one.text.length))).toBeLessThanOrEqual(1_600);
  });

  it('makes nothing of nothing', () => {
    expect(chunkDocument('T', ' \n ', 'markdown')).toEqual([]);
  });
});

describe('sentences', () => {
  it('gives the text back when joined', () => {
    const text = 'One. Two!\n• Three\n“Four?” Five 3.5 e.g. six。七。';
    expect(sentences(text).join('')).toBe(text);
    expect(sentences(text).map((one) => one.trim())).toEqual(
      expect.arrayContaining(['One.', 'Two!', '• Three', '七。']),
    );
  });
});
