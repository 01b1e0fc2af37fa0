import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MessageEntity, ThreadEntity } from '#shared/conversations/entities.ts';
import type { Database } from '#shared/database/database.ts';
import { newId } from '#shared/database/id.ts';
import { schemaDifference } from '#shared/database/schema-difference.ts';
import type { ActingPerson } from '../../../playground/telegram.ts';
import { BotBench, buttonsOf, labelsOf, openBenchDatabase } from '../testing/bot-bench.ts';

let db: Database;
let bench: BotBench;
let ann: ActingPerson;

beforeAll(async () => {
  db = await openBenchDatabase();
});
beforeEach(async () => {
  await db.query(
    'truncate people, threads, messages, telegram_private_chats, telegram_conversations, notices',
  );
  bench = await BotBench.open(db);
  ann = bench.person('Ann');
});
afterEach(() => bench.close());
afterAll(() => db.close());

const data = (message: Parameters<typeof buttonsOf>[0], label: string) =>
  buttonsOf(message).find(({ text }) => text === label);

it('has tables as its entities describe them', async () => {
  const difference = await schemaDifference(db);
  expect(
    difference.split('\n').filter((line) => /telegram_(private_chats|conversations)/.test(line)),
  ).toEqual([]);
});

describe('/start', () => {
  it('welcomes with questions that ask themselves, and later with prompts and tasks', async () => {
    const [welcome] = await bench.tell(ann, '/start');
    expect(welcome?.text).toMatch(/^Hello, Ann!/);
    expect(labelsOf(welcome!)).toEqual([
      'What can you do?',
      'Which knowledge bases are there?',
      'How do I get an expense approved?',
      'Open the app',
    ]);
    expect(data(welcome!, 'Open the app')).toMatchObject({
      web_app: { url: 'https://concierge.example.org/app/' },
    });
    await bench.press(ann, 'What can you do?');
    expect(bench.answers.last).toMatchObject({ text: 'What can you do?', streaming: true, language: 'en' });
    const [again] = await bench.tell(ann, '/start');
    expect(again?.text).toBe('Good to see you, Ann. What shall we do?\nNo task waits for you.');
  });

  it('speaks the language of the Telegram client', async () => {
    const [welcome] = await bench.tell(bench.person('Olga', 'ru-RU'), '/start');
    expect(welcome?.text).toMatch(/^Здравствуйте, Olga!/);
  });

  it('shows the ordinary first screen for a malformed payload, and says when something is gone', async () => {
    expect((await bench.tell(ann, '/start xyz_abc'))[0]?.text).toMatch(/^Hello/);
    expect((await bench.tell(ann, `/start task_${newId()}`))[0]?.text).toMatch(/not there any more/);
    expect((await bench.tell(ann, `/start nonsense_${newId()}`))[0]?.text).toMatch(/^Good to see you/);
  });

  it('opens a conversation about one knowledge base, once however often the link is pressed', async () => {
    const { id } = await bench.knowledge.createBase({
      key: 'handbook',
      name: 'Handbook',
      description: 'Rules',
      visibility: 'public',
      ownerId: null,
      language: 'en',
    });
    await bench.tell(ann, `/start kb_${id}`);
    const [said] = await bench.tell(ann, `/start kb_${id}`);
    expect(said?.text).toMatch(/about “Handbook” only/);
    await bench.tell(ann, 'How many days off?');
    const caller = await bench.callerOf(ann);
    const { results } = await bench.services.threads.list(caller, { limit: 10, offset: 0 });
    expect(results).toMatchObject([{ kb_ids: [id] }]);
    expect(bench.answers.last.thread).toEqual({ kind: 'person', threadId: results[0]?.id });
  });

  it('follows links named like commands, as groups show them', async () => {
    expect((await bench.tell(ann, '/start tasks'))[0]?.text).toMatch(/^Your tasks/);
    expect((await bench.tell(ann, '/start help'))[0]?.text).toMatch(/colleague/);
  });
});

