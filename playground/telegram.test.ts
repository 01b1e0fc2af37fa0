import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bot, GrammyError, HttpError, InlineKeyboard } from 'grammy';
import { afterEach, expect, test } from 'vitest';
import { closeAll, startPlayground } from './testing.ts';

afterEach(closeAll);

/** Resolves with Telegram's words for a refused call. */
async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof GrammyError) return `${error.error_code} ${error.description}`;
    throw error;
  }
  return 'accepted';
}

const run = (bot: Bot) => void bot.start();

test('a bot that polls answers a person', async () => {
  const { playground, bot, ann } = await startPlayground();
  bot.command('start', (ctx) => ctx.reply(`Hello ${ctx.from?.first_name}`));
  run(bot);
  ann.send(playground.bot, '/start');
  const answer = await playground.waitFor(() => playground.messages(ann.person).at(1));
  expect(answer).toMatchObject({ text: 'Hello Ann', from: { id: playground.bot.id, is_bot: true } });
  expect(playground.outbox.at(-1)).toMatchObject({ method: 'sendMessage', payload: { text: 'Hello Ann' } });
});

test('updates stay until an offset confirms them', async () => {
  const { playground, bot, ann } = await startPlayground();
  ann.send(playground.bot, 'one');
  ann.send(playground.bot, 'two');
  const first = await bot.api.getUpdates({ timeout: 0 });
  const again = await bot.api.getUpdates({ timeout: 0 });
  expect(again.map((update) => update.update_id)).toEqual(first.map((update) => update.update_id));
  expect(first[1]?.update_id).toBe((first[0]?.update_id ?? 0) + 1);
  const rest = await bot.api.getUpdates({ offset: first[1]?.update_id ?? 0, timeout: 0 });
  expect(rest.map((update) => update.message?.text)).toEqual(['two']);
});

test('a long poll waits for the next message', async () => {
  const { playground, bot, ann } = await startPlayground();
  const polled = bot.api.getUpdates({ timeout: 20 });
  setTimeout(() => ann.send(playground.bot, 'now'), 50);
  expect((await polled).map((update) => update.message?.text)).toEqual(['now']);
});

test('a second poller ends the first with a conflict', async () => {
  const { bot } = await startPlayground();
  const first = refusal(bot.api.getUpdates({ timeout: 20 }));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const second = bot.api.getUpdates({ timeout: 0 });
  expect(await first).toBe(
    '409 Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
  );
  expect(await second).toEqual([]);
});

test('reactions reach only bots that asked for them', async () => {
  const { playground, bot, ann } = await startPlayground();
  const sent = ann.send(playground.bot, 'hi');
  ann.react(playground.bot, sent, '👍');
  expect(playground.pendingUpdates.map((update) => Object.keys(update)[1])).toEqual(['message']);
  await bot.api.getUpdates({ timeout: 0, allowed_updates: ['message', 'message_reaction'] });
  ann.react(playground.bot, sent, '🔥');
  expect(playground.pendingUpdates.at(-1)?.message_reaction).toMatchObject({
    old_reaction: [{ type: 'emoji', emoji: '👍' }],
    new_reaction: [{ type: 'emoji', emoji: '🔥' }],
  });
});

test('a wrong token, an unknown method and a malformed token are told apart', async () => {
  const { url } = await startPlayground();
  const ask = async (path: string) =>
    ((await (await fetch(url + path)).json()) as { description: string }).description;
  expect(await ask('/bot4242:wrong/getMe')).toBe('Unauthorized');
  expect(await ask('/botnonsense/getMe')).toBe('Not Found');
  expect(await ask('/bot4242:test-token/sendPigeon')).toBe('Not Found: method not found');
  expect((await fetch(`${url}/bot4242:test-token/GETME`)).status).toBe(200);
});

test('parameters are taken as JSON, as a form and as multipart', async () => {
  const { playground, ann, url } = await startPlayground();
  ann.send(playground.bot, 'hi');
  const chat = String(ann.person.id);
  const entities = JSON.stringify([{ type: 'bold', offset: 0, length: 4 }]);
  const form = new FormData();
  form.set('chat_id', chat);
  form.set('text', 'form');
  form.set('entities', entities);
  await fetch(`${url}/bot4242:test-token/sendMessage`, { method: 'POST', body: form });
  const query = new URLSearchParams({ chat_id: chat, text: 'urlencoded' });
  await fetch(`${url}/bot4242:test-token/sendMessage`, { method: 'POST', body: query });
  await fetch(
    `${url}/bot4242:test-token/sendMessage?${new URLSearchParams({ chat_id: chat, text: 'query' }).toString()}`,
  );
  const [, first, ...others] = playground.messages(ann.person);
  expect(first).toMatchObject({ text: 'form', entities: [{ type: 'bold', offset: 0, length: 4 }] });
  expect(others.map((message) => message.text)).toEqual(['urlencoded', 'query']);
});

