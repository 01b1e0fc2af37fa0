// English stemmer: the Porter2 algorithm as published at snowballstem.org/algorithms/english/stemmer.html.
// Input is one lower-case word without apostrophes.

const irregular = new Map([
  ['skis', 'ski'],
  ['skies', 'sky'],
  ['idly', 'idl'],
  ['gently', 'gentl'],
  ['ugly', 'ugli'],
  ['early', 'earli'],
  ['only', 'onli'],
  ['singly', 'singl'],
  ...['sky', 'news', 'howe', 'atlas', 'cosmos', 'bias', 'andes'].map((word): [string, string] => [
    word,
    word,
  ]),
]);
const afterPlural = /^(?:inning|outing|canning|herring|earring|proceed|exceed|succeed)$/;

const step2: readonly (readonly [string, string])[] = [
  ['ization', 'ize'],
  ['ational', 'ate'],
  ['ousness', 'ous'],
  ['iveness', 'ive'],
  ['fulness', 'ful'],
  ['tional', 'tion'],
  ['lessli', 'less'],
  ['biliti', 'ble'],
  ['entli', 'ent'],
  ['ation', 'ate'],
  ['alism', 'al'],
  ['aliti', 'al'],
  ['fulli', 'ful'],
  ['ousli', 'ous'],
  ['iviti', 'ive'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['abli', 'able'],
  ['izer', 'ize'],
  ['ator', 'ate'],
  ['alli', 'al'],
  ['bli', 'ble'],
  ['ogi', 'og'],
  ['li', ''],
];
const step3: readonly (readonly [string, string])[] = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['alize', 'al'],
  ['icate', 'ic'],
  ['iciti', 'ic'],
  ['ative', ''],
  ['ical', 'ic'],
  ['ness', ''],
  ['ful', ''],
];
const step4 = 'ement ance ence able ible ment ant ent ism ate iti ous ive ize ion al er ic'.split(' ');

export function stemEnglish(word: string): string {
  if (word.length <= 2) return word;
  const known = irregular.get(word);
  if (known) return known;
  // A y that acts as a consonant is written Y while the rules run.
  let stem = word.replace(/^y|(?<=[aeiouy])y/g, 'Y');
  const r1 = regionOne(stem);
  const r2 = regionAfter(stem, r1);

  stem = withoutPlural(stem);
  if (afterPlural.test(stem)) return stem;
  stem = withoutPast(stem, r1);
  stem = stem.replace(/(?<=.[^aeiouyY])[yY]$|(?<=.[^aeiouy])Y$/, 'i');
  stem = replaceFirst(stem, step2, r1);
  stem = replaceThird(stem, r1, r2);
  stem = withoutFourth(stem, r2);
  if (stem.endsWith('e')) {
    const at = stem.length - 1;
    if (at >= r2 || (at >= r1 && !endsShort(stem.slice(0, at)))) stem = stem.slice(0, at);
  } else if (stem.endsWith('ll') && stem.length - 1 >= r2) {
    stem = stem.slice(0, -1);
  }
  return stem.toLowerCase();
}

function regionOne(word: string): number {
  const prefix = /^(?:gener|commun|arsen)/.exec(word);
  return prefix ? prefix[0].length : regionAfter(word, 0);
}

/** Where the region after the first consonant that follows a vowel begins, counted from `from`. */
function regionAfter(word: string, from: number): number {
  const found = /[aeiouy][^aeiouy]/.exec(word.slice(from));
  return found ? from + found.index + 2 : word.length;
}

function withoutPlural(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2);
  if (/ie[ds]$/.test(word)) return word.slice(0, word.length > 4 ? -2 : -1);
  if (/(?:us|ss)$/.test(word)) return word;
  return /[aeiouy].+s$/.test(word) ? word.slice(0, -1) : word;
}

function withoutPast(word: string, r1: number): string {
  const eed = /eed(?:ly)?$/.exec(word);
  if (eed) return eed.index >= r1 ? `${word.slice(0, eed.index)}ee` : word;
  const suffix = /(?:ed|edly|ing|ingly)$/.exec(word);
  if (!suffix) return word;
  const rest = word.slice(0, suffix.index);
  if (!/[aeiouy]/.test(rest)) return word;
  if (suffix[0].startsWith('ing') && /^[^aeiouy]y$/.test(rest)) return `${rest.slice(0, -1)}ie`;
  if (/(?:at|bl|iz)$/.test(rest)) return `${rest}e`;
  if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(rest)) return rest.slice(0, -1);
  return rest.length <= r1 && endsShort(rest) ? `${rest}e` : rest;
}

function endsShort(word: string): boolean {
  return /[^aeiouy][aeiouy][^aeiouywxY]$|^[aeiouy][^aeiouy]$/.test(word);
}

function replaceFirst(word: string, rules: readonly (readonly [string, string])[], region: number): string {
  for (const [suffix, replacement] of rules) {
    if (!word.endsWith(suffix)) continue;
    const at = word.length - suffix.length;
    if (at < region) return word;
    const before = word[at - 1] ?? '';
    if (suffix === 'ogi' && before !== 'l') return word;
    if (suffix === 'li' && !'cdeghkmnrt'.includes(before)) return word;
    return word.slice(0, at) + replacement;
  }
  return word;
}

function replaceThird(word: string, r1: number, r2: number): string {
  if (word.endsWith('ative') && word.length - 5 < r2) return word;
  return replaceFirst(word, step3, r1);
}

function withoutFourth(word: string, r2: number): string {
  for (const suffix of step4) {
    if (!word.endsWith(suffix)) continue;
    const at = word.length - suffix.length;
    if (at < r2) return word;
    if (suffix === 'ion' && !/[st]$/.test(word.slice(0, at))) return word;
    return word.slice(0, at);
  }
  return word;
}
