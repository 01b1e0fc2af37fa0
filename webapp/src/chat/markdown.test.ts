import { describe, expect, it } from 'vitest';
import { type Block, type Inline, parseInline, parseMarkdown } from './markdown.ts';

const text = (value: string): Inline => ({ kind: 'text', text: value });
const paragraph = (...children: Inline[]): Block => ({ kind: 'paragraph', children });

/** Every link of a tree, however deep. */
function hrefs(blocks: readonly Block[]): string[] {
  return [...JSON.stringify(blocks).matchAll(/"href":"([^"]*)"/g)].map((match) => match[1] ?? '');
}

describe('inline text', () => {
  it('knows bold, italic, strike-through and code', () => {
    expect(parseInline('a **b** *c* ~~d~~ `e*f*`')).toEqual([
      text('a '),
      { kind: 'strong', children: [text('b')] },
      text(' '),
      { kind: 'emphasis', children: [text('c')] },
      text(' '),
      { kind: 'strike', children: [text('d')] },
      text(' '),
      { kind: 'code', text: 'e*f*' },
    ]);
  });

  it('nests marks in each other', () => {
    expect(parseInline('**very *much* so**')).toEqual([
      {
        kind: 'strong',
        children: [text('very '), { kind: 'emphasis', children: [text('much')] }, text(' so')],
      },
    ]);
    expect(parseInline('***both***')).toEqual([
      { kind: 'strong', children: [{ kind: 'emphasis', children: [text('both')] }] },
    ]);
  });

  it.each(['2 * 3 * 4', 'snake_case_name', 'an open **mark', 'an open `tick', '5 < 6 > 4', '** spaced **'])(
    'leaves %j as it is',
    (plain) => {
      expect(parseInline(plain)).toEqual([text(plain)]);
    },
  );

  it('reads escapes as plain characters', () => {
    expect(parseInline('\\*not italic\\* \\[1\\]')).toEqual([text('*not italic* [1]')]);
  });

  it('tells citations from links', () => {
    expect(parseInline('so [1][12], see [3](https://a.example/x)')).toEqual([
      text('so '),
      { kind: 'citation', n: 1 },
      { kind: 'citation', n: 12 },
      text(', see '),
      { kind: 'link', href: 'https://a.example/x', children: [text('3')] },
    ]);
  });

  it('links bare addresses without the full stop after them', () => {
    expect(parseInline('(See https://docs.example/a_(b).) Or <https://b.example>!')).toEqual([
      text('(See '),
      { kind: 'link', href: 'https://docs.example/a_(b)', children: [text('https://docs.example/a_(b)')] },
      text('.) Or '),
      { kind: 'link', href: 'https://b.example/', children: [text('https://b.example')] },
      text('!'),
    ]);
  });
});

describe('blocks', () => {
  it('separates paragraphs by blank lines and keeps line breaks', () => {
    expect(parseMarkdown('one\r\ntwo\n\nthree')).toEqual([
      paragraph(text('one'), { kind: 'break' }, text('two')),
      paragraph(text('three')),
    ]);
  });

  it('shows code blocks as they are, also before their end has come', () => {
    expect(parseMarkdown('```ts\nconst a = "**b**";\n\n<b>\n```\nafter')).toEqual([
      { kind: 'code', language: 'ts', text: 'const a = "**b**";\n\n<b>' },
      paragraph(text('after')),
    ]);
    expect(parseMarkdown('```\nstill coming')).toEqual([
      { kind: 'code', language: '', text: 'still coming' },
    ]);
  });

  it('nests lists and keeps their numbers', () => {
    expect(parseMarkdown('3. three\n   - inner\n   - other\n4. four')).toEqual([
      {
        kind: 'list',
        ordered: true,
        start: 3,
        items: [
          [
            paragraph(text('three')),
            {
              kind: 'list',
              ordered: false,
              start: 1,
              items: [[paragraph(text('inner'))], [paragraph(text('other'))]],
            },
          ],
          [paragraph(text('four'))],
        ],
      },
    ]);
  });

  it('keeps a list together over blank lines, and ends it at other text', () => {
    const blocks = parseMarkdown('- a\n\n- b\n\nafter');
    expect(blocks.map((block) => block.kind)).toEqual(['list', 'paragraph']);
    expect(blocks[0]).toMatchObject({ items: [[paragraph(text('a'))], [paragraph(text('b'))]] });
  });

  it('knows headings, rules, quotes and tables', () => {
    const blocks = parseMarkdown('## Title ##\n---\n> a\n> - b\n\n| x | y |\n|---|:-:|\n| 1 | **2** | 3 |');
    expect(blocks).toEqual([
      { kind: 'heading', level: 2, children: [text('Title')] },
      { kind: 'rule' },
      {
        kind: 'quote',
        children: [
          paragraph(text('a')),
          { kind: 'list', ordered: false, start: 1, items: [[paragraph(text('b'))]] },
        ],
      },
      {
        kind: 'table',
        head: [[text('x')], [text('y')]],
        rows: [[[text('1')], [{ kind: 'strong', children: [text('2')] }]]],
      },
    ]);
  });
});

describe('safety', () => {
  it.each([
    '[a](javascript:alert(1))',
    '[a](JaVaScRiPt:alert(1))',
    '[a](data:text/html,<script>)',
    '[a](http://plain.example)',
    '[a](//evil.example)',
    '[a](tg://resolve?domain=x)',
    '[a](https://bank.example@evil.example)',
    '[a](https://)',
    'javascript:alert(1)',
    '<a href="javascript:alert(1)">x</a>',
    '![x](javascript:alert(1))',
  ])('makes no link of %s', (source) => {
    expect(hrefs(parseMarkdown(source))).toEqual([]);
  });

  it('keeps HTML as text', () => {
    expect(parseMarkdown('<img src=x onerror=alert(1)>')).toEqual([
      paragraph(text('<img src=x onerror=alert(1)>')),
    ]);
  });

  it('survives deep nesting and long nonsense in bounded time', () => {
    const startedAt = performance.now();
    for (const nonsense of [
      '> '.repeat(5000),
      '- '.repeat(5000),
      '**a '.repeat(4000),
      '[('.repeat(8000),
      '`'.repeat(16_000),
      '_*'.repeat(8000),
    ]) {
      parseMarkdown(nonsense);
    }
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('loses no words while a text grows letter by letter', () => {
    const whole = 'Use **bold** and `code` [1]:\n\n1. one\n2. two\n\n```sh\nls\n```\n> end';
    for (let length = 1; length <= whole.length; length += 1) {
      const shown = JSON.stringify(parseMarkdown(whole.slice(0, length)));
      for (const word of whole.slice(0, length).match(/[a-z]{4,}/g) ?? []) expect(shown).toContain(word);
    }
  });
});
