import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SearchAnswer } from '../contracts/knowledge.ts';
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { knowledge } from '../database/migrations/2026-11-21-knowledge.ts';
import { schemaDifference } from '../database/schema-difference.ts';
import { openTestDatabase } from '../database/test-database.ts';
import type { Caller } from '../identity/caller.ts';
import { CatalogService } from './catalog-service.ts';
import { knowledgeEntities } from './entities.ts';
import { KnowledgeSearchService } from './knowledge-search-service.ts';
import { KnowledgeWriter } from './knowledge-writer.ts';
import { SearchStatistics } from './search-statistics.ts';

let database: Database;
let writer: KnowledgeWriter;
let statistics: SearchStatistics;
let searching: KnowledgeSearchService;
let catalog: CatalogService;

const ownerId = newId();
const memberId = newId();
const collaboratorId = newId();
const person = (personId: string): Caller => ({
  kind: 'person',
  personId,
  displayName: 'P',
  language: 'en',
  timeZone: 'UTC',
});
const callers: Record<string, Caller> = {
  anonymous: { kind: 'anonymous', language: 'en' },
  guest: { kind: 'guest', guestId: 'g', language: 'en' },
  stranger: person(newId()),
  member: person(memberId),
  collaborator: person(collaboratorId),
  owner: person(ownerId),
};
const caller = (name: string): Caller => callers[name] ?? { kind: 'anonymous', language: 'en' };
const bases: Record<string, string> = {};
const base = (name: string): string => bases[name] ?? '';

function search(who: Caller, query: string, kbIds: string[] = []): Promise<SearchAnswer> {
  return searching.search(who, { query, kb_ids: kbIds, max_results: 10, search_method: 'text' });
}

const list = (who: Caller, more: object = {}) =>
  catalog.list(who, { limit: 50, offset: 0, sort: 'relevance', ...more });

async function textBase(visibility: 'public' | 'private' | 'unlisted', name = newId()): Promise<string> {
  const { id } = await writer.createBase({
    key: name,
    name,
    description: 'A base for a test',
    visibility,
    ownerId,
    language: 'en',
    categories: ['tech'],
  });
  return id;
}

beforeAll(async () => {
  database = await openTestDatabase(knowledgeEntities, [knowledge]);
  writer = new KnowledgeWriter(database);
  statistics = new SearchStatistics(database);
  searching = new KnowledgeSearchService(database, statistics);
  catalog = new CatalogService(database);
  for (const visibility of ['public', 'private', 'unlisted'] as const) {
    const id = await textBase(visibility, `scope ${visibility}`);
    bases[visibility] = id;
    await writer.addDocument(id, {
      externalId: '1',
      title: visibility,
      content: `The lighthouse of the ${visibility} harbour.`,
      format: 'text',
    });
    await writer.addMember(id, memberId);
    await writer.addMember(id, collaboratorId, 'collaborator');
  }
});
afterAll(() => database.close());

describe('the schema', () => {
  it('is what the entities describe', async () => {
    expect(await schemaDifference(database)).toBe('');
  });
});

describe('what a search reads without naming bases', () => {
  it.each([
    ['guest', ['public']],
    ['stranger', ['public']],
    ['member', ['private', 'public', 'unlisted']],
    ['owner', ['private', 'public', 'unlisted']],
  ])('%s: %j', async (who, expected) => {
    const answer = await search(caller(who), 'lighthouse');
    expect(answer.results.map((hit) => hit.title ?? '').toSorted()).toEqual(expected);
    expect(answer.kb_searched.toSorted()).toEqual(expected.map(base).toSorted());
  });

  it('is nothing for anonymous callers, who must sign in first', async () => {
    await expect(search(caller('anonymous'), 'lighthouse')).rejects.toMatchObject({ code: 'AUTH_REQUIRED' });
  });
});

