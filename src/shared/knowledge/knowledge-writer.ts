import type { Category, KnowledgeBase, Visibility } from '../contracts/knowledge.ts';
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { AppError } from '../errors.ts';
import type { Language } from '../language.ts';
import {
  KnowledgeBaseEntity,
  type KnowledgeDocument,
  KnowledgeDocumentEntity,
  type KnowledgeMemberRole,
} from './entities.ts';
import { type IndexSize, indexPassages, unindexDocument } from './indexing.ts';
import { chunkDocument } from './text/chunk.ts';

export interface KnowledgeBaseInput {
  /** Stable: the same key twice is one base, whose description is brought up to date. */
  key: string;
  name: string;
  description: string;
  /** One emoji. @default '📚' */
  icon?: string;
  bannerUrl?: string | null;
  visibility: Visibility;
  ownerId: string | null;
  language: Language;
  categories?: readonly Category[];
  tags?: readonly string[];
  featured?: boolean;
  verified?: boolean;
  sourceType?: KnowledgeBase['source_type'];
  sourceId?: string | null;
  sourceName?: string | null;
}

export interface DocumentInput {
  /** The id where it comes from: the same twice replaces. */
  externalId: string;
  title: string;
  content: string;
  format: 'markdown' | 'text';
  sender?: string | null;
  date?: Date | null;
  link?: string | null;
}

/** UTF-16 units of one document. More is VALIDATION_ERROR: a book is to be cut where it comes from. */
const maxContentLength = 2_000_000;

/**
 * Fills knowledge bases. It checks no permission: the caller of its methods has done so. What it writes can be found
 * as soon as the surrounding transaction is committed.
 */
export class KnowledgeWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async createBase(input: KnowledgeBaseInput): Promise<{ status: 'created' | 'existing'; id: string }> {
    return this.#database.transaction(async (em) => {
      const now = new Date();
      const described = {
        name: input.name,
        description: input.description,
        icon: input.icon ?? '📚',
        bannerUrl: input.bannerUrl ?? null,
        visibility: input.visibility,
        categories: [...(input.categories ?? [])],
        tags: [...(input.tags ?? [])],
        ownerId: input.ownerId,
        sourceType: input.sourceType ?? 'upload',
        sourceId: input.sourceId ?? null,
        sourceName: input.sourceName ?? null,
        language: input.language,
        featured: input.featured ?? false,
        verified: input.verified ?? false,
        updatedAt: now,
      };
      const id = newId();
      // Two processes that start together both come here: the second one's row gives way to the first one's.
      const base = await em.upsert(
        KnowledgeBaseEntity,
        {
          ...described,
          id,
          key: input.key,
          status: 'enabled',
          documentCount: 0,
          chunkCount: 0,
          termCount: 0,
          searchCount: 0,
          createdAt: now,
          lastIndexed: null,
        },
        {
          onConflictFields: ['key'],
          onConflictAction: 'merge',
          onConflictMergeFields: Object.keys(described) as (keyof typeof described)[],
        },
      );
      return { status: base.id === id ? 'created' : 'existing', id: base.id };
    });
  }

  /** Adds or replaces one document and indexes it. `unchanged`: it was there just so. */
  async addDocument(
    kbId: string,
    input: DocumentInput,
  ): Promise<{ status: 'added' | 'replaced' | 'unchanged'; id: string }> {
    if (input.content.length > maxContentLength) {
      throw AppError.validation([
        { path: 'content', message: `at most ${maxContentLength} characters, cut it into several documents` },
      ]);
    }
    return this.#database.transaction(async (em) => {
      await this.#lock(kbId);
      const fields = {
        title: input.title,
        format: input.format,
        content: input.content,
        sender: input.sender ?? null,
        date: input.date ?? null,
        link: input.link ?? null,
      };
      const known = await em.findOne(KnowledgeDocumentEntity, { kbId, externalId: input.externalId });
      if (known && isSame(known, fields)) return { status: 'unchanged', id: known.id };
      const id = known?.id ?? newId();
      let removed: IndexSize = { chunks: 0, terms: 0 };
      if (known) {
        em.assign(known, { ...fields, indexedAt: new Date() });
        removed = await unindexDocument(this.#database, kbId, id);
      } else {
        em.create(KnowledgeDocumentEntity, {
          id,
          kbId,
          externalId: input.externalId,
          ...fields,
          indexedAt: new Date(),
        });
      }
      await em.flush();
      const passages = chunkDocument(input.title, input.content, input.format);
      const added = await indexPassages(this.#database, kbId, id, passages);
      await this.#count(kbId, known ? 0 : 1, added, removed);
      return { status: known ? 'replaced' : 'added', id };
    });
  }

  async removeDocument(kbId: string, externalId: string): Promise<{ status: 'removed' | 'missing' }> {
    return this.#database.transaction(async (em) => {
      await this.#lock(kbId);
      const known = await em.findOne(KnowledgeDocumentEntity, { kbId, externalId });
      if (!known) return { status: 'missing' };
      const removed = await unindexDocument(this.#database, kbId, known.id);
      em.remove(known);
      await em.flush();
      await this.#count(kbId, -1, { chunks: 0, terms: 0 }, removed);
      return { status: 'removed' };
    });
  }

  /** Adds the person or changes the role. The owner needs no membership. */
  async addMember(kbId: string, personId: string, role: KnowledgeMemberRole = 'member'): Promise<void> {
    await this.#database.query(
      `insert into knowledge_members (kb_id, person_id, role, added_at) values ($1, $2, $3, now())
       on conflict (kb_id, person_id) do update set role = excluded.role`,
      [kbId, personId, role],
    );
  }

  async removeMember(kbId: string, personId: string): Promise<void> {
    await this.#database.query('delete from knowledge_members where kb_id = $1 and person_id = $2', [
      kbId,
      personId,
    ]);
  }

  /** Writers of one base take turns: their postings and words would otherwise wait for each other in a circle. */
  async #lock(kbId: string): Promise<void> {
    const rows = await this.#database.query('select id from knowledge_bases where id = $1 for update', [
      kbId,
    ]);
    if (rows.length === 0) throw AppError.notFound('knowledge base');
  }

  async #count(kbId: string, documents: number, added: IndexSize, removed: IndexSize): Promise<void> {
    await this.#database.query(
      `update knowledge_bases set document_count = document_count + $2, chunk_count = chunk_count + $3,
         term_count = term_count + $4, last_indexed = now(), updated_at = now()
       where id = $1`,
      [kbId, documents, added.chunks - removed.chunks, added.terms - removed.terms],
    );
  }
}

type DocumentFields = Required<Omit<DocumentInput, 'externalId'>>;

function isSame(known: KnowledgeDocument, fields: DocumentFields): boolean {
  return (
    known.title === fields.title &&
    known.format === fields.format &&
    known.content === fields.content &&
    known.sender === fields.sender &&
    known.link === fields.link &&
    known.date?.getTime() === fields.date?.getTime()
  );
}
