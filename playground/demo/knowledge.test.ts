import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectEvents, testTask, textOf } from '#shared/agents/event-rules.ts';
import { OfflineAssistant } from '#shared/agents/offline/offline-assistant.ts';
import type { Database } from '#shared/database/database.ts';
import { newId } from '#shared/database/id.ts';
import { knowledge } from '#shared/database/migrations/2026-11-21-knowledge.ts';
import { openTestDatabase } from '#shared/database/test-database.ts';
import type { Caller } from '#shared/identity/caller.ts';
import { CatalogService } from '#shared/knowledge/catalog-service.ts';
import { knowledgeEntities } from '#shared/knowledge/entities.ts';
import { KnowledgeSearchService } from '#shared/knowledge/knowledge-search-service.ts';
import { KnowledgeWriter } from '#shared/knowledge/knowledge-writer.ts';
import { SearchStatistics } from '#shared/knowledge/search-statistics.ts';
import { calculator } from '#shared/tools/calculator/calculator.ts';
import { searchKnowledgeBase } from '#shared/tools/search-knowledge-base.ts';
import { timeTool } from '#shared/tools/time/time.ts';
import { ToolRegistry } from '#shared/tools/tool-registry.ts';
import { demoKnowledge, readDocument, seedKnowledge } from './knowledge.ts';

let database: Database;
let assistant: OfflineAssistant;
const memberId = newId();
const member: Caller = {
  kind: 'person',
  personId: memberId,
  displayName: 'Ada',
  language: 'en',
  timeZone: 'UTC',
};
const guest: Caller = { kind: 'guest', guestId: 'g', language: 'en' };

beforeAll(async () => {
  database = await openTestDatabase(knowledgeEntities, [knowledge]);
  const writer = new KnowledgeWriter(database);
  const people = { ownerId: newId(), memberIds: [memberId] };
  await seedKnowledge(writer, people);
  await seedKnowledge(writer, people);
  const search = new KnowledgeSearchService(database, new SearchStatistics(database, { delayMs: 60_000 }));
  assistant = new OfflineAssistant(new ToolRegistry([calculator, timeTool(), searchKnowledgeBase(search)]), {
    wordDelayMs: 0,
  });
});
afterAll(() => database.close());

async function answer(question: string, caller: Caller = member): Promise<string> {
  const { events } = await collectEvents(assistant.run(testTask(question, { caller })));
  return textOf(events);
}

describe('the demo knowledge', () => {
  it('is there once however often it is seeded, the private base for its members only', async () => {
    const catalog = new CatalogService(database);
    const query = { limit: 50, offset: 0, sort: 'relevance' as const };
    const names = async (caller: Caller) =>
      (await catalog.list(caller, query)).results.map((base) => base.name);
    expect(await names(guest)).toEqual(['Concierge', 'Telegram Mini Apps', 'BPMN']);
    expect(await names(member)).toEqual(['Concierge', 'Telegram Mini Apps', 'BPMN', 'Team handbook']);
    const { results } = await catalog.list(member, query);
    expect(results.map((base) => base.stats.messages)).toEqual(
      ['Concierge', 'Telegram Mini Apps', 'BPMN', 'Team handbook'].map(
        (name) => demoKnowledge().find((base) => base.name === name)?.documents.length,
      ),
    );
  });

  it.each([
    ['What is Concierge?', /open-source assistant for Telegram/],
    ['Что такое Concierge?', /ассистент для Telegram/],
    ['Which knowledge bases are there?', /four knowledge bases/],
    ['What is new?', /Answers stream word by word/],
    ['How do I get an expense approved?', /Up to 200 euros|Write \/run/],
    ['how do I add the bot to a group', /Add to group/],
    ['как добавить бота в группу?', /Добавить в группу/],
    ['who can read my conversations?', /no other person can open them/],
    ['How do I connect a language model?', /OPENAI_API_KEY/],
    ['How do I validate initData?', /HMAC-SHA256/],
    ['как проверить initData', /Секретный ключ/],
    ['What does a parallel gateway do?', /plus/],
    ['какие бывают шлюзы', /Исключающий шлюз/],
    ['how much can I store in CloudStorage', /1024 items/],
    ['How many days of leave do I have?', /28 days/],
    ['what is the wifi network', /mill-staff/],
    ['what is a boundry evnt', /boundary event sits/],
    ['How do I start a workflow in a group?', /send \/run in the group/],
    ['how do I ask people for support', /support_request/],
    ['is the embedded database safe against power loss', /not safe against power loss/],
    ['what is the offline assistant', /no language model/],
    ['how do I open the mini app', /press the App button/],
    ['what is privacy mode', /only messages that are meant for it/],
    ['which characters are allowed in startapp', /up to 512 characters/],
    ['what is a default flow', /no condition of the other flows is true/],
    ['which laptop can I get', /32 GB/],
    ['Что нового?', /Ответы приходят слово за словом/],
    ['Как согласовать расход?', /\/run/],
    ['как запустить процесс в группе', /отправьте \/run в этой группе/],
    ['надёжна ли встроенная база данных', /не защищена от отключения питания/],
    ['что такое автономный помощник', /не языковая модель/],
    ['как выйти из формы', /\/cancel/],
    ['что такое токен в BPMN', /воображаемая метка/],
  ])('answers “%s”', async (question, expected) => {
    expect(await answer(question)).toMatch(expected);
  });

  it.each([
    'What is the capital of Mongolia?',
    'Who won the football world cup in 1998?',
    'как приготовить борщ',
  ])('has no answer to “%s”', async (question) => {
    expect(await answer(question)).toMatch(/found nothing|ничего нет/);
  });

  it('tells a guest nothing from the handbook', async () => {
    expect(await answer('what is the wifi network mill-staff', guest)).not.toContain('mill-staff');
  });
});

