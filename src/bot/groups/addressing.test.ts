import type { Message } from 'grammy/types';
import { expect, test } from 'vitest';
import { addressingOf } from './addressing.ts';

const me = { id: 42, username: 'concierge_bot' };
const base = { message_id: 1, date: 0, chat: { id: -1, type: 'group', title: 'G' } };
const message = (fields: object) => ({ ...base, ...fields }) as object as Message;

function mention(text: string, username = '@concierge_bot') {
  const offset = text.indexOf(username);
  return message({ text, entities: [{ type: 'mention', offset, length: username.length }] });
}

function command(text: string) {
  const length = text.split(' ')[0]?.length ?? 0;
  return message({ text, entities: [{ type: 'bot_command', offset: 0, length }] });
}

test.each([
  [
    'a mention in front',
    mention('@concierge_bot, what is new?'),
    { by: 'mention', question: 'what is new?' },
  ],
  [
    'a mention inside',
    mention('Hey @concierge_bot what is new?'),
    { by: 'mention', question: 'Hey what is new?' },
  ],
  [
    'a mention in other case',
    mention('@Concierge_Bot hi', '@Concierge_Bot'),
    { by: 'mention', question: 'hi' },
  ],
  ['somebody else’s mention', mention('@ann hi', '@ann'), { by: 'nobody' }],
  [
    'a mention by name',
    message({
      text: 'Concierge hi',
      entities: [{ type: 'text_mention', offset: 0, length: 9, user: { id: 42 } }],
    }),
    { by: 'mention', question: 'hi' },
  ],
  [
    'a reply to it',
    message({ text: 'and now?', reply_to_message: { from: { id: 42 } } }),
    { by: 'reply', question: 'and now?' },
  ],
  [
    'a reply to somebody else',
    message({ text: 'and now?', reply_to_message: { from: { id: 7 } } }),
    { by: 'nobody' },
  ],
  [
    'a message in a topic that the bot made',
    message({ text: 'hi all', reply_to_message: { from: { id: 42 }, forum_topic_created: { name: 'T' } } }),
    { by: 'nobody' },
  ],
  ['a command', command('/run expense_approval'), { by: 'command', name: 'run', args: 'expense_approval' }],
  ['its own command', command('/run@concierge_bot now'), { by: 'command', name: 'run', args: 'now' }],
  ['another bot’s command', command('/run@other_bot now'), { by: 'other_bot' }],
  ['plain text', message({ text: 'hello everybody' }), { by: 'nobody' }],
])('%s', (_, given, expected) => {
  expect(addressingOf(given, me)).toEqual(expected);
});
