import { afterEach, expect, test } from 'vitest';
import { closeAll, startPlayground } from './testing.ts';

afterEach(closeAll);

test('a bot that polls answers a person', async () => {
  const { playground, bot, ann } = await startPlayground();
  bot.command('start', (ctx) => ctx.reply(`Hello ${ctx.from?.first_name}`));
  void bot.start();
  ann.send(playground.bot, '/start');
  const answer = await playground.waitFor(() => playground.messages(ann.person).at(1));
  expect(answer).toMatchObject({ text: 'Hello Ann', from: { id: playground.bot.id, is_bot: true } });
});
