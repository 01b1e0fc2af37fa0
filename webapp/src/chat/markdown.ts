// Answers are Markdown written by a model. This reads the part of it that chats use into a tree; nothing of the text
// ever becomes HTML, and links are kept only when they are absolute https.

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong' | 'emphasis' | 'strike'; children: Inline[] }
  | { kind: 'link'; href: string; children: Inline[] }
  /** `[1]`: refers to the numbered source. */
  | { kind: 'citation'; n: number }
  | { kind: 'break' };

export type Block =
  | { kind: 'paragraph'; children: Inline[] }
  | { kind: 'heading'; level: number; children: Inline[] }
  | { kind: 'code'; language: string; text: string }
  | { kind: 'quote'; children: Block[] }
  | { kind: 'list'; ordered: boolean; start: number; items: Block[][] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { kind: 'rule' };

const maxDepth = 6;

const fence = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$/;
const heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const rule = /^ {0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$/;
const quote = /^ {0,3}>\s?/;
const item = /^( {0,3})([-*+]|\d{1,9}[.)])(\s+|$)/;
const tableLine = /^\s*\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?\s*)?$/;

/** Bounded in depth, and linear in the text but for pathological emphasis, which is bounded by the line. */
export function parseMarkdown(text: string): Block[] {
  return parseBlocks(text.replace(/\r\n?/g, '\n').split('\n'), 0);
}

function parseBlocks(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  const flush = () => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', children: parseInline(paragraph.join('\n')) });
    paragraph = [];
  };

  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    if (line.trim() === '') {
      flush();
      at += 1;
      continue;
    }
    const opening = fence.exec(line);
    if (opening) {
      flush();
      const closing = new RegExp(`^ {0,3}${(opening[1] ?? '```')[0]}{${(opening[1] ?? '```').length},}\\s*$`);
      const end = lines.findIndex((each, index) => index > at && closing.test(each));
      // While an answer streams in, the closing fence is yet to come.
      const stop = end === -1 ? lines.length : end;
      blocks.push({ kind: 'code', language: opening[2] ?? '', text: lines.slice(at + 1, stop).join('\n') });
      at = stop + 1;
      continue;
    }
    const title = heading.exec(line);
    if (title) {
      flush();
      blocks.push({
        kind: 'heading',
        level: (title[1] ?? '#').length,
        children: parseInline(title[2] ?? ''),
      });
      at += 1;
      continue;
    }
    if (rule.test(line)) {
      flush();
      blocks.push({ kind: 'rule' });
      at += 1;
      continue;
    }
    if (quote.test(line) && depth < maxDepth) {
      flush();
      const inner: string[] = [];
      while (at < lines.length && quote.test(lines[at] ?? '')) {
        inner.push((lines[at] ?? '').replace(quote, ''));
        at += 1;
      }
      blocks.push({ kind: 'quote', children: parseBlocks(inner, depth + 1) });
      continue;
    }
    if (item.test(line) && depth < maxDepth) {
      flush();
      const { block, next } = parseList(lines, at, depth);
      blocks.push(block);
      at = next;
      continue;
    }
    if (line.includes('|') && tableLine.test(lines[at + 1] ?? '')) {
      flush();
      const head = cells(line);
      const rows: Inline[][][] = [];
      at += 2;
      while (at < lines.length && (lines[at] ?? '').includes('|')) {
        rows.push(cells(lines[at] ?? '').slice(0, head.length));
        at += 1;
      }
      blocks.push({ kind: 'table', head, rows });
      continue;
    }
    paragraph.push(line.trim());
    at += 1;
  }
  flush();
  return blocks;
}

function parseList(lines: readonly string[], from: number, depth: number): { block: Block; next: number } {
  const first = item.exec(lines[from] ?? '');
  const ordered = /\d/.test(first?.[2] ?? '');
  const start = ordered ? Number.parseInt(first?.[2] ?? '1', 10) : 1;
  const items: string[][] = [];
  let indent = 0;
  let at = from;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const marker = item.exec(line);
    const leading = line.length - line.trimStart().length;
    const current = items.at(-1);
    if (marker && /\d/.test(marker[2] ?? '') === ordered && (current === undefined || leading < indent)) {
      indent = marker[0].length;
      items.push([line.slice(indent)]);
    } else if (line.trim() === '') {
      const next = lines.slice(at + 1).find((each) => each.trim() !== '');
      const goesOn = next !== undefined && (next.length - next.trimStart().length >= 2 || item.test(next));
      if (!goesOn) break;
      current?.push('');
    } else if (current && leading >= Math.min(indent, 2)) {
      current.push(line.slice(Math.min(leading, indent)));
    } else if (current && !marker && current.at(-1) !== '' && !fence.test(line) && !heading.test(line)) {
      current.push(line);
    } else {
      break;
    }
  }
  return {
    block: { kind: 'list', ordered, start, items: items.map((each) => parseBlocks(each, depth + 1)) },
    next: at,
  };
}

