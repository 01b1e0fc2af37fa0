// Text to index terms. The same function reads documents, questions and what is highlighted, so they always agree.
import { stemEnglish } from './stem-english.ts';
import { stemRussian } from './stem-russian.ts';
import { stopWords } from './stop-words.ts';

export interface Token {
  /** What is indexed: a stem, or two characters of a script without spaces. */
  term: string;
  /** The word as written, lower case, without accents. Undefined for scripts without spaces. */
  word: string | undefined;
  /** Range of the text in UTF-16 units. */
  start: number;
  end: number;
}

const wordPattern = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu;
const unspacedRun =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu;
/** Longer runs are addresses, hashes and keys: their beginning is enough to find them. */
const maxTermLength = 40;

/** Every token, stop words left out. */
export function analyse(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(wordPattern)) addWord(tokens, match[0], match.index);
  return tokens;
}

function addWord(tokens: Token[], raw: string, start: number): void {
  let last = 0;
  for (const run of raw.matchAll(unspacedRun)) {
    if (run.index > last) addSpaced(tokens, raw.slice(last, run.index), start + last);
    addPairs(tokens, run[0], start + run.index);
    last = run.index + run[0].length;
  }
  if (last < raw.length) addSpaced(tokens, raw.slice(last), start + last);
}

function addSpaced(tokens: Token[], raw: string, start: number): void {
  const word = normalise(raw).slice(0, maxTermLength);
  if (!word || stopWords.has(word)) return;
  tokens.push({ term: stem(word), word, start, end: start + raw.length });
  addParts(tokens, raw, start);
}

/** `initData` is also found as "init data", `HMAC-SHA256` is two words anyway. */
function addParts(tokens: Token[], raw: string, start: number): void {
  if (!/\p{Ll}\p{Lu}/u.test(raw)) return;
  for (const part of raw.matchAll(/\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{N}+/gu)) {
    const word = normalise(part[0]);
    if (word.length < 2 || stopWords.has(word)) continue;
    const at = start + part.index;
    tokens.push({ term: stem(word), word, start: at, end: at + part[0].length });
  }
}

function addPairs(tokens: Token[], run: string, start: number): void {
  const characters = [...run.matchAll(/\P{M}\p{M}*/gu)];
  for (const [i, first] of characters.entries()) {
    const second = characters[i + 1];
    if (!second && i > 0) return;
    const raw = first[0] + (second?.[0] ?? '');
    const at = start + first.index;
    tokens.push({ term: raw.normalize('NFKC'), word: undefined, start: at, end: at + raw.length });
  }
}

/** Compatibility forms unified, lower case, ё as е, accents of Latin letters dropped. */
export function normalise(raw: string): string {
  const lower = raw.normalize('NFKC').toLowerCase().replaceAll('ё', 'е');
  const plain = /[\u00c0-\u024f\u1e00-\u1eff]/.test(lower)
    ? lower.normalize('NFD').replace(/\p{M}/gu, '')
    : lower;
  return plain.replace(/[^\p{L}\p{M}\p{N}]/gu, '');
}

export function stem(word: string): string {
  if (/\p{N}/u.test(word)) return word;
  if (/^[a-z]+$/.test(word)) return stemEnglish(word);
  if (/^[а-я]+$/.test(word)) return stemRussian(word);
  return word;
}

/** Character 3-grams of a word with its borders marked: what a misspelt word still shares with the right one. */
export function grams(word: string): string[] {
  const marked = `<${word}>`;
  const found = new Set<string>();
  for (let i = 0; i + 3 <= marked.length; i++) found.add(marked.slice(i, i + 3));
  return [...found];
}
