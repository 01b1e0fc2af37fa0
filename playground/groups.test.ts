import { GrammyError } from 'grammy';
import { afterEach, expect, test } from 'vitest';
import { closeAll, startPlayground } from './testing.ts';

afterEach(closeAll);

async function startGroup(options: { topics?: string[]; botIsAdmin?: boolean } = {}) {
  const started = await startPlayground();
  const members = [started.ann.person, started.bob.person];
  const group = started.playground.addGroup({ title: 'Harbour', members, ...options });
  const seen = () => started.playground.pendingUpdates.flatMap((update) => update.message?.text ?? []);
  return { ...started, group, seen };
}

test('the bot learns that it was added, with a service message', async () => {
  const { playground, group } = await startGroup();
  expect(playground.pendingUpdates.map((update) => update.my_chat_member?.new_chat_member.status)).toEqual([
    'member',
    undefined,
  ]);
  expect(playground.pendingUpdates[1]?.message?.new_chat_members?.[0]?.id).toBe(playground.bot.id);
  expect(group.id).toBeLessThan(-1_000_000_000_000);
});

test('in privacy mode the bot sees what is meant for it', async () => {
  const { playground, bot, ann, bob, group, seen } = await startGroup();
  ann.send(group, 'Lunch?');
  ann.send(group, '/tasks');
  ann.send(group, '/tasks@other_bot');
  ann.send(group, '/tasks@concierge_bot');
  const question = ann.send(group, 'Hey @concierge_bot, when?');
  const answer = await bot.api.sendMessage(group.id, 'Thursday', {
    reply_parameters: { message_id: question.message_id },
  });
  bob.send(group, 'Really?', { replyTo: answer });
  bob.send(group, 'Fine', { replyTo: question });
  expect(seen()).toEqual(['/tasks', '/tasks@concierge_bot', 'Hey @concierge_bot, when?', 'Really?']);
  expect(
    playground
      .messages(group)
      .map((message) => message.text)
      .filter(Boolean),
  ).toHaveLength(8);
});

test('an administrator sees everything', async () => {
  const { ann, group, seen } = await startGroup();
  ann.promoteBot(group);
  ann.send(group, 'Lunch?');
  expect(seen()).toEqual(['Lunch?']);
});

test('messages of a topic carry it and reply to its first message', async () => {
  const { playground, bot, ann, group } = await startGroup({ topics: ['Deliveries'], botIsAdmin: true });
  const topic = group.topics[0]?.id ?? 0;
  const inside = ann.send(group, 'When?', { topic: 'Deliveries' });
  expect(inside).toMatchObject({
    message_thread_id: topic,
    is_topic_message: true,
    chat: { is_forum: true },
  });
  expect(inside.reply_to_message?.forum_topic_created?.name).toBe('Deliveries');
  await bot.api.sendMessage(group.id, 'Thursday', { message_thread_id: topic });
  await bot.api.sendMessage(group.id, 'In General');
  expect(playground.messages(group, topic).map((message) => message.text)).toEqual([
    undefined,
    'When?',
    'Thursday',
  ]);
  expect(playground.messages(group, 1).at(-1)?.text).toBe('In General');
  await expect(bot.api.sendMessage(group.id, 'x', { message_thread_id: 1 })).rejects.toThrow(
    'message thread not found',
  );
  const made = await bot.api.createForumTopic(group.id, 'Invoices');
  await bot.api.sendMessage(group.id, 'First', { message_thread_id: made.message_thread_id });
});

test('members are told by status, and a removed bot is locked out', async () => {
  const { playground, bot, ann, bob, group } = await startGroup();
  expect((await bot.api.getChatMember(group.id, ann.person.id)).status).toBe('creator');
  expect((await bot.api.getChatMember(group.id, bob.person.id)).status).toBe('member');
  expect(await bot.api.getChatMemberCount(group.id)).toBe(3);
  const admins = await bot.api.getChatAdministrators(group.id);
  expect(admins.map((member) => member.user.first_name)).toEqual(['Ann']);
  bob.leave(group);
  expect((await bot.api.getChatMember(group.id, bob.person.id)).status).toBe('left');
  ann.removeBot(group);
  expect(
    playground.pendingUpdates.some((update) => update.my_chat_member?.new_chat_member.status === 'kicked'),
  ).toBe(true);
  await expect(bot.api.sendMessage(group.id, 'x')).rejects.toThrow(
    '403: Forbidden: bot was kicked from the supergroup chat',
  );
});

test('an upgraded group goes on under a new id, and the old one names it', async () => {
  const { playground, bot, ann, group } = await startGroup();
  const old = group.id;
  playground.faults.add({ kind: 'migrate', chat: old });
  const refused = await bot.api.sendMessage(old, 'x').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(GrammyError);
  expect(refused).toMatchObject({ error_code: 400, parameters: { migrate_to_chat_id: group.id } });
  expect(group.id).not.toBe(old);
  expect(playground.pendingUpdates.flatMap((update) => update.message?.migrate_to_chat_id ?? [])).toEqual([
    group.id,
  ]);
  await bot.api.sendMessage(group.id, 'x');
  ann.send(group, 'still here');
  expect(playground.messages(group).at(-1)?.text).toBe('still here');
  await expect(bot.api.sendMessage(old, 'x')).rejects.toThrow('group chat was upgraded to a supergroup chat');
});

test('the bot deletes messages of others only as an administrator', async () => {
  const { bot, ann, group } = await startGroup();
  const spam = ann.send(group, 'spam');
  await expect(bot.api.deleteMessage(group.id, spam.message_id)).rejects.toThrow("message can't be deleted");
  ann.promoteBot(group);
  await bot.api.deleteMessage(group.id, spam.message_id);
});