describe('the demo documents', () => {
  it('have an id that no other document of the demo has', () => {
    const documents = demoKnowledge().flatMap((base) => base.documents);
    expect(new Set(documents.map((document) => document.externalId)).size).toBe(documents.length);
  });

  it('speak Russian as well as English about Concierge', () => {
    const contents = demoKnowledge()[0]?.documents.map((document) => document.content) ?? [];
    const russian = contents.filter(
      (content) => (content.match(/[а-я]/gi) ?? []).length > content.length / 3,
    );
    expect(russian.length).toBeGreaterThanOrEqual(8);
    expect(contents.length - russian.length).toBeGreaterThanOrEqual(8);
  });
});

describe('readDocument', () => {
  const good = 'id: one\ntitle: One: the first';
  const read = (head: string) => readDocument(`---\n${head}\n---\n\nText.\n`, 'a.md');

  it('gives the document its fields', () => {
    expect(
      read(`${good}\nlanguage: en\nlink: https://example.org/a?b=c\nsender: Ann\ndate: 2026-11-21`),
    ).toEqual({
      externalId: 'one',
      title: 'One: the first',
      content: 'Text.',
      format: 'markdown',
      sender: 'Ann',
      date: new Date('2026-11-21T00:00:00Z'),
      link: 'https://example.org/a?b=c',
    });
    expect(read(good)).toMatchObject({ sender: null, date: null, link: null });
  });

  it('says which file lacks what it needs', () => {
    expect(() => readDocument('# No front matter', 'a.md')).toThrow('a.md needs a front matter');
    expect(() => readDocument(`---\n${good}\n---\n\n`, 'a.md')).toThrow('a.md needs a front matter');
  });

  it.each([
    ['title: One', 'a.md needs a front matter with id'],
    ['id: one', 'a.md needs a front matter with id and title'],
    [`${good}\nid: two`, 'a.md: “id: two” is not'],
    [`${good}\nauthor: Ann`, 'a.md: “author: Ann” is not one of'],
    [`${good}\nsender:`, 'a.md: “sender:” is not one of'],
    [`${good}\nlanguage: xx`, 'a.md: the language is one of en, ru'],
    [`${good}\nlink: http://example.org`, 'a.md: the link begins with https://'],
    [`${good}\ndate: 2026-06-31`, 'a.md: the date is a day'],
  ])('refuses %j', (head, reason) => {
    expect(() => read(head)).toThrow(reason);
  });
});
