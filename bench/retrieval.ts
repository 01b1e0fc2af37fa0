// Quality and speed of the knowledge-base search on retrieval collections:
//
//   node scripts/run.mjs bench/retrieval.ts <folder or file>…      collections as JSON {name, docs, queries, qrels}
//   node scripts/run.mjs bench/retrieval.ts --size 10000 <file>    repeats the documents of a collection to that many
//
// Prints nDCG@10 and recall@10 of the questions as they are and with a typing error in half of their long words.
// The collections are not part of the repository: Cranfield and XQuAD (CC BY-SA 4.0) are what the figures in the
// documentation come from.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { knowledge } from '#shared/database/migrations/2026-11-21-knowledge.ts';
import { openTestDatabase } from '#shared/database/test-database.ts';
import type { Caller } from '#shared/identity/caller.ts';
import { knowledgeEntities } from '#shared/knowledge/entities.ts';
import { KnowledgeSearchService } from '#shared/knowledge/knowledge-search-service.ts';
import { KnowledgeWriter } from '#shared/knowledge/knowledge-writer.ts';
import { SearchStatistics } from '#shared/knowledge/search-statistics.ts';

interface Collection {
  name: string;
  docs: { id: string; title: string; text: string }[];
  queries: { id: string; text: string }[];
  qrels: Record<string, Record<string, number>>;
}

const { values, positionals } = parseArgs({ options: { size: { type: 'string' } }, allowPositionals: true });
const files = positionals.flatMap((path) =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(path, name))
    : [path],
);
const guest: Caller = { kind: 'guest', guestId: 'bench', language: 'en' };

for (const file of files) {
  await measure(JSON.parse(readFileSync(file, 'utf8')) as Collection, Number(values.size ?? 0));
}

async function measure(collection: Collection, size: number): Promise<void> {
  await using database = await openTestDatabase(knowledgeEntities, [knowledge]);
  const writer = new KnowledgeWriter(database);
  const statistics = new SearchStatistics(database, { delayMs: 3_600_000 });
  const service = new KnowledgeSearchService(database, statistics);
  const { id } = await writer.createBase({
    key: collection.name,
    name: collection.name,
    description: '',
    visibility: 'public',
    ownerId: null,
    language: 'en',
  });
  const docs =
    size > 0
      ? Array.from({ length: size }, (_, i) => {
          const doc = collection.docs[i % collection.docs.length];
          return { id: `${doc?.id}/${i}`, title: doc?.title ?? '', text: `${doc?.text} nr${i}` };
        })
      : collection.docs;
  const started = performance.now();
  for (let from = 0; from < docs.length; from += 100) {
    await database.transaction(async () => {
      for (const doc of docs.slice(from, from + 100)) {
        await writer.addDocument(id, {
          externalId: doc.id,
          title: doc.title,
          content: doc.text,
          format: 'text',
          link: doc.id,
        });
      }
    });
  }
  await database.query('analyze');
  const indexed = performance.now() - started;
  const [{ chunks } = { chunks: 0 }] = await database.query<{ chunks: number }>(
    'select count(*) as chunks from knowledge_chunks',
  );
  const [{ bytes } = { bytes: 0 }] = await database.query<{ bytes: number }>(
    "select sum(pg_total_relation_size(c.oid))::bigint as bytes from pg_class c where relname like 'knowledge_%' and relkind = 'r'",
  );
  console.log(
    `${collection.name}: ${docs.length} documents, ${chunks} chunks, ${Math.round(bytes / 2 ** 20)} MiB, indexed in ${(indexed / 1000).toFixed(1)} s`,
  );
  for (const [label, change] of [
    ['as written', (text: string) => text],
    ['with typos', withTypos(42)],
  ] as const) {
    const times: number[] = [];
    let ndcg = 0;
    let recall = 0;
    for (const query of collection.queries) {
      const text = change(query.text).slice(0, 500);
      const before = performance.now();
      const answer = await service.search(guest, {
        query: text,
        kb_ids: [id],
        max_results: 20,
        search_method: 'text',
      });
      times.push(performance.now() - before);
      // Several passages of one document are one result.
      const ranked = [...new Set(answer.results.map((hit) => hit.link ?? ''))].slice(0, 10);
      const judged = collection.qrels[query.id] ?? {};
      ndcg += ndcgAt10(ranked, judged);
      recall += ranked.some((doc) => judged[doc]) ? 1 : 0;
    }
    times.sort((a, b) => a - b);
    const count = collection.queries.length;
    const at = (share: number): string => (times[Math.floor(share * (count - 1))] ?? 0).toFixed(1);
    const quality =
      size > 0 ? '' : `nDCG@10 ${(ndcg / count).toFixed(3)}, success@10 ${(recall / count).toFixed(3)}, `;
    console.log(`  ${label}: ${quality}median ${at(0.5)} ms, p95 ${at(0.95)} ms`);
  }
}

function ndcgAt10(ranked: readonly string[], judged: Record<string, number>): number {
  const gain = (grades: readonly number[]): number =>
    grades.slice(0, 10).reduce((sum, grade, i) => sum + grade / Math.log2(i + 2), 0);
  const ideal = gain(Object.values(judged).toSorted((a, b) => b - a));
  return ideal === 0 ? 0 : gain(ranked.map((doc) => judged[doc] ?? 0)) / ideal;
}

/** Drops, swaps or doubles one letter in half of the words of six letters and more; the same every time. */
function withTypos(seed: number): (text: string) => string {
  let state = seed;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  return (text) =>
    text.replace(/\p{L}{6,}/gu, (word) => {
      if (random() < 0.5) return word;
      const at = 1 + Math.floor(random() * (word.length - 2));
      const kind = random();
      if (kind < 0.34) return word.slice(0, at) + word.slice(at + 1);
      if (kind < 0.67) return word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
      return word.slice(0, at) + word[at] + word.slice(at);
    });
}