test('texts are refused in the words of Telegram', async () => {
  const { playground, bot, ann } = await startPlayground();
  ann.send(playground.bot, 'hi');
  const chat = ann.person.id;
  const say = (text: string, other = {}) => refusal(bot.api.sendMessage(chat, text, other));
  expect(await say('')).toBe('400 Bad Request: message text is empty');
  expect(await say(' \n ')).toBe('400 Bad Request: message text is empty');
  expect(await say('😀'.repeat(2049))).toBe('400 Bad Request: message is too long');
  expect(await say('😀'.repeat(2048))).toBe('accepted');
  expect(await say(`<b>${'x'.repeat(4096)}</b>`, { parse_mode: 'HTML' })).toBe('accepted');
  expect(await say('hi', { entities: [{ type: 'bold', offset: 0, length: 3 }] })).toContain(
    'ends after the end of the text',
  );
  expect(await say('😀!', { entities: [{ type: 'bold', offset: 1, length: 1 }] })).toContain(
    'begins in a middle of a UTF-16 symbol',
  );
  expect(await say('😀!', { entities: [{ type: 'bold', offset: 0, length: 1 }] })).toContain(
    'ends in a middle of a UTF-16 symbol',
  );
  expect(await say('a.b', { parse_mode: 'MarkdownV2' })).toBe(
    "400 Bad Request: can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
  );
  expect(await say('<b>x', { parse_mode: 'HTML' })).toBe(
    '400 Bad Request: can\'t parse entities: Can\'t find end tag corresponding to start tag "b"',
  );
  expect(await say('hi', { message_thread_id: 99 })).toBe('400 Bad Request: message thread not found');
  expect(await say('hi', { reply_parameters: { message_id: 999 } })).toBe(
    '400 Bad Request: message to be replied not found',
  );
  expect(await refusal(bot.api.sendMessage(123, 'hi'))).toBe('400 Bad Request: chat not found');
});

test('keyboards are refused in the words of Telegram', async () => {
  const { playground, bot, ann, bob } = await startPlayground();
  ann.send(playground.bot, 'hi');
  const group = playground.addGroup({ title: 'Team', members: [ann.person, bob.person] });
  const send = (chat: number, keyboard: InlineKeyboard) =>
    refusal(bot.api.sendMessage(chat, 'x', { reply_markup: keyboard }));
  expect(await send(ann.person.id, new InlineKeyboard().text('x', 'd'.repeat(64)))).toBe('accepted');
  expect(await send(ann.person.id, new InlineKeyboard().text('x', 'ä'.repeat(33)))).toBe(
    '400 Bad Request: BUTTON_DATA_INVALID',
  );
  const webApp = new InlineKeyboard().webApp('Open', 'https://example.org/app');
  expect(await send(ann.person.id, webApp)).toBe('accepted');
  expect(await send(group.id, webApp)).toBe('400 Bad Request: BUTTON_TYPE_INVALID');
});

test('edits of the same text, of lost messages and of others are refused', async () => {
  const { playground, bot, ann } = await startPlayground();
  const theirs = ann.send(playground.bot, 'hi');
  const chat = ann.person.id;
  const mine = await bot.api.sendMessage(chat, 'one', { reply_markup: new InlineKeyboard().text('x', 'x') });
  const edit = (id: number, text: string) => refusal(bot.api.editMessageText(chat, id, text));
  expect(await edit(mine.message_id, 'two')).toBe('accepted');
  expect(playground.messages(chat).at(-1)?.reply_markup).toBeUndefined();
  expect(await edit(mine.message_id, ' two ')).toContain('message is not modified');
  expect(await edit(999, 'x')).toBe('400 Bad Request: message to edit not found');
  expect(await edit(theirs.message_id, 'x')).toBe("400 Bad Request: message can't be edited");
  await bot.api.deleteMessage(chat, mine.message_id);
  expect(await refusal(bot.api.deleteMessage(chat, mine.message_id))).toBe(
    '400 Bad Request: message to delete not found',
  );
});

