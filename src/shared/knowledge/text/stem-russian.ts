// Russian stemmer: the algorithm published at snowballstem.org/algorithms/russian/stemmer.html.
// Input is one lower-case word with ё already written as е.

const perfectiveGerund = /(?:(?<=[ая])(?:вшись|вши|в)|ившись|ывшись|ивши|ывши|ив|ыв)$/;
const reflexive = /(?:ся|сь)$/;
const adjective = /(?:ими|ыми|его|ого|ему|ому|ее|ие|ые|ое|ей|ий|ый|ой|ем|им|ым|ом|их|ых|ую|юю|ая|яя|ою|ею)$/;
const participle = /(?:(?<=[ая])(?:ем|нн|вш|ющ|щ)|ивш|ывш|ующ)$/;
const verb =
  /(?:(?<=[ая])(?:ешь|нно|ете|йте|ла|на|ли|ем|ло|но|ет|ют|ны|ть|й|л|н)|ейте|уйте|ила|ыла|ена|ите|или|ыли|ило|ыло|ено|ует|уют|ены|ить|ыть|ишь|ей|уй|ил|ыл|им|ым|ен|ят|ит|ыт|ую|ю)$/;
const noun =
  /(?:иями|ями|ами|ией|иям|ием|иях|ев|ов|ие|ье|еи|ии|ей|ой|ий|ям|ем|ам|ом|ах|ях|ию|ью|ия|ья|а|е|и|й|о|у|ы|ь|ю|я)$/;

export function stemRussian(word: string): string {
  const firstVowel = /[аеиоуыэюя]/.exec(word);
  if (!firstVowel) return word;
  const rv = firstVowel.index + 1;
  const r2 = regionAfter(word, regionAfter(word, 0));
  const head = word.slice(0, rv);
  let tail = withoutEnding(word.slice(rv));
  tail = tail.replace(/и$/, '');
  const derivational = /(?:ость|ост)$/.exec(tail);
  if (derivational && rv + derivational.index >= r2) tail = tail.slice(0, derivational.index);
  const superlative = /(?:ейше|ейш)$/.exec(tail);
  if (superlative) tail = tail.slice(0, superlative.index);
  if (tail.endsWith('нн')) tail = tail.slice(0, -1);
  else if (!superlative) tail = tail.replace(/ь$/, '');
  return head + tail;
}

function withoutEnding(tail: string): string {
  if (perfectiveGerund.test(tail)) return tail.replace(perfectiveGerund, '');
  const active = tail.replace(reflexive, '');
  if (adjective.test(active)) return active.replace(adjective, '').replace(participle, '');
  if (verb.test(active)) return active.replace(verb, '');
  return active.replace(noun, '');
}

function regionAfter(word: string, from: number): number {
  const found = /[аеиоуыэюя][^аеиоуыэюя]/.exec(word.slice(from));
  return found ? from + found.index + 2 : word.length;
}
