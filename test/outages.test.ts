// Other systems fail while the product runs: people get a kind sentence, the rest works, and it comes back by itself.
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type App, startApp, temporaryFolder } from './support/app.ts';
import { ChatSocket } from './support/chat-socket.ts';
import { type FaultWorld, startFaultWorld } from './support/fault-world.ts';
import { freePort } from './support/services/free-port.ts';
import { freshStorage } from './support/storage.ts';
import { botToken, startTelegram, type Telegram } from './support/telegram.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of closing.splice(0).toReversed()) await end();
});

const unavailable = 'A service that I need is not answering. Please try again in a minute.';

async function open(environment: Record<string, string> = {}): Promise<FaultWorld> {
  const world = await startFaultWorld({ environment });
  closing.push(() => world.close());
  return world;
}

/** An app alone, beside a Telegram that may not be there. */
async function startAlone(environment: Record<string, string>): Promise<App> {
  const folder = await temporaryFolder();
  closing.push(() => folder.remove());
  const storage = await freshStorage();
  closing.push(() => storage.remove());
  const app = await startApp({
    dataDir: folder.path,
    environment: { ...storage.environment, ...environment },
  });
  closing.push(() => app.kill());
  return app;
}

async function telegramOn(port: number, options: { stateFile?: string } = {}): Promise<Telegram> {
  const telegram = await startTelegram({ port, ...options });
  closing.push(() => telegram.close());
  return telegram;
}

async function healthIs(app: App, expected: { status: string; dependencies: object }): Promise<void> {
  await vi.waitFor(
    async () => expect(await (await fetch(`${app.url}/health`)).json()).toMatchObject(expected),
    { timeout: 60_000, interval: 100 },
  );
}