test('a press is answered once and not too late', async () => {
  const { playground, bot, ann } = await startPlayground({ queryLifeMs: 150 });
  ann.send(playground.bot, 'hi');
  const asked = await bot.api.sendMessage(ann.person.id, 'Sure?', {
    reply_markup: new InlineKeyboard().text('Yes', 'y'),
  });
  const press = ann.press(asked, 'Yes');
  expect(playground.pendingUpdates.at(-1)?.callback_query).toMatchObject({ id: press.queryId, data: 'y' });
  await bot.api.answerCallbackQuery(press.queryId, { text: 'Done', show_alert: true });
  expect(await press.answer()).toEqual({ text: 'Done', alert: true, url: '' });
  const tooOld = '400 Bad Request: query is too old and response timeout expired or query ID is invalid';
  expect(await refusal(bot.api.answerCallbackQuery(press.queryId))).toBe(tooOld);
  const late = ann.press(asked, 'y');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await refusal(bot.api.answerCallbackQuery(late.queryId))).toBe(tooOld);
  expect(() => ann.press(asked, 'No')).toThrow('there are: Yes');
});

test('a draft lives in private chats until it dies or a message comes', async () => {
  const { playground, bot, ann, bob } = await startPlayground({ draftLifeMs: 120 });
  ann.send(playground.bot, 'hi');
  const group = playground.addGroup({ title: 'Team', members: [ann.person, bob.person] });
  const chat = ann.person.id;
  const draft = (to: number, text: string, draft_id = 7) =>
    bot.api.raw.sendMessageDraft({ chat_id: to, draft_id, text });
  expect(await refusal(draft(group.id, 'x'))).toBe('400 Bad Request: TEXTDRAFT_PEER_INVALID');
  expect(await refusal(draft(chat, 'x', 0))).toContain('400 Bad Request');
  expect(await refusal(draft(chat, 'x'.repeat(4097)))).toBe('400 Bad Request: message is too long');
  await draft(chat, '');
  expect(playground.draft(chat)?.text).toBe('');
  await draft(chat, 'Hel');
  await bot.api.sendMessage(chat, 'Hello');
  expect(playground.draft(chat)).toBeUndefined();
  await draft(chat, 'Again');
  await playground.waitFor(() => playground.draft(chat) === undefined);
  expect(playground.messages(chat).map((message) => message.text)).toEqual(['hi', 'Hello']);
});

test('Stop tells the bot and hides later revisions', async () => {
  const { playground, bot, ann } = await startPlayground();
  ann.send(playground.bot, 'hi');
  const send = (text: string) =>
    bot.api.raw.sendMessageDraft({ chat_id: ann.person.id, draft_id: 5, text, can_stop: true });
  expect(ann.stop()).toBe(false);
  await send('Once upon');
  expect(ann.stop()).toBe(true);
  expect(playground.pendingUpdates.at(-1)?.stopped_message_generation).toMatchObject({
    chat: { id: ann.person.id },
    draft_id: 5,
  });
  await send('Once upon a time');
  expect(playground.draft(ann.person)).toBeUndefined();
});

test('people who never wrote, or who blocked the bot, are out of its reach', async () => {
  const { playground, bot, ann, bob } = await startPlayground();
  expect(await refusal(bot.api.sendMessage(ann.person.id, 'x'))).toBe('400 Bad Request: chat not found');
  playground.addGroup({ title: 'Team', members: [ann.person, bob.person] });
  expect(await refusal(bot.api.sendMessage(ann.person.id, 'x'))).toBe(
    "403 Forbidden: bot can't initiate conversation with a user",
  );
  ann.send(playground.bot, '/start');
  ann.block();
  expect(await refusal(bot.api.sendMessage(ann.person.id, 'x'))).toBe(
    '403 Forbidden: bot was blocked by the user',
  );
  expect(playground.pendingUpdates.at(-1)?.my_chat_member?.new_chat_member.status).toBe('kicked');
  ann.unblock();
  expect(await refusal(bot.api.sendMessage(ann.person.id, 'x'))).toBe('accepted');
});

