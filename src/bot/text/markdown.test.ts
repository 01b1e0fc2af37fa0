import { describe, expect, it } from 'vitest';
import type { FormattedText } from './formatted-text.ts';
import { renderMarkdown } from './markdown.ts';

/** `text` with its entities written as `<type:…>`, so that an expectation shows both. */
function shown({ text, entities }: FormattedText): string {
  const marks = entities.flatMap((entity, order) => {
    const extra =
      entity.type === 'text_link' ? entity.url : entity.type === 'pre' ? entity.language : undefined;
    return [
      { at: entity.offset, close: false, order, mark: `<${entity.type}${extra ? `=${extra}` : ''}>` },
      { at: entity.offset + entity.length, close: true, order: -order, mark: '</>' },
    ];
  });
  marks.sort((a, b) => b.at - a.at || Number(a.close) - Number(b.close) || b.order - a.order);
  let result = text;
  for (const { at, mark } of marks) result = result.slice(0, at) + mark + result.slice(at);
  return result;
}

const render = (source: string) => shown(renderMarkdown(source));
const renderUnfinished = (source: string) => shown(renderMarkdown(source, { unfinished: true }));

describe('inline', () => {
  it.each([
    [
      '**bold** and *italic* and __bold__ and _italic_',
      '<bold>bold</> and <italic>italic</> and <bold>bold</> and <italic>italic</>',
    ],
    ['***both***', '<bold><italic>both</></>'],
    ['**bold with *italic* inside**', '<bold>bold with <italic>italic</> inside</>'],
    ['~~gone~~ and ||hidden||', '<strikethrough>gone</> and <spoiler>hidden</>'],
    ['`a * b` and ``a ` b``', '<code>a * b</> and <code>a ` b</>'],
    ['snake_case_name and 2 * 3 * 4', 'snake_case_name and 2 * 3 * 4'],
    ['5*3=15 and 2*2=4, but (*so*)', '5*3=15 and 2*2=4, but (<italic>so</>)'],
    ['**https://example.org/a_b_c?d=*e&f g**', '<bold>https://example.org/a_b_c?d=*e&f g</>'],
    ['one  \ntwo\\\nthree', 'one\ntwo\nthree'],
    ['\\*not italic\\*', '*not italic*'],
    ['**open and *half', '**open and *half'],
    ['a &lt; b &amp;&amp; c<br>d', 'a < b && c\nd'],
    ['**bold `code` bold**', '<bold>bold </><code>code</><bold> bold</>'],
    ['**注意：**请看 и **Итог:**да', '<bold>注意：</>请看 и <bold>Итог:</>да'],
    ['**a** **b**, "**c**"', '<bold>a</> <bold>b</>, "<bold>c</>"'],
    ['**Привет** 👋🏽 *мир*', '<bold>Привет</> 👋🏽 <italic>мир</>'],
  ])('%s', (source, expected) => expect(render(source)).toBe(expected));

  it('makes links of http, https and tg addresses only', () => {
    expect(render('[site](https://example.org/a_b_(c)) [chat](tg://resolve?domain=durov)')).toBe(
      '<text_link=https://example.org/a_b_(c)>site</> <text_link=tg://resolve?domain=durov>chat</>',
    );
    expect(render('[bad](javascript:alert(1)) [file](docs/a.md) [who](tg://user?id=1)')).toBe(
      'bad (javascript:alert(1)) file (docs/a.md) who (tg://user?id=1)',
    );
    expect(render('[**bold** link](https://example.org "title") ![image](https://example.org/i.png)')).toBe(
      '<text_link=https://example.org/><bold>bold</> link</> <text_link=https://example.org/i.png>image</>',
    );
    expect(render('see [1] and [x](')).toBe('see [1] and [x](');
  });
});

describe('blocks', () => {
  it('writes headings bold, and rules as a line', () => {
    expect(render('# Title\n\nText\n\n---\n\n### Sub **part** ##\nmore')).toBe(
      '<bold>Title</>\n\nText\n\n———\n\n<bold>Sub part</>\nmore',
    );
  });

  it('keeps code as it is, with its language', () => {
    expect(render('Run:\n```ts\nconst a = *1*;\n\n  b();\n```\ndone')).toBe(
      'Run:\n<pre=ts>const a = *1*;\n\n  b();</>\ndone',
    );
    expect(render('````\n```\n````')).toBe('<pre>```</>');
  });

  it('marks list items by level and keeps numbers', () => {
    expect(render('- a\n  - b\n    - c\n- **d**\n\n1. one\n   1. in\n2) two\n- [x] did\n- [ ] will')).toBe(
      '• a\n   ◦ b\n      ▪ c\n• <bold>d</>\n\n1. one\n   1. in\n2) two\n☑ did\n☐ will',
    );
  });

  it('nests code into lists', () => {
    expect(render('1. do\n   ```sh\n   ls\n   ```\n2. next')).toBe('1. do\n<pre=sh>ls</>\n2. next');
  });

  it('makes one quote of nested ones', () => {
    expect(render('> a *b*\n> > c\n\nd')).toBe('<blockquote>a <italic>b</>\nc</>\n\nd');
  });

  it('aligns tables', () => {
    expect(render('| Name | Pcs |\n|:-----|----:|\n| Äpfel | 1 |\n| `a|b` | 100 |\n\nafter')).toBe(
      '<pre>Name  │ Pcs\n──────┼────\nÄpfel │   1\na|b   │ 100</>\n\nafter',
    );
    expect(render('| 名 | x |\n|-|-|\n| a | y |')).toBe('<pre>名 │ x\n───┼──\na  │ y</>');
  });
});

describe('while the text is being written', () => {
  it.each([
    ['so **this is', 'so <bold>this is</>'],
    ['so *this', 'so <italic>this</>'],
    ['so **', 'so'],
    ['so `co', 'so <code>co</>'],
    ['```py\nprint(1', '<pre=py>print(1</>'],
    ['```', ''],
    ['see [the site](https://exa', 'see the site'],
    ['**done** and **on', '<bold>done</> and <bold>on</>'],
    ['**open above\n\nnew paragraph', '**open above\n\nnew paragraph'],
  ])('%j', (source, expected) => expect(renderUnfinished(source)).toBe(expected));
});

it('takes hostile input in linear time', () => {
  const started = performance.now();
  for (const unit of ['[', '*a ', '`', '**', '[a](', '> ', '- ', '|', '\\', '~~', '_a', '![', '<', '``` ']) {
    renderMarkdown(unit.repeat(20_000), { unfinished: true });
  }
  expect(performance.now() - started).toBeLessThan(10_000);
});