describe('Telegram', () => {
  it('refuses the token: everything else works, and the log says what to change without the token', async () => {
    const telegram = await telegramOn(0);
    const wrong = '123456789:AAThisTokenWasRevokedYesterday_00000';
    const app = await startAlone({ ...telegram.environment, BOT_TOKEN: wrong });
    await healthIs(app, { status: 'degraded', dependencies: { telegram: 'unhealthy', database: 'healthy' } });
    expect((await fetch(`${app.url}/health/ready`)).status).toBe(200);
    expect((await fetch(`${app.url}/api/auth/guest`, { method: 'POST' })).status).toBe(201);
    expect((await fetch(`${app.url}/api/catalog`)).status).toBe(200);
    await vi.waitFor(() => expect(app.output()).toContain('BOT_TOKEN is not accepted by Telegram.'), {
      timeout: 15_000,
    });
    expect(app.output()).not.toContain('AAThisTokenWasRevokedYesterday');
    expect(await app.stop()).toBe(0);
  });

  it('is not there at the start: the bot comes up by itself when it is', async () => {
    const port = await freePort();
    const app = await startAlone({ BOT_TOKEN: botToken, BOT_API_ROOT: `http://127.0.0.1:${port}` });
    await healthIs(app, { status: 'degraded', dependencies: { telegram: 'unhealthy' } });
    expect((await fetch(`${app.url}/api/catalog`)).status).toBe(200);
    await vi.waitFor(() => expect(app.output()).toContain('Telegram cannot be reached at http'), {
      timeout: 15_000,
    });

    const telegram = await telegramOn(port);
    telegram.ann.send(telegram.playground.bot, '/help');
    await telegram.message(telegram.ann.person, /\/new – /, 60_000);
    await healthIs(app, { status: 'healthy', dependencies: { telegram: 'healthy' } });
    expect(telegram.chatOf(telegram.ann)).toHaveLength(2);
    expect(app.output()).not.toContain(botToken);
  });

  it('goes away and comes back: what was written meanwhile is answered once', async () => {
    const state = await temporaryFolder();
    closing.push(() => state.remove());
    const stateFile = join(state.path, 'telegram.json');
    const before = await telegramOn(0, { stateFile });
    const { port } = before;
    const app = await startAlone(before.environment);
    before.ann.send(before.playground.bot, '/start');
    await before.message(before.ann.person, /I'm Concierge/);
    await before.playground.waitFor(() => before.playground.pendingUpdates.length === 0);
    await before.close();
    await vi.waitFor(() => expect(app.output()).toContain('Updates could not be fetched'), {
      timeout: 20_000,
    });
    expect((await fetch(`${app.url}/api/catalog`)).status).toBe(200);

    const after = await telegramOn(port, { stateFile });
    after.ann.send(after.playground.bot, '/help');
    await after.message(after.ann.person, /\/new – /, 60_000);
    expect(after.chatOf(after.ann)).toEqual([
      'person: /start',
      expect.stringMatching(/^bot: /),
      'person: /help',
      expect.stringMatching(/^bot: [^]*\/new – /),
    ]);
    expect(app.output()).not.toContain(botToken);
  });
});

describe('The language model', () => {
  it('cannot be reached: a kind sentence with a button in Telegram, an error frame on the socket', async () => {
    const closed = `http://127.0.0.1:${await freePort()}/v1`;
    const { telegram, model, app, ...world } = await open({ OPENAI_BASE_URL: closed });
    const { ann, playground } = telegram;
    ann.send(playground.bot, 'When does the train leave?');
    const first = await telegram.message(ann.person, unavailable, 30_000);
    expect(first.text).toBe(unavailable);
    expect(first.reply_markup?.inline_keyboard.flat().map(({ text }) => text)).toEqual(['Try again']);

    // Pressing twice asks once; the second answer is a message of its own.
    ann.press(first, 'Try again');
    ann.press(first, 'Try again');
    await playground.waitFor(
      () => playground.messages(ann.person).filter(({ text }) => text === unavailable).length === 2,
      { timeoutMs: 30_000 },
    );

    const socket = await ChatSocket.signedIn(app.url, ann.signInitData());
    socket.send({ type: 'user_message', message: 'And now?', client_message_id: 'now' });
    const error = await socket.next('error', () => true, 30_000);
    expect(error).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: expect.stringContaining('cannot be reached'),
      recoverable: true,
      run_id: expect.any(String),
    });
    await socket.next('stateUpdate', ({ status }) => status === 'error');
    socket.close();

    const said = await world.api('ann').said();
    expect(said.filter(({ role }) => role === 'assistant').map(({ status }) => status)).toEqual([
      'failed',
      'failed',
      'failed',
    ]);
    expect(playground.messages(ann.person).filter(({ text }) => text === unavailable)).toHaveLength(2);
    expect(model.calls).toHaveLength(0);
    await healthIs(app, { status: 'healthy', dependencies: { telegram: 'healthy' } });
    expect(app.output()).not.toContain(model.apiKey);
  });

  it('breaks off in the middle: what it said is kept, with a button to ask again', async () => {
    const { telegram, model, ...world } = await open();
    const { ann, playground } = telegram;
    ann.send(playground.bot, 'When does the train leave?');
    const call = await model.call(0);
    call.say('The train leaves');
    await playground.waitFor(() => playground.draft(ann.person)?.text.includes('The train leaves'), {
      timeoutMs: 15_000,
    });
    call.breakOff();
    const broken = await telegram.message(ann.person, /^The train leaves/);
    expect(broken.text).toBe(`The train leaves\n\n${unavailable}`);
    ann.press(broken, 'Try again');
    const again = await model.call(1);
    again.say('At ten.');
    again.finish();
    await telegram.message(ann.person, /^At ten\.$/);
    expect((await world.api('ann').said()).map(({ role, status }) => `${role} ${status}`)).toEqual([
      'user complete',
      'assistant partial',
      'user complete',
      'assistant complete',
    ]);
  });

  it('falls silent in the middle: that is bounded, and others are answered meanwhile', async () => {
    const { telegram, model, ...world } = await open();
    const { ann, bob, playground } = telegram;
    ann.send(playground.bot, 'When does the train leave?');
    (await model.call(0)).say('The train leaves');
    await playground.waitFor(() => playground.draft(ann.person)?.text.includes('The train leaves'), {
      timeoutMs: 15_000,
    });
    const since = Date.now();
    bob.send(playground.bot, 'And mine?');
    const other = await model.call(1);
    other.say('At ten.');
    other.finish();
    await telegram.message(bob.person, /^At ten\.$/);

    const ended = await telegram.message(ann.person, unavailable, 80_000);
    expect(ended.text).toBe(`The train leaves\n\n${unavailable}`);
    expect(Date.now() - since, 'a minute of silence is enough').toBeLessThan(75_000);
    const ofAnn = await world.api('ann').said();
    expect(ofAnn.at(-1)).toEqual({ role: 'assistant', status: 'partial', content: 'The train leaves' });
  });
});
