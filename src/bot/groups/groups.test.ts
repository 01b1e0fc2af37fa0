import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#shared/database/database.ts';
import type { ActingPerson, Group } from '../../../playground/telegram.ts';
import { BotBench, buttonsOf, openBenchDatabase } from '../testing/bot-bench.ts';

let db: Database;
let bench: BotBench;
let ann: ActingPerson;
let bob: ActingPerson;

beforeAll(async () => {
  db = await openBenchDatabase();
});
beforeEach(async () => {
  await db.query(
    'truncate people, groups, group_members, threads, telegram_private_chats, telegram_conversations',
  );
  // Sees everything, so that silence is the bot's own doing.
  bench = await BotBench.open(db, { playground: { privacyMode: false } });
  ann = bench.person('Ann');
  bob = bench.person('Bob');
});
afterEach(() => bench.close());
afterAll(() => db.close());

const found = async (group: Group) => (await bench.services.groups.findByChat(group.id))!;

describe('in a group', () => {
  let group: Group;
  beforeEach(async () => {
    group = bench.group('Team', [ann, bob], { topics: ['News'] });
    await bench.drain();
  });

  async function say(text: string, options: Parameters<ActingPerson['send']>[2] = {}) {
    const message = ann.send(group, text, options);
    await bench.drain();
    return message;
  }

  it('answers a mention: reaction at once, in the topic, for its asker, without the mention', async () => {
    const message = await say('@concierge_bot, what is new?', { topic: 'News' });
    expect(bench.answers.last).toMatchObject({
      text: 'what is new?',
      chat: { id: group.id, kind: 'group', topicId: message.message_thread_id },
      replyTo: message.message_id,
      thread: { kind: 'group', groupId: (await found(group)).id, topicId: message.message_thread_id },
      caller: { displayName: 'Ann' },
    });
    await bench.playground.waitFor(() => bench.playground.reactions(group, message.message_id).length > 0);
    expect(bench.playground.reactions(group, message.message_id)).toMatchObject([
      { reaction: { emoji: '👀' } },
    ]);
  });

  it('answers even when the reaction is refused', async () => {
    bench.playground.faults.add({
      kind: 'bad_request',
      method: 'setMessageReaction',
      description: 'REACTION_INVALID',
    });
    await say('@concierge_bot hi');
    expect(bench.answers.last.text).toBe('hi');
  });

  it('answers a reply to what it said, and tells what a mention is about', async () => {
    await say('/help');
    await say('and more?', { replyTo: bench.last(group) });
    expect(bench.answers.last.text).toBe('and more?');
    const remark = bob.send(group, 'The build is red');
    await say('@concierge_bot why?', { replyTo: remark });
    expect(bench.answers.last.text).toBe('why?\n\nBob wrote:\nThe build is red');
  });

  it.each([
    ['plain text', 'Good morning everybody'],
    ['another bot’s command', '/run@other_bot expense_approval'],
    ['somebody else’s mention', '@bob are you there?'],
    ['an unknown command that names nobody', '/weather'],
  ])('says nothing to %s', async (_, text) => {
    const before = bench.playground.messages(group).length;
    await say(text);
    expect(bench.playground.messages(group)).toHaveLength(before + 1);
    expect(bench.answers.asked).toEqual([]);
  });

  it('suggests a command when it was named', async () => {
    await say('/taks@concierge_bot');
    expect(bench.last(group).text).toBe("I don't know /taks. Did you mean /tasks?");
  });

  it.each(['/tasks', '/settings', '/profile', '/chat', '/search secret'])(
    'leads from %s to the private chat',
    async (command) => {
      await say(command);
      const name = command.slice(1).split(' ')[0];
      expect(buttonsOf(bench.last(group))).toEqual([
        { text: 'Go to our private chat', url: `https://t.me/concierge_bot?start=${name}` },
      ]);
    },
  );

  it('asks for the question when it is only mentioned', async () => {
    await say('@concierge_bot');
    expect(bench.last(group).text).toMatch(/^Yes\?/);
  });

  it('stops only the asker’s answer in this topic, unless an admin asks', async () => {
    bench.answers.stopOutcome = 'not_yours';
    bob.send(group, '/stop', { topic: 'News' });
    await bench.drain();
    expect(bench.last(group).text).toMatch(/Only whoever asked/);
    const [stop] = bench.answers.stops;
    expect(stop).toMatchObject({ chatId: group.id, topicId: bench.playground.groups[0]?.topics[0]?.id });
    expect(await stop?.mayStop?.()).toBe(false);
    await say('/stop');
    expect(await bench.answers.stops[1]?.mayStop?.(), 'Ann made the group').toBe(true);
  });

  it('does not mistake the group’s anonymous admin for a person', async () => {
    const people = await db.query('select id from people');
    const update = {
      update_id: 777_777,
      message: {
        message_id: 1,
        date: 0,
        text: '@concierge_bot hi',
        entities: [{ type: 'mention', offset: 0, length: 14 }],
        from: { id: 1087968824, is_bot: true, first_name: 'Group' },
        sender_chat: { id: group.id, type: 'supergroup', title: 'Team' },
        chat: { id: group.id, type: 'supergroup', title: 'Team' },
      },
    };
    await bench.bot.bot.handleUpdate(update as Parameters<typeof bench.bot.bot.handleUpdate>[0]);
    expect(bench.answers.asked).toEqual([]);
    expect(await db.query('select id from people')).toHaveLength(people.length);
  });

  it('knows who is in it, with their role, and who has left', async () => {
    await say('Good morning');
    bob.send(group, 'Morning');
    await bench.drain();
    const { id } = await found(group);
    const caller = await bench.callerOf(bob);
    expect(await bench.services.groups.isMember(id, caller.personId)).toBe(true);
    expect(await db.query("select 1 from group_members where role = 'admin'")).toHaveLength(1);
    bob.leave(group);
    await bench.drain();
    expect(await db.query('select 1 from group_members where person_id = $1', [caller.personId])).toEqual([]);
    bob.join(group);
    await bench.drain();
    expect(
      await db.query('select 1 from group_members where person_id = $1', [caller.personId]),
    ).toHaveLength(1);
  });

  it('asks Telegram about somebody who has said nothing there yet', async () => {
    await say('Good morning');
    const { id } = await found(group);
    const { personId } = await bench.callerOf(bob);
    expect(await bench.services.groups.isMember(id, personId)).toBe(true);
    const stranger = await bench.callerOf(bench.person('Eve'));
    expect(await bench.services.groups.isMember(id, stranger.personId)).toBe(false);
  });

  it('keeps everything when it becomes a supergroup', async () => {
    const before = await found(group);
    const id = bench.playground.migrate(group);
    await bench.drain();
    ann.send(id, '@concierge_bot still here?');
    await bench.drain();
    expect(await bench.services.groups.findByChat(id)).toMatchObject({ id: before.id });
    expect(bench.answers.last).toMatchObject({ chat: { id }, thread: { groupId: before.id } });
  });

  it('is quiet for ever once the bot was removed, also with its last service message', async () => {
    ann.removeBot(group);
    await bench.drain();
    expect(await found(group)).toMatchObject({ active: false });
    ann.addBot(group);
    await bench.drain();
    expect(await found(group)).toMatchObject({ active: true });
  });
});

describe('being added to a group', () => {
  it('tells the adder privately what works, and the group nothing', async () => {
    await bench.close();
    bench = await BotBench.open(db);
    ann = bench.person('Ann');
    await bench.tell(ann, '/start');
    const group = bench.group('Team', [ann]);
    await bench.drain();
    expect(bench.last(ann.person).text).toMatch(/“Team”[^]*What works[^]*@concierge_bot[^]*privacy mode/);
    expect(bench.playground.messages(group).filter(({ from }) => from?.is_bot)).toEqual([]);
  });

  it('does not tell somebody who never started it', async () => {
    bench.group('Team', [ann]);
    await bench.drain();
    expect(bench.playground.refused).toEqual([]);
    expect(bench.playground.outbox.filter(({ method }) => method === 'sendMessage')).toEqual([]);
  });
});

it('remembers who blocked it', async () => {
  await bench.tell(ann, '/start');
  ann.block();
  await bench.drain();
  expect(await db.query('select reachable from telegram_private_chats')).toEqual([{ reachable: false }]);
  ann.unblock();
  await bench.drain();
  expect(await db.query('select reachable from telegram_private_chats')).toEqual([{ reachable: true }]);
});