describe('conversations', () => {
  it('go on until /new, and come back by /chat with what was said last', async () => {
    await bench.tell(ann, 'Tell me about trains');
    await bench.tell(ann, 'And about planes?');
    const [first, second] = bench.answers.asked;
    expect(first?.thread).toEqual({ kind: 'person', threadId: undefined });
    const threadId = second?.thread.kind === 'person' ? (second.thread.threadId ?? '') : '';
    expect(threadId).not.toBe('');
    const asked = { threadId, role: 'user' as const, status: 'complete' as const, sources: [], tools: [] };
    await db.transaction(async (em) => {
      em.create(MessageEntity, {
        ...asked,
        id: newId(),
        seq: 1,
        content: 'Tell me about trains',
        createdAt: new Date(),
      });
      await em.nativeUpdate(ThreadEntity, { id: threadId }, { messageCount: 1 });
    });

    await bench.tell(ann, '/new');
    await bench.tell(ann, 'Something else');
    expect(bench.answers.last.thread).toEqual({ kind: 'person', threadId: undefined });

    const [list] = await bench.tell(ann, '/chat');
    expect(list?.text).toMatch(/2 conversations/);
    expect(labelsOf(list!)).toEqual(expect.arrayContaining(['Tell me about trains', '• Something else']));
    await bench.press(ann, 'Tell me about trains');
    expect(bench.last(ann.person).text).toMatch(
      /We go on with “Tell me about trains”[^]*You: Tell me about trains/,
    );
    await bench.tell(ann, 'Back again');
    expect(bench.answers.last.thread).toEqual({ kind: 'person', threadId });
  });

  it('are renamed, and deleted only after a second thought', async () => {
    await bench.tell(ann, 'Trains');
    await bench.tell(ann, '/chat');
    await bench.press(ann, '• Trains');
    await bench.press(ann, 'Rename');
    expect((await bench.tell(ann, 'x'.repeat(201)))[0]?.text).toMatch(/1 to 200/);
    expect((await bench.tell(ann, 'Railways'))[0]?.text).toBe('It is called “Railways” now.');
    expect(bench.answers.asked).toHaveLength(1);

    await bench.tell(ann, '/chat');
    await bench.press(ann, '• Railways');
    await bench.press(ann, 'Delete');
    await bench.press(ann, 'No, keep it');
    await bench.press(ann, 'Delete');
    const popup = await bench.press(ann, 'Yes, delete it');
    expect(popup.text).toBe('“Railways” is deleted.');
    expect(bench.last(ann.person).text).toMatch(/no conversations yet/);
    await bench.tell(ann, 'Anew');
    expect(bench.answers.last.thread).toEqual({ kind: 'person', threadId: undefined });
  });

  it('are asked for a title no longer once a command or a button comes', async () => {
    await bench.tell(ann, 'Trains');
    await bench.tell(ann, '/chat');
    await bench.press(ann, '• Trains');
    await bench.press(ann, 'Rename');
    await bench.tell(ann, '/help');
    await bench.tell(ann, 'How are you?');
    expect(bench.answers.last.text).toBe('How are you?');
    await bench.press(ann, 'Rename');
    expect((await bench.tell(ann, '/cancel'))[0]?.text).toBe('All right, we leave it.');
    await bench.tell(ann, 'And now?');
    expect(bench.answers.last.text).toBe('And now?');
  });

  it('begin anew when the current one was deleted elsewhere', async () => {
    await bench.tell(ann, 'Trains');
    await db.query('delete from threads');
    await bench.tell(ann, 'Planes');
    expect(bench.answers.last.thread).toEqual({ kind: 'person', threadId: undefined });
  });

  it('of others stay theirs', async () => {
    await bench.tell(ann, 'Secret');
    const caller = await bench.callerOf(ann);
    const { results } = await bench.services.threads.list(caller, { limit: 1, offset: 0 });
    const bob = bench.person('Bob');
    expect((await bench.tell(bob, `/start thread_${results[0]?.id}`))[0]?.text).toMatch(/not there any more/);
  });

  it('are listed eight on a page', async () => {
    const caller = await bench.callerOf(ann);
    for (let i = 0; i < 10; i++) await bench.services.threads.create(caller, { title: `Talk ${i}` });
    const [list] = await bench.tell(ann, '/chat');
    expect(labelsOf(list!)).toHaveLength(9);
    await bench.press(ann, 'Next ›');
    expect(labelsOf(bench.last(ann.person))).toEqual(['Talk 1', 'Talk 0', '‹ Previous']);
  });
});

describe('/search', () => {
  beforeEach(async () => {
    await db.query('truncate knowledge_bases, knowledge_documents, knowledge_chunks cascade');
    const base = { description: 'd', visibility: 'public' as const, ownerId: null, language: 'en' as const };
    const harbour = await bench.knowledge.createBase({ ...base, key: 'harbour', name: 'Harbour' });
    await bench.knowledge.createBase({ ...base, key: 'empty', name: 'Empty' });
    await bench.knowledge.addDocument(harbour.id, {
      externalId: '1',
      title: 'Lighthouse',
      content: 'The lighthouse was built in 1878 and shines for twenty miles.',
      format: 'text',
      sender: 'Keeper',
      date: new Date('2026-05-01T10:00:00Z'),
      link: 'https://example.org/lighthouse',
    });
  });

  it('shows finds as quotes with author, date and link', async () => {
    const [found] = await bench.tell(ann, '/search lighthouse');
    expect(found?.text).toMatch(
      /1 find for “lighthouse”:\n\n1\. Lighthouse\n[^]*1878[^]*Keeper · May 1, 2026 · Harbour/,
    );
    expect(found?.entities?.map(({ type }) => type)).toEqual(expect.arrayContaining(['blockquote', 'bold']));
    expect(buttonsOf(found!)).toEqual([{ text: 'Open 1', url: 'https://example.org/lighthouse' }]);
  });

  it('searches only what is ticked, and asks for the words', async () => {
    await bench.tell(ann, '/search');
    await bench.press(ann, '◻️ 📚 Empty');
    expect(labelsOf(bench.last(ann.person))).toContain('☑️ 📚 Empty');
    await bench.press(ann, '🔎 Search');
    expect((await bench.tell(ann, 'lighthouse'))[0]?.text).toMatch(/I found nothing/);
    await bench.press(ann, '☑️ 📚 Empty');
    await bench.press(ann, '🔎 Search');
    expect((await bench.tell(ann, 'lighthouse'))[0]?.text).toMatch(/^1 find/);
    expect(bench.answers.asked).toEqual([]);
  });
});