function cells(line: string): Inline[][] {
  return line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .slice(0, 12)
    .map((cell) => parseInline(cell.trim()));
}

const inlineStart =
  /(?<code>`+)|\[(?<cite>\d{1,3})\](?!\()|\[(?<label>[^\]\n]{1,500})\]\((?<href>[^()\s]{1,2000}(?:\([^()\s]*\))?)\)|<?(?<url>https:\/\/[^\s<>"'`]{1,2000})>?|(?<mark>\*\*\*|\*\*|__|~~|\*|_)|\\(?<escaped>[\\`*_{}[\]()#+\-.!~>|])|(?<newline>\n)/g;

export function parseInline(text: string, depth = 0): Inline[] {
  const out: Inline[] = [];
  let plain = '';
  const flush = () => {
    if (plain !== '') out.push({ kind: 'text', text: plain });
    plain = '';
  };
  const push = (inline: Inline) => {
    flush();
    out.push(inline);
  };
  const scanner = new RegExp(inlineStart);
  let at = 0;
  for (let match = scanner.exec(text); match; match = scanner.exec(text)) {
    const [whole] = match;
    const groups = match.groups ?? {};
    plain += text.slice(at, match.index);
    at = match.index + whole.length;
    if (groups.code !== undefined) {
      const end = text.indexOf(groups.code, at);
      if (end === -1 || text[end + groups.code.length] === '`') plain += whole;
      else {
        push({ kind: 'code', text: text.slice(at, end).replace(/^ (.+) $/s, '$1') });
        at = end + groups.code.length;
      }
    } else if (groups.cite !== undefined) push({ kind: 'citation', n: Number(groups.cite) });
    else if (groups.href !== undefined) {
      const href = httpsUrl(groups.href);
      const children = depth < maxDepth ? parseInline(groups.label ?? '', depth + 1) : [textOf(groups.label)];
      if (href) push({ kind: 'link', href, children: children.filter((child) => child.kind !== 'link') });
      else plain += groups.label ?? '';
    } else if (groups.url !== undefined) {
      const trimmed = withoutTrail(groups.url);
      const href = httpsUrl(trimmed);
      if (href) {
        push({ kind: 'link', href, children: [textOf(trimmed)] });
        plain += whole.startsWith('<') && whole.endsWith('>') ? '' : groups.url.slice(trimmed.length);
      } else plain += whole;
    } else if (groups.mark !== undefined) {
      const end = depth < maxDepth ? closingMark(text, at, groups.mark, text[match.index - 1]) : -1;
      if (end === -1) plain += whole;
      else {
        push(emphasis(groups.mark, parseInline(text.slice(at, end), depth + 1)));
        at = end + groups.mark.length;
      }
    } else if (groups.escaped !== undefined) plain += groups.escaped;
    else push({ kind: 'break' });
    scanner.lastIndex = at;
  }
  plain += text.slice(at);
  flush();
  return out;
}

function textOf(text: string | undefined): Inline {
  return { kind: 'text', text: text ?? '' };
}

function emphasis(mark: string, children: Inline[]): Inline {
  if (mark === '~~') return { kind: 'strike', children };
  if (mark === '***') return { kind: 'strong', children: [{ kind: 'emphasis', children }] };
  return { kind: mark.length === 2 ? 'strong' : 'emphasis', children };
}

/** Where the text marked by `mark` ends; -1 when the mark is just a character, as in `2 * 3` or `snake_case`. */
function closingMark(text: string, from: number, mark: string, before: string | undefined): number {
  const isWord = (character: string | undefined) =>
    character !== undefined && /[\p{L}\p{N}]/u.test(character);
  if (/\s/.test(text[from] ?? ' ')) return -1;
  if (mark.includes('_') && isWord(before)) return -1;
  for (let end = text.indexOf(mark, from); end !== -1; end = text.indexOf(mark, end + 1)) {
    const after = text[end + mark.length];
    const touchesLonger = after === mark[0] || text[end - 1] === mark[0];
    const ok = end > from && !/\s/.test(text[end - 1] ?? ' ') && !(mark.length === 1 && touchesLonger);
    if (ok && !(mark.includes('_') && isWord(after))) return end;
  }
  return -1;
}

/** A bare address ends before the punctuation of its sentence; a bracket stays when it was opened inside. */
function withoutTrail(url: string): string {
  const trimmed = url.replace(/[.,;:!?\]*_~]+$/, '');
  const isOpen = trimmed.endsWith(')') && trimmed.split('(').length < trimmed.split(')').length;
  return isOpen ? withoutTrail(trimmed.slice(0, -1)) : trimmed;
}

function httpsUrl(href: string): string | undefined {
  if (!/^https:\/\//i.test(href)) return undefined;
  try {
    const url = new URL(href);
    // `https://bank.example@evil.example` shows one host and opens another.
    return url.username === '' && url.password === '' ? url.href : undefined;
  } catch {
    return undefined;
  }
}