test('commands and the menu are kept by scope and language', async () => {
  const { bot } = await startPlayground();
  const commands = [{ command: 'start', description: 'Begin' }];
  await bot.api.setMyCommands(commands, { scope: { type: 'all_private_chats' }, language_code: 'de' });
  expect(await bot.api.getMyCommands()).toEqual([]);
  expect(await bot.api.getMyCommands({ scope: { type: 'all_private_chats' }, language_code: 'de' })).toEqual(
    commands,
  );
  expect(await refusal(bot.api.setMyCommands([{ command: 'Not OK', description: 'x' }]))).toBe(
    '400 Bad Request: BOT_COMMAND_INVALID',
  );
  const web_app = { url: 'http://localhost:8080/app/' };
  await bot.api.setChatMenuButton({ menu_button: { type: 'web_app', text: 'Open', web_app } });
  expect(await bot.api.getChatMenuButton()).toEqual({ type: 'web_app', text: 'Open', web_app });
});

test('files go both ways', async () => {
  const { playground, bot, ann, url } = await startPlayground();
  const { InputFile } = await import('grammy');
  const bytes = new TextEncoder().encode('a,b\n1,2\n');
  const given = await ann.upload(
    playground.bot,
    { name: 'table.csv', type: 'text/csv', bytes },
    { caption: 'Look' },
  );
  const file = await bot.api.getFile(given.document?.file_id ?? '');
  const read = await fetch(`${url}/file/bot4242:test-token/${file.file_path}`);
  expect(await read.text()).toBe('a,b\n1,2\n');
  const sent = await bot.api.sendDocument(ann.person.id, new InputFile(bytes, 'out.csv'), {
    caption: 'Here',
  });
  expect(sent).toMatchObject({ caption: 'Here', document: { file_name: 'out.csv', file_size: 8 } });
  const again = await bot.api.sendDocument(ann.person.id, sent.document.file_id);
  expect(again.document.file_name).toBe('out.csv');
  expect(await refusal(bot.api.sendDocument(ann.person.id, 'https://example.org/x.pdf'))).toContain(
    'failed to get HTTP URL content',
  );
});

test('messages are forwarded with their origin and copied without it', async () => {
  const { playground, bot, ann, bob } = await startPlayground();
  const said = ann.send(playground.bot, 'Meet at *nine*');
  bob.send(playground.bot, 'hi');
  const forwarded = await bot.api.forwardMessage(bob.person.id, ann.person.id, said.message_id);
  expect(forwarded).toMatchObject({
    text: 'Meet at *nine*',
    forward_origin: { type: 'user', sender_user: { first_name: 'Ann' } },
  });
  await bot.api.copyMessage(bob.person.id, ann.person.id, said.message_id);
  const copied = playground.messages(bob.person).at(-1);
  expect(copied?.text).toBe('Meet at *nine*');
  expect(copied?.forward_origin).toBeUndefined();
  bob.forward(playground.bot, forwarded, playground.bot);
  expect(playground.pendingUpdates.at(-1)?.message?.forward_origin).toMatchObject({
    sender_user: { first_name: 'Ann' },
  });
});

test('an edit by a person reaches the bot, and the update it had before stays as it was', async () => {
  const { playground, ann } = await startPlayground();
  const said = ann.send(playground.bot, 'frist');
  ann.edit(playground.bot, said, 'first');
  expect(playground.pendingUpdates[0]?.message?.text).toBe('frist');
  expect(playground.pendingUpdates[1]?.edited_message).toMatchObject({
    text: 'first',
    message_id: said.message_id,
  });
  expect(playground.messages(ann.person).map((message) => message.text)).toEqual(['first']);
});

test('faults strike the calls they are meant for', async () => {
  const { playground, bot, ann } = await startPlayground();
  ann.send(playground.bot, 'hi');
  const chat = ann.person.id;
  const send = (text: string) => refusal(bot.api.sendMessage(chat, text));
  playground.faults.add({ kind: 'too_many_requests', method: 'sendMessage', retryAfter: 7 });
  await bot.api.getMe();
  await expect(bot.api.sendMessage(chat, 'a')).rejects.toMatchObject({
    error_code: 429,
    parameters: { retry_after: 7 },
  });
  expect(await send('b')).toBe('accepted');
  playground.faults.add({ kind: 'server_error', chat });
  expect(await send('c')).toBe('500 Internal Server Error');
  playground.faults.add({ kind: 'blocked', times: 2 });
  expect(await send('d')).toBe('403 Forbidden: bot was blocked by the user');
  expect(await send('e')).toBe('403 Forbidden: bot was blocked by the user');
  playground.faults.add({ kind: 'lost_answer' });
  await expect(bot.api.sendMessage(chat, 'lost')).rejects.toBeInstanceOf(HttpError);
  playground.faults.add({ kind: 'disconnect' });
  await expect(bot.api.sendMessage(chat, 'never')).rejects.toBeInstanceOf(HttpError);
  expect(playground.messages(chat).map((message) => message.text)).toEqual(['hi', 'b', 'lost']);
  expect(playground.outbox.at(-1)).toMatchObject({ answerLost: true });
  expect(playground.refused.map((call) => call.code)).toEqual([429, 500, 403, 403]);
});