describe('/settings', () => {
  it('switches the language at once, in place and for everything after', async () => {
    const [settings] = await bench.tell(ann, '/settings');
    expect(settings?.text).toMatch(/Language: English/);
    const popup = await bench.press(ann, 'русский');
    expect(popup.text).toBe('Сохранено.');
    expect(bench.last(ann.person)).toMatchObject({ message_id: settings?.message_id });
    expect(bench.last(ann.person).text).toMatch(/Язык: русский/);
    expect((await bench.tell(ann, '/new'))[0]?.text).toBe('Начинаем новый разговор. О чём поговорим?');
  });

  it('sets what the button says, also when the press is handled twice', async () => {
    await bench.tell(ann, '/settings');
    ann.press(bench.last(ann.person), 'Show answers only when finished');
    const [update] = await bench.take();
    await bench.bot.bot.handleUpdate(update!);
    await bench.bot.bot.handleUpdate(update!);
    await bench.tell(ann, 'Hi');
    expect(bench.answers.last.streaming).toBe(false);
  });
});

it('shows the profile', async () => {
  const [profile] = await bench.tell(ann, '/profile');
  expect(profile?.text).toMatch(
    /^Ann \(@ann\)\nHere since [^]*3 questions asked\n1 task completed\n0 groups managed/,
  );
});

describe('/stop and the buttons under answers', () => {
  it('stops the running answer, or says that there is none', async () => {
    expect(await bench.tell(ann, '/stop')).toEqual([]);
    expect(bench.answers.stops[0]).toMatchObject({ chatId: ann.person.id });
    bench.answers.stopOutcome = 'nothing';
    expect((await bench.tell(ann, '/stop'))[0]?.text).toMatch(/not answering anything/);
  });
});

describe('commands that are mistyped', () => {
  it.each([
    ['/taks', "I don't know /taks. Did you mean /tasks?"],
    ['/weather', "I don't know /weather. /help shows what I can do."],
    ['/skip', 'There is nothing to leave.'],
  ])('%s', async (typed, said) => {
    expect((await bench.tell(ann, typed))[0]?.text).toBe(said);
    expect(bench.answers.asked).toEqual([]);
  });
});

describe('what is no text', () => {
  it('is answered with what would help', async () => {
    await ann.upload(
      bench.playground.bot,
      { name: 'a.ogg', type: 'audio/ogg', bytes: Buffer.from('x') },
      { as: 'voice' },
    );
    await bench.drain();
    expect(bench.last(ann.person).text).toMatch(/voice messages/);
    await ann.upload(bench.playground.bot, {
      name: 'a.pdf',
      type: 'application/pdf',
      bytes: Buffer.from('x'),
    });
    await bench.drain();
    expect(bench.last(ann.person).text).toMatch(/cannot read files/);
    expect(bench.answers.asked).toEqual([]);
  });

  it('is a question when it is forwarded text, with its origin', async () => {
    const bob = bench.person('Bob');
    const group = bench.group('Team', [ann, bob]);
    const message = bob.send(group, 'The server is down');
    ann.forward(group, message, bench.playground.bot);
    await bench.drain();
    expect(bench.answers.last.text).toBe('Forwarded from Bob:\n\nThe server is down');
  });
});

it('answers a button that nobody knows any more', async () => {
  await bench.tell(ann, '/help');
  await bench.bot.bot.api.sendMessage(ann.person.id, 'From an earlier version', {
    reply_markup: { inline_keyboard: [[{ text: 'Old', callback_data: 'gone:1' }]] },
  });
  expect(await bench.press(ann, 'Old')).toMatchObject({ text: 'This button is out of date.' });
});

it('tells kindly when something fails, and logs where', async () => {
  bench.services.threads.list = () => Promise.reject(new Error('the database is away'));
  expect((await bench.tell(ann, '/chat'))[0]?.text).toBe(
    'Something went wrong on my side. Please try again.',
  );
});

it('sets the menus for each scope and language', async () => {
  await bench.bot.start();
  const menus = bench.playground.outbox
    .filter(({ method }) => method === 'setMyCommands')
    .map(({ payload }) => payload);
  expect(menus).toHaveLength(4);
  expect(JSON.stringify(menus)).toMatch(/Begin a new conversation[^]*Начать новый разговор/);
  expect(bench.playground.outbox.find(({ method }) => method === 'setChatMenuButton')).toBeDefined();
});