describe('a base that is named', () => {
  const cases = ['guest', 'stranger', 'member', 'owner'].flatMap((who) =>
    ['public', 'private', 'unlisted'].map((visibility) => [who, visibility] as const),
  );
  it.each(cases)('is searched and read by %s when it is %s and may be', async (who, visibility) => {
    const foreign = visibility === 'private' && (who === 'guest' || who === 'stranger');
    const asked = [
      search(caller(who), 'lighthouse', [base(visibility)]),
      catalog.get(caller(who), base(visibility)),
    ];
    const outcomes = await Promise.allSettled(asked);
    if (foreign) {
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'RESOURCE_NOT_FOUND' } });
      }
    } else {
      expect(outcomes[0]).toMatchObject({ value: { results: [{ title: visibility }], total: 1 } });
      expect(outcomes[1]).toMatchObject({ value: { sample_messages: [{ title: visibility }] } });
    }
  });

  it('is refused together with readable ones when one of them is foreign or missing', async () => {
    const mixed = search(caller('guest'), 'lighthouse', [base('public'), base('private')]);
    await expect(mixed).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' });
    const missing = search(caller('owner'), 'lighthouse', [newId()]);
    await expect(missing).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' });
  });

  it('tells what the caller may do with it', async () => {
    const access = async (who: string) => (await catalog.get(caller(who), base('public'))).access;
    expect(await access('anonymous')).toEqual({ can_read: true, can_edit: false, can_manage: false });
    expect(await access('member')).toEqual({ can_read: true, can_edit: false, can_manage: false });
    expect(await access('collaborator')).toEqual({ can_read: true, can_edit: true, can_manage: false });
    expect(await access('owner')).toEqual({ can_read: true, can_edit: true, can_manage: true });
  });

  it('is gone for a member who was removed', async () => {
    const id = await textBase('private');
    await writer.addMember(id, memberId);
    await catalog.get(caller('member'), id);
    await writer.removeMember(id, memberId);
    await expect(catalog.get(caller('member'), id)).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' });
  });
});

describe('a search', () => {
  it('finds a document at once, its replacement instead of it, and nothing once it is removed', async () => {
    const id = await textBase('public');
    const text = (content: string) =>
      writer.addDocument(id, { externalId: 'x', title: 'Note', content, format: 'text' });
    expect(await text('Pelicans fish in the lagoon.')).toMatchObject({ status: 'added' });
    expect((await search(caller('guest'), 'pelican', [id])).total).toBe(1);
    expect(await text('Pelicans fish in the lagoon.')).toMatchObject({ status: 'unchanged' });
    expect(await text('Flamingos wade in the lagoon.')).toMatchObject({ status: 'replaced' });
    expect((await search(caller('guest'), 'pelican', [id])).total).toBe(0);
    expect((await search(caller('guest'), 'flamingo', [id])).total).toBe(1);
    expect((await catalog.get(caller('guest'), id)).stats.messages).toBe(1);
    expect(await writer.removeDocument(id, 'x')).toEqual({ status: 'removed' });
    expect(await writer.removeDocument(id, 'x')).toEqual({ status: 'missing' });
    expect((await search(caller('guest'), 'flamingo', [id])).total).toBe(0);
    expect((await catalog.get(caller('guest'), id)).stats.messages).toBe(0);
    const [left] = await database.query<{ chunkCount: number; termCount: number }>(
      'select chunk_count as "chunkCount", term_count as "termCount" from knowledge_bases where id = $1',
      [id],
    );
    expect(left).toEqual({ chunkCount: 0, termCount: 0 });
  });

  it('does not need all words, understands forms and typos, and highlights what it found', async () => {
    const id = await textBase('public');
    const add = (externalId: string, title: string, content: string) =>
      writer.addDocument(id, { externalId, title, content, format: 'markdown' });
    await add('1', 'Отпуск', '## Заявка\nЗаявление на отпуск подаётся руководителю за две недели.');
    await add('2', 'Travel', 'Receipts of business trips are reimbursed within ten days.');
    await add('3', '食堂', '员工食堂在二楼，中午开放。');
    const first = async (query: string) => (await search(caller('guest'), query, [id])).results[0];
    expect((await first('когда подавать заявления об отпуске, если я болею?'))?.title).toBe(
      'Отпуск › Заявка',
    );
    expect((await first('заевление'))?.title).toBe('Отпуск › Заявка');
    expect((await first('食堂几点开放'))?.title).toBe('食堂');
    const hit = await first('when are my reciepts of a trip reimbursed');
    expect(hit?.title).toBe('Travel');
    const marked = hit?.highlights.map((range) => hit.text.slice(range.start, range.end));
    expect(marked).toEqual(['Receipts', 'trips', 'reimbursed']);
    expect(hit?.score).toBeGreaterThan(0.3);
    expect(hit?.score).toBeLessThanOrEqual(1);
  });

  it('answers nothing to a question without words', async () => {
    expect((await search(caller('guest'), '???')).results).toEqual([]);
    expect((await search(caller('guest'), 'what is the')).results).toEqual([]);
  });

  it.each(['vector', 'hybrid'] as const)(
    'refuses %s without embeddings and says what there is',
    async (method) => {
      const asked = searching.search(caller('owner'), {
        query: 'lighthouse',
        kb_ids: [],
        max_results: 5,
        search_method: method,
      });
      await expect(asked).rejects.toMatchObject({
        code: 'VALIDATION_ERROR',
        message: expect.stringMatching(/embeddings endpoint.*"text" is available/),
      });
    },
  );

  it('is counted for the bases it read', async () => {
    const id = await textBase('public');
    await writer.addDocument(id, { externalId: '1', title: 'T', content: 'Walrus.', format: 'text' });
    await search(caller('guest'), 'walrus', [id]);
    await search(caller('guest'), 'narwhale', [id]);
    await statistics.flush();
    expect((await catalog.get(caller('guest'), id)).stats.searches).toBe(2);
    const days = await database.query(
      'select searches, answered from knowledge_search_days where kb_id = $1',
      [id],
    );
    expect(days).toEqual([{ searches: 2, answered: 1 }]);
  });
});

