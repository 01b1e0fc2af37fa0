import type { MessageEntity } from 'grammy/types';
import { expect, test } from 'vitest';
import { detectEntities } from './detect-entities.ts';
import { parseHtml } from './html.ts';
import { parseLegacyMarkdown } from './legacy-markdown.ts';
import { parseMarkdownV2 } from './markdown-v2.ts';

/** Each entity as "type:text". */
const shown = ({ text, entities }: { text: string; entities: MessageEntity[] }) =>
  entities.map(({ type, offset, length }) => `${type}:${text.slice(offset, offset + length)}`).sort();

test('MarkdownV2 nests styles and unescapes', () => {
  const parsed = parseMarkdownV2('*bold _both_* __under__ ~no~ ||hid|| `a\\`b` 1\\.5');
  expect(parsed.text).toBe('bold both under no hid a`b 1.5');
  expect(shown(parsed)).toEqual([
    'bold:bold both',
    'code:a`b',
    'italic:both',
    'spoiler:hid',
    'strikethrough:no',
    'underline:under',
  ]);
});

test('MarkdownV2 knows code with a language, links, dates and quotes', () => {
  const parsed = parseMarkdownV2(
    '```ts\nlet a;\n```\n[x](https://e.org/\\)) ![soon](tg://time?unix=5&format=wDT)\n>one\n>two||\nend',
  );
  expect(parsed.entities).toContainEqual({ type: 'pre', offset: 0, length: 7, language: 'ts' });
  expect(parsed.entities).toContainEqual({ type: 'text_link', offset: 8, length: 1, url: 'https://e.org/)' });
  expect(parsed.entities).toContainEqual({
    type: 'date_time',
    offset: 10,
    length: 4,
    unix_time: 5,
    date_time_format: 'wDT',
  });
  expect(shown(parsed)).toContain('expandable_blockquote:one\ntwo');
});

test.each([
  ['*open', "Can't find end of Bold entity at byte offset 0"],
  ['ä `open', "Can't find end of Code entity at byte offset 3"],
  ['```\nopen', "Can't find end of Pre entity at byte offset 0"],
  ['[x]', "Can't find end of TextUrl entity at byte offset 0"],
  ['a-b', "Character '-' is reserved"],
])('MarkdownV2 refuses %j', (source, why) => {
  expect(() => parseMarkdownV2(source)).toThrow(why);
});

test('HTML knows the tags of the Bot API', () => {
  const parsed = parseHtml(
    '<b>b<i>i</i></b> <a href="https://e.org?a=1&amp;b=2">link</a> <pre><code class="language-py">x &lt; 1</code></pre> <span class="tg-spoiler">s</span> <blockquote expandable>q</blockquote>',
  );
  expect(parsed.text).toBe('bi link x < 1 s q');
  expect(shown(parsed)).toEqual([
    'bold:bi',
    'expandable_blockquote:q',
    'italic:i',
    'pre:x < 1',
    'spoiler:s',
    'text_link:link',
  ]);
  expect(parsed.entities).toContainEqual({ type: 'pre', offset: 8, length: 5, language: 'py' });
  expect(parsed.entities).toContainEqual({
    type: 'text_link',
    offset: 3,
    length: 4,
    url: 'https://e.org/?a=1&b=2',
  });
});

test.each([
  ['<h1>x</h1>', 'Unsupported start tag "h1" at byte offset 0'],
  ['<b>x</i>', 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
  ['x</b>', 'Unexpected end tag at byte offset 1'],
  ['a < b', 'Unsupported start tag ""'],
])('HTML refuses %j', (source, why) => {
  expect(() => parseHtml(source)).toThrow(why);
});

test('the old Markdown keeps single marks apart', () => {
  expect(shown(parseLegacyMarkdown('*b* _i_ `c` [l](https://e.org) 2\\*3'))).toEqual([
    'bold:b',
    'code:c',
    'italic:i',
    'text_link:l',
  ]);
  expect(() => parseLegacyMarkdown('snake_case')).toThrow(
    "Can't find end of the entity starting at byte offset 5",
  );
});

test('commands, mentions, links and hashtags are found outside of code', () => {
  const text = '/start@concierge_bot see https://e.org/a?b=c, mail a@e.org #now @ann_lee /no/path';
  const found = shown({ text, entities: detectEntities(text, []) });
  expect(found).toEqual([
    'bot_command:/start@concierge_bot',
    'email:a@e.org',
    'hashtag:#now',
    'mention:@ann_lee',
    'url:https://e.org/a?b=c',
  ]);
  const code: MessageEntity = { type: 'code', offset: 0, length: 6 };
  expect(detectEntities('/start', [code])).toEqual([code]);
});
