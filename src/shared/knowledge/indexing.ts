// The index of one document: chunks, postings, words. Runs inside the writer's transaction.
import type { Database } from '../database/database.ts';
import { analyse, grams } from './text/analyse.ts';
import type { Passage } from './text/chunk.ts';

/** Passages a statement: keeps a long document's parameters to some megabytes. */
const batchSize = 200;
/** A smallint; more repetitions say nothing more. */
const maxFrequency = 32_000;
/** Shorter words are too short to be recognised when they are misspelt. */
const minWordLength = 4;

export interface IndexSize {
  chunks: number;
  terms: number;
}

export async function indexPassages(
  database: Database,
  kbId: string,
  documentId: string,
  passages: readonly Passage[],
): Promise<IndexSize> {
  let terms = 0;
  for (let from = 0; from < passages.length; from += batchSize) {
    terms += await indexBatch(database, kbId, documentId, passages.slice(from, from + batchSize), from);
  }
  return { chunks: passages.length, terms };
}

/** Says what it took away. */
export async function unindexDocument(
  database: Database,
  kbId: string,
  documentId: string,
): Promise<IndexSize> {
  await database.query(
    `delete from knowledge_postings
     where kb_id = $1 and chunk_id in (select id from knowledge_chunks where document_id = $2)`,
    [kbId, documentId],
  );
  const [removed] = await database.query<IndexSize>(
    `with gone as (delete from knowledge_chunks where document_id = $1 returning term_count)
     select count(*) as chunks, coalesce(sum(term_count), 0)::bigint as terms from gone`,
    [documentId],
  );
  return removed ?? { chunks: 0, terms: 0 };
}

async function indexBatch(
  database: Database,
  kbId: string,
  documentId: string,
  passages: readonly Passage[],
  firstPosition: number,
): Promise<number> {
  const analysed = passages.map((passage) => analyse(`${passage.title}\n${passage.text}`));
  const chunks = await database.query<{ id: number; position: number }>(
    `insert into knowledge_chunks (kb_id, document_id, position, title, text, term_count)
     select $1, $2, * from unnest($3::int[], $4::text[], $5::text[], $6::int[]) returning id, position`,
    [
      kbId,
      documentId,
      passages.map((_, i) => firstPosition + i),
      passages.map((passage) => passage.title),
      passages.map((passage) => passage.text),
      analysed.map((tokens) => tokens.length),
    ],
  );
  const idAt = new Map(chunks.map((chunk) => [chunk.position - firstPosition, chunk.id]));
  const postings = {
    term: [] as string[],
    chunk: [] as number[],
    tf: [] as number[],
    length: [] as number[],
  };
  const words = new Map<string, string>();
  for (const [i, tokens] of analysed.entries()) {
    const frequency = new Map<string, number>();
    for (const token of tokens) {
      frequency.set(token.term, (frequency.get(token.term) ?? 0) + 1);
      if (token.word && token.word.length >= minWordLength) words.set(token.word, token.term);
    }
    for (const [term, tf] of frequency) {
      postings.term.push(term);
      postings.chunk.push(idAt.get(i) ?? 0);
      postings.tf.push(Math.min(tf, maxFrequency));
      postings.length.push(tokens.length);
    }
  }
  await database.query(
    `insert into knowledge_postings (kb_id, term, chunk_id, tf, length)
     select $1, * from unnest($2::text[], $3::bigint[], $4::smallint[], $5::int[])`,
    [kbId, postings.term, postings.chunk, postings.tf, postings.length],
  );
  await addWords(database, kbId, words);
  return analysed.reduce((sum, tokens) => sum + tokens.length, 0);
}

async function addWords(database: Database, kbId: string, words: ReadonlyMap<string, string>): Promise<void> {
  const known = await database.query<{ word: string }>(
    'select word from knowledge_words where kb_id = $1 and word = any($2::text[])',
    [kbId, [...words.keys()]],
  );
  const fresh = new Map(words);
  for (const { word } of known) fresh.delete(word);
  if (fresh.size === 0) return;
  // unnest flattens nested arrays, so a word's grams travel as one string; no word contains a space.
  await database.query(
    `insert into knowledge_words (kb_id, word, term, grams)
     select $1, word, term, string_to_array(grams, ' ') from unnest($2::text[], $3::text[], $4::text[])
       as w(word, term, grams)
     on conflict (kb_id, word) do nothing`,
    [kbId, [...fresh.keys()], [...fresh.values()], [...fresh.keys()].map((word) => grams(word).join(' '))],
  );
}