describe('making a base', () => {
  it('with a known key brings its description up to date and keeps its content', async () => {
    const input = {
      key: 'same',
      name: 'First',
      description: 'd',
      visibility: 'private',
      ownerId,
      language: 'en',
    } as const;
    const first = await writer.createBase(input);
    await writer.addDocument(first.id, { externalId: '1', title: 'T', content: 'Otter.', format: 'text' });
    const second = await writer.createBase({ ...input, name: 'Second', visibility: 'public' });
    expect([first.status, second]).toEqual(['created', { status: 'existing', id: first.id }]);
    const view = await catalog.get(caller('anonymous'), first.id);
    expect([view.name, view.stats.messages]).toEqual(['Second', 1]);
  });

  it('adds documents of one base concurrently without losing a count', async () => {
    const id = await textBase('public');
    const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'];
    await Promise.all(
      words.map((word, i) =>
        writer.addDocument(id, {
          externalId: word,
          title: word,
          content: words.toSpliced(i, 1).join(' '),
          format: 'text',
        }),
      ),
    );
    expect((await search(caller('guest'), 'alpha', [id])).total).toBe(6);
    expect((await catalog.get(caller('guest'), id)).stats.messages).toBe(6);
  });
});

describe('the catalog', () => {
  it('lists public entries to everybody and private and unlisted ones to their people', async () => {
    const names = async (who: string) =>
      (await list(caller(who), { search: 'scope' })).results.map((entry) => entry.name).toSorted();
    expect(await names('anonymous')).toEqual(['scope public']);
    expect(await names('guest')).toEqual(['scope public']);
    expect(await names('stranger')).toEqual(['scope public']);
    expect(await names('member')).toEqual(['scope private', 'scope public', 'scope unlisted']);
    expect(await names('owner')).toEqual(['scope private', 'scope public', 'scope unlisted']);
  });

  it('filters, counts categories and pages', async () => {
    const make = (name: string, categories: ('gaming' | 'web3')[], featured: boolean) =>
      writer.createBase({
        key: `catalog ${name}`,
        name: `catalog ${name}`,
        description: 'Entries of 100% wool_mark',
        visibility: 'public',
        ownerId: null,
        language: 'en',
        categories,
        featured,
      });
    await make('one', ['gaming'], false);
    await make('two', ['gaming', 'web3'], true);
    await make('three', ['web3'], false);
    const answer = await list(caller('anonymous'), { search: 'catalog', category: 'gaming' });
    expect(answer.results.map((entry) => entry.name)).toEqual(['catalog two', 'catalog one']);
    expect(answer.total).toBe(2);
    expect(answer.categories).toEqual({ gaming: 2, web3: 2 });
    const featured = await list(caller('anonymous'), { search: 'catalog', featured: true });
    expect(featured.results.map((entry) => entry.name)).toEqual(['catalog two']);
    const page = await list(caller('anonymous'), { search: 'catalog', limit: 1, offset: 1, sort: 'newest' });
    expect(page).toMatchObject({ total: 3, results: [{ name: 'catalog two' }] });
    expect((await list(caller('anonymous'), { search: 'catalog', offset: 10 })).total).toBe(3);
    expect((await list(caller('anonymous'), { search: '100% wool_m' })).total).toBe(3);
    expect((await list(caller('anonymous'), { search: 'c_talog' })).total).toBe(0);
  });
});
