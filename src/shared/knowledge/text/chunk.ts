// Cuts a document into passages that can be found and quoted on their own.

export interface Passage {
  /** `Document › Heading › Heading`. */
  title: string;
  text: string;
}

/** Characters. A passage of about 120 words is a readable quote and still about one thing. */
const targetLength = 800;
/** Sentences up to this many characters are repeated at the beginning of the next passage of a section. */
const overlapLength = 160;
/** A single sentence longer than this is cut by force: a log, a table, a hash. */
const maxSentenceLength = 1_600;

/** Sections of a Markdown document become titles; long sections are cut at sentence borders, with overlap. */
export function chunkDocument(title: string, content: string, format: 'markdown' | 'text'): Passage[] {
  const sections = format === 'markdown' ? sectionsOf(title, content) : [{ title, text: content }];
  return sections.flatMap((section) =>
    pieces(section.text.trim()).map((text) => ({ title: section.title, text })),
  );
}

function sectionsOf(title: string, content: string): Passage[] {
  const sections: Passage[] = [];
  const headings: string[] = [];
  let lines: string[] = [];
  let fenced = false;
  const close = (): void => {
    const path = headings.filter((heading) => heading !== undefined && heading !== title);
    if (lines.some((line) => line.trim())) {
      sections.push({ title: [title, ...path].filter(Boolean).join(' › '), text: lines.join('\n') });
    }
    lines = [];
  };
  for (const line of content.replaceAll('\r\n', '\n').split('\n')) {
    if (/^\s*(?:```|~~~)/.test(line)) fenced = !fenced;
    const heading = fenced ? null : /^(#{1,6})\s+(.+?)\s*#*$/.exec(line);
    if (!heading?.[1] || !heading[2]) {
      lines.push(fenced ? line : plainLine(line));
      continue;
    }
    close();
    const level = heading[1].length;
    headings.length = Math.min(headings.length, level - 1);
    for (let i = headings.length; i < level - 1; i++) headings[i] = '';
    headings[level - 1] = plainLine(heading[2]);
  }
  close();
  return sections;
}

/** Reads as text: emphasis, code marks and link targets go, list marks stay. */
function plainLine(line: string): string {
  return line
    .replace(/!?\[([^\]]*)\]\([^)\s]*\)/g, '$1')
    .replace(/(\*\*|__)(?=\S)(.+?)(?<=\S)\1/g, '$2')
    .replace(/(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])/g, '$1')
    .replace(/^\s*[*+-]\s+/, '• ')
    .replace(/^>\s?/, '');
}

function pieces(text: string): string[] {
  if (!text) return [];
  if (text.length <= targetLength * 1.25) return [text];
  const found: string[] = [];
  let current: string[] = [];
  let length = 0;
  for (const sentence of sentences(text)) {
    if (length > 0 && length + sentence.length > targetLength) {
      found.push(current.join('').trim());
      current = overlap(current);
      length = current.reduce((sum, one) => sum + one.length, 0);
    }
    current.push(sentence);
    length += sentence.length;
  }
  const rest = current.join('').trim();
  if (rest) found.push(rest);
  return found;
}

/** The last sentences that are short enough to be repeated. */
function overlap(sentencesSoFar: readonly string[]): string[] {
  const kept: string[] = [];
  let length = 0;
  for (const sentence of sentencesSoFar.toReversed()) {
    length += sentence.length;
    if (length > overlapLength) break;
    kept.unshift(sentence);
  }
  return kept;
}

const sentenceEnd = /(?<=[.!?…]["»”)]?)\s+(?=["«“(]?[\p{Lu}\p{N}•])|(?<=[。！？])|\n+/gu;

/** Sentences and list items, each with the space that follows it, so that joining them gives the text back. */
export function sentences(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (const match of text.matchAll(sentenceEnd)) {
    const end = match.index + match[0].length;
    if (end > start) found.push(...bounded(text.slice(start, end)));
    start = end;
  }
  if (start < text.length) found.push(...bounded(text.slice(start)));
  return found;
}

function bounded(sentence: string): string[] {
  const parts: string[] = [];
  for (let i = 0; i < sentence.length; i += maxSentenceLength)
    parts.push(sentence.slice(i, i + maxSentenceLength));
  return parts;
}
