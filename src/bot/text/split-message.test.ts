import { describe, expect, it } from 'vitest';
import type { FormattedText } from './formatted-text.ts';
import { renderMarkdown } from './markdown.ts';
import { splitMessage } from './split-message.ts';

const texts = (message: FormattedText, limit: number) => splitMessage(message, limit).map(({ text }) => text);
const plain = (text: string): FormattedText => ({ text, entities: [] });

describe('where it cuts', () => {
  it('likes blank lines, then lines, then sentences, then spaces', () => {
    expect(texts(plain('One two.\n\nThree. Four\nfive'), 20)).toEqual(['One two.\n\nThree.', 'Four\nfive']);
    expect(texts(plain(`${'a'.repeat(12)}\n\n${'b'.repeat(12)}`), 20)).toEqual([
      'a'.repeat(12),
      'b'.repeat(12),
    ]);
    expect(texts(plain('First one here. Second one is here'), 20)).toEqual([
      'First one here.',
      'Second one is here',
    ]);
    expect(texts(plain('aaaa bbbb cccc dddd eeee'), 20)).toEqual(['aaaa bbbb cccc dddd', 'eeee']);
  });

  it('never cuts a surrogate pair', () => {
    for (const part of texts(plain('😀'.repeat(50)), 21)) {
      expect(part.isWellFormed()).toBe(true);
      expect(part.length).toBeLessThanOrEqual(21);
    }
  });

  it('moves a link and a short code block into the next message as a whole', () => {
    const link = renderMarkdown(`${'word '.repeat(3)}[a long link text](https://example.org) end`);
    expect(texts(link, 25)).toEqual(['word word word', 'a long link text end']);
    const code = renderMarkdown(`${'x'.repeat(10)}\n\`\`\`js\na();\nb();\nc();\n\`\`\``);
    expect(texts(code, 20)).toEqual(['x'.repeat(10), 'a();\nb();\nc();']);
    expect(texts(plain('see now https://example.org/a.b?c'), 26)).toEqual([
      'see now',
      'https://example.org/a.b?c',
    ]);
  });

  it('closes a long code block and opens it again with its language', () => {
    const parts = splitMessage(renderMarkdown(`\`\`\`js\n${'line();\n'.repeat(10)}\`\`\``), 40);
    expect(parts.length).toBeGreaterThan(1);
    for (const { text, entities } of parts) {
      expect(entities).toEqual([{ type: 'pre', language: 'js', offset: 0, length: text.length }]);
    }
  });
});

/** Mulberry32, so that a failure can be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const pieces = [
  'word',
  ' ',
  ' ',
  '\n',
  '\n\n',
  '**',
  '*',
  '_',
  '~~',
  '||',
  '`',
  '```\n',
  '```js\n',
  '\n```\n',
  '- ',
  '1. ',
  '> ',
  '# ',
  '| a | b |\n|---|---|\n| c | d |\n',
  '[link](https://example.org/x)',
  '😀',
  '👩‍👩‍👧',
  'é',
  'слово',
  '.',
  '! ',
  '[',
  ']',
  '(',
  '\\',
  '&amp;',
  '<br>',
  'https://example.org/path ',
  '---\n',
  '\t',
];

it('keeps every word, stays within the limit and keeps entities inside, whatever the text', () => {
  for (let seed = 1; seed <= 3000; seed++) {
    const random = randomFrom(seed);
    const source = Array.from({ length: random(60) + 1 }, () => pieces[random(pieces.length)] ?? '').join('');
    const message = renderMarkdown(source, { unfinished: seed % 2 === 0 });
    if (seed % 2) expect(words(shownOrNamed(message)), `seed ${seed}`).toBe(words(source));
    const limit = 20 + random(60);
    const parts = splitMessage(message, limit);
    for (const { text, entities } of [message, ...parts]) {
      expect(text.isWellFormed(), `seed ${seed}`).toBe(true);
      for (const { offset, length } of entities) {
        expect(offset >= 0 && length > 0 && offset + length <= text.length, `seed ${seed}`).toBe(true);
        expect(text.slice(offset, offset + length).isWellFormed(), `seed ${seed}`).toBe(true);
      }
    }
    for (const { text } of parts) expect(text.length, `seed ${seed}`).toBeLessThanOrEqual(limit);
    expect(withoutBlanks(parts.map(({ text }) => text).join('')), `seed ${seed}`).toBe(
      withoutBlanks(message.text),
    );
    expect(formatted(parts), `seed ${seed}`).toBe(formatted([message]));
  }
});

/** The info string of a code block is its language, not text. */
const shownOrNamed = ({ text, entities }: FormattedText) =>
  text + entities.map((entity) => (entity.type === 'pre' ? (entity.language ?? '') : '')).join('');
const words = (text: string) => text.split(/word|слово/).length;

const withoutBlanks = (text: string) => text.replaceAll(/\s/g, '');

/** How many characters that are not blank each kind of entity covers, all parts together. */
function formatted(parts: readonly FormattedText[]): string {
  const counts: Record<string, number> = {};
  for (const { text, entities } of parts) {
    for (const { type, offset, length } of entities) {
      counts[type] = (counts[type] ?? 0) + withoutBlanks(text.slice(offset, offset + length)).length;
    }
  }
  const seen = Object.entries(counts).filter(([, count]) => count > 0);
  return JSON.stringify(seen.sort(([a], [b]) => a.localeCompare(b)));
}