test('a group takes twenty messages and twenty edits a minute', async () => {
  const { playground, bot, ann } = await startPlayground();
  const group = playground.addGroup({ title: 'Team', members: [ann.person] });
  let last = 0;
  for (let n = 0; n < 20; n += 1) last = (await bot.api.sendMessage(group.id, `m${n}`)).message_id;
  expect(await refusal(bot.api.sendMessage(group.id, 'one more'))).toMatch(
    /^429 Too Many Requests: retry after \d+$/u,
  );
  expect(await refusal(bot.api.editMessageText(group.id, last, 'edited'))).toBe('accepted');
  expect(playground.counters()).toMatchObject([
    { chat: group.id, messagesLastMinute: 20, editsLastMinute: 1 },
  ]);
});

test('everything but drafts outlives a restart, and ids go on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'playground-'));
  try {
    const stateFile = join(folder, 'state.json');
    const first = await startPlayground({ stateFile });
    first.ann.send(first.playground.bot, 'before');
    const bytes = new Uint8Array([1, 2, 3]);
    const upload = await first.ann.upload(first.playground.bot, { name: 'a.bin', type: '', bytes });
    const group = first.playground.addGroup({ title: 'Team', topics: ['One'], members: [first.ann.person] });
    await first.bot.api.sendMessage(first.ann.person.id, 'kept');
    const lastUpdate = first.playground.pendingUpdates.at(-1)?.update_id ?? 0;
    await first.close();

    const { playground, bot, ann, url } = await startPlayground({ stateFile });
    expect(ann.person.id).toBe(first.ann.person.id);
    expect(playground.addGroup({ title: 'Team', topics: ['One'], members: [ann.person] }).id).toBe(group.id);
    expect(playground.messages(ann.person).map((message) => message.text)).toEqual([
      'before',
      undefined,
      'kept',
    ]);
    expect(ann.send(playground.bot, 'after').message_id).toBe(4);
    expect(playground.pendingUpdates.at(-1)?.update_id).toBe(lastUpdate + 1);
    const file = await bot.api.getFile(upload.document?.file_id ?? '');
    const read = await fetch(`${url}/file/bot4242:test-token/${file.file_path}`);
    expect(new Uint8Array(await read.arrayBuffer())).toEqual(bytes);
  } finally {
    await closeAll();
    await rm(folder, { recursive: true });
  }
});

test('after a crash no id is given twice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'playground-'));
  try {
    const stateFile = join(folder, 'state.json');
    const first = await startPlayground({ stateFile });
    first.ann.send(first.playground.bot, 'written');
    await first.playground.flush();
    // The process dies before these are written: what is on disk is all that the next one knows.
    const lost = first.ann.send(first.playground.bot, 'lost');
    const lostUpdate = first.playground.pendingUpdates.at(-1)?.update_id ?? 0;
    const crashed = join(folder, 'crashed.json');
    await copyFile(stateFile, crashed);
    const { playground, ann } = await startPlayground({ stateFile: crashed });
    expect(ann.send(playground.bot, 'new').message_id).toBeGreaterThan(lost.message_id);
    expect(playground.pendingUpdates.at(-1)?.update_id).toBeGreaterThan(lostUpdate);
  } finally {
    await closeAll();
    await rm(folder, { recursive: true });
  }
});

test('waiting in vain tells what the bot did last', async () => {
  const { playground, bot, ann } = await startPlayground();
  ann.send(playground.bot, 'hi');
  await bot.api.sendMessage(ann.person.id, 'something else');
  await expect(
    playground.waitFor(() => playground.messages(ann.person).length > 9, { timeoutMs: 50 }),
  ).rejects.toThrow(/Nothing came within 50 ms[^]*something else/u);
});
