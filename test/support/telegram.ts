// A Telegram of the test's own with Ann and Bob in it. It lives in the test's process: the app can be killed and
// started again beside it, and what it sent is there to be counted.
import type { Message } from 'grammy/types';
import type { ActingPerson } from '../../playground/acting-person.ts';
import { listenPlayground, Playground, type PlaygroundOptions } from '../../playground/telegram.ts';

export const botToken = `987654321:${'made-up-by-a-test-'.repeat(2)}`;

export interface Telegram {
  playground: Playground;
  url: string;
  port: number;
  ann: ActingPerson;
  bob: ActingPerson;
  /** Environment of an app that is the bot here. */
  environment: Record<string, string>;
  /** Texts of the private chat in order, each with who wrote it. */
  chatOf(person: ActingPerson): string[];
  /** The newest message in a chat that has this text, now or later. */
  message(chat: { id: number }, text: string | RegExp, timeoutMs?: number): Promise<Message>;
  close(): Promise<void>;
}

export async function startTelegram(
  options: Partial<PlaygroundOptions> & { port?: number } = {},
): Promise<Telegram> {
  const { port = 0, ...rest } = options;
  const playground = new Playground({ token: botToken, miniAppUrl: 'http://localhost/app/', ...rest });
  const server = await listenPlayground(playground, { port });
  const person = (first_name: string, username: string) =>
    playground.as(playground.addPerson({ first_name, username, language_code: 'en' }));
  const find = (chat: { id: number }, text: string | RegExp) =>
    playground.messages(chat).findLast((message) => {
      const own = message.text ?? '';
      return typeof text === 'string' ? own.includes(text) : text.test(own);
    });
  return {
    playground,
    url: server.url,
    port: server.port,
    ann: person('Ann', 'ann'),
    bob: person('Bob', 'bob'),
    environment: { BOT_TOKEN: botToken, BOT_API_ROOT: server.url },
    chatOf: ({ person: { id } }) =>
      playground
        .messages(id)
        .map(({ from, text }) => `${from?.is_bot === true ? 'bot' : 'person'}: ${text ?? ''}`),
    message: (chat, text, timeoutMs = 20_000) => playground.waitFor(() => find(chat, text), { timeoutMs }),
    close: () => server.close(),
  };
}
