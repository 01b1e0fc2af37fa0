// Chunks as the contracts show them.
import type { SearchHit } from '../contracts/knowledge.ts';
import type { Database } from '../database/database.ts';
import { analyse } from './text/analyse.ts';

interface HitRow {
  chunkId: number;
  documentId: string;
  position: number;
  kbId: string;
  kbName: string;
  title: string;
  text: string;
  sender: string | null;
  date: Date | null;
  link: string | null;
}

const hitSql = `select c.id as "chunkId", c.document_id as "documentId", c.position, c.kb_id as "kbId",
    kb.name as "kbName", c.title, c.text, d.sender, d.date, d.link
  from knowledge_chunks c
  join knowledge_documents d on d.id = c.document_id
  join knowledge_bases kb on kb.id = c.kb_id`;

/** In the order of `ranked`, nothing highlighted yet. */
export async function hitsOf(
  database: Database,
  ranked: readonly { chunkId: number; score: number }[],
): Promise<SearchHit[]> {
  if (ranked.length === 0) return [];
  const rows = await database.query<HitRow>(`${hitSql} where c.id = any($1::bigint[])`, [
    ranked.map((chunk) => chunk.chunkId),
  ]);
  const byId = new Map(rows.map((row) => [row.chunkId, row]));
  return ranked.flatMap(({ chunkId, score }) => {
    const row = byId.get(chunkId);
    // A chunk that was replaced since it was ranked is no hit any more.
    return row ? [view(row, score)] : [];
  });
}

/** The beginnings of the newest documents: what a visitor sees of a base before asking. */
export async function sampleHits(database: Database, kbId: string, limit: number): Promise<SearchHit[]> {
  const rows = await database.query<HitRow>(
    `${hitSql} where c.kb_id = $1 and c.position = 0
     order by d.date desc nulls last, d.indexed_at desc, c.id desc limit $2`,
    [kbId, limit],
  );
  return rows.map((row) => view(row, 1));
}

function view(row: HitRow, score: number): SearchHit {
  return {
    id: `${row.documentId}.${row.position}`,
    text: row.text,
    score: Math.round(score * 10_000) / 10_000,
    source: row.kbId,
    source_name: row.kbName,
    title: row.title || null,
    sender: row.sender,
    date: row.date?.toISOString() ?? null,
    link: row.link,
    highlights: [],
  };
}

/** Ranges of `text` whose terms were asked for; neighbours that overlap or touch are one. */
export function highlightsOf(text: string, terms: ReadonlySet<string>): SearchHit['highlights'] {
  const ranges: SearchHit['highlights'] = [];
  for (const token of analyse(text)) {
    if (!terms.has(token.term)) continue;
    const last = ranges.at(-1);
    if (last && token.start <= last.end) last.end = Math.max(last.end, token.end);
    else ranges.push({ start: token.start, end: token.end });
  }
  return ranges;
}
