// Starts a playground with a real grammY bot for one test, and ends both afterwards.
import { Bot } from 'grammy';
import { listenPlayground, Playground, type PlaygroundOptions } from './telegram.ts';

export const TOKEN = '4242:test-token';
const open: (() => Promise<void>)[] = [];

export async function startPlayground(options: Partial<PlaygroundOptions> = {}) {
  const playground = new Playground({ token: TOKEN, miniAppUrl: 'http://localhost:8080/app/', ...options });
  const server = await listenPlayground(playground, { port: 0 });
  const bot = new Bot(TOKEN, { client: { apiRoot: server.url } });
  bot.catch(() => {});
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await bot.stop().catch(() => {});
    await server.close();
  };
  open.push(close);
  const ann = playground.as(
    playground.addPerson({ first_name: 'Ann', username: 'ann', language_code: 'en' }),
  );
  const bob = playground.as(
    playground.addPerson({ first_name: 'Bob', username: 'bob', language_code: 'de' }),
  );
  return { playground, bot, ann, bob, url: server.url, close };
}

export async function closeAll(): Promise<void> {
  for (const close of open.splice(0)) await close();
}
