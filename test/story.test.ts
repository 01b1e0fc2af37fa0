// What a new user does on the first day, from the first question to a finished task, in a real browser.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type App, startApp, temporaryFolder } from './support/app.ts';
import { startExpenseApproval } from './support/expense-approval.ts';
import { PlaygroundPage } from './support/playground-page.ts';
import { launchChromium } from './support/services/chromium.ts';
import { freshStorage, type Storage } from './support/storage.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let storage: Storage;
let app: App;
let browser: Browser;
let ann: PlaygroundPage;
let bob: PlaygroundPage;

beforeAll(async () => {
  folder = await temporaryFolder();
  storage = await freshStorage();
  app = await startApp({
    entry: 'scripts/start.ts',
    dataDir: folder.path,
    environment: storage.environment,
  });
  browser = await launchChromium();
  ann = await PlaygroundPage.open(browser, app.url, 'ann');
  bob = await PlaygroundPage.open(browser, app.url, 'bob');
});

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const [name, person] of Object.entries({ ann, bob })) {
    await person?.page.screenshot({ path: join(tmpdir(), `concierge-story-${name}.png`) });
  }
});

afterAll(async () => {
  await browser?.close();
  await app?.stop();
  await storage?.remove();
  await folder?.remove();
});

describe('Ann in her private chat', () => {
  it('asks a question, sees the answer stream, and sees where it comes from', async () => {
    await ann.openChat('Concierge');
    await ann.page.getByRole('button', { name: 'Start', exact: true }).click();
    await ann.messages("Hello, Ann! I'm Concierge.").waitFor();

    await ann.send('How do I start a workflow in a group?');
    await ann.draft.waitFor();
    const early = (await ann.draft.innerText()).length;
    const answer = ann.messages('Sources').filter({ hasText: '/run' });
    await answer.waitFor();
    const whole = await answer.last().innerText();
    expect(whole.length).toBeGreaterThan(early);
    expect(whole).toContain('[1]');
    expect(await ann.draft.count()).toBe(0);
  });

  it('stops an answer and keeps what was said', async () => {
    await ann.send('What is an exclusive gateway and how does it choose?');
    await ann.draft.getByText('gateway').first().waitFor();
    await ann.draft.getByTestId('stop').or(ann.page.getByTestId('stop')).first().click();
    const stopped = ann.messages(/stopped/i);
    await stopped.waitFor();
    const text = await stopped.innerText();
    expect(text).toContain('gateway');
    expect(text).not.toContain('Sources');
  });
});

describe('Ann in the Mini App', () => {
  it('is known there, because the signature of her launch data is checked', async () => {
    await ann.press('Open the app');
    await ann.miniApp.getByText('Hi, Ann!').waitFor();
    const forged = await fetch(`${app.url}/api/auth/telegram-miniapp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ initData: 'user=%7B%22id%22%3A1%7D&auth_date=1&hash=00' }),
    });
    expect(forged.status).toBe(401);
  });

  it('finds a knowledge base, searches it, and asks in its chat', async () => {
    const { miniApp } = ann;
    await miniApp.getByRole('button', { name: 'Catalog' }).click();
    await miniApp.getByRole('searchbox', { name: 'Search knowledge bases' }).fill('mini');
    await miniApp
      .getByRole('button', { name: /Telegram Mini Apps/ })
      .first()
      .click();
    await miniApp.getByRole('searchbox', { name: 'Search in this knowledge base' }).fill('init data');
    await miniApp.locator('mark').first().waitFor();
    await ann.mainButton.click();
    await miniApp.getByRole('textbox').fill('How is init data checked on the server?');
    await miniApp.getByRole('button', { name: 'Send' }).click();
    await miniApp
      .getByText(/\d sources?/)
      .first()
      .waitFor();
  });

  it('finds the same conversation in Telegram', async () => {
    await ann.closeMiniApp();
    await ann.send('/chat');
    await ann.press(/How is init data checked/);
    const recalled = ann.messages('We go on with “How is init data checked on the server?”');
    await recalled.waitFor();
    expect(await recalled.innerText()).toContain('initData');
  });

  it('changes the language there, and the bot answers in it', async () => {
    await ann.press('Open the app');
    await ann.miniApp.getByRole('button', { name: 'Profile' }).click();
    await ann.miniApp.getByRole('combobox', { name: 'Language' }).selectOption('ru');
    await ann.miniApp.getByRole('button', { name: 'Профиль' }).waitFor();
    await ann.closeMiniApp();
    await ann.send('/help');
    await ann
      .messages(/начать новый разговор/)
      .last()
      .waitFor();
    await ann.send('/settings');
    await ann.press(/English/);
  });
});

describe('Bob and Ann with a task of their group', () => {
  const outcome = /Approved by Ann/;

  it('Bob starts an approval in the group, and its notice comes to the topic', async () => {
    await bob.openChat('Team', 'Expenses');
    await startExpenseApproval(bob);
    await bob.messages('Review the expense').getByRole('button', { name: 'Take it' }).waitFor();
  });

  it('Ann takes it and is asked again when she answers something that cannot be', async () => {
    await ann.openChat('Team', 'Expenses');
    await ann.press('Take it');
    await ann.openChat('Concierge');
    await ann.press('Fill in here');
    await ann.messages('1/2').waitFor();
    await ann.send('a lot');
    await ann.messages(/is needed; this is not a number/).waitFor();
  });

  it('she completes it in the Mini App, and the message in the group says how it ended', async () => {
    await ann.press('Open form');
    await ann.miniApp.getByRole('button', { name: /Approve/ }).click();
    await ann.miniApp.getByText(outcome).first().waitFor();
    await ann.closeMiniApp();
    const notices = bob.messages('Expense approval, started by Bob');
    await notices.filter({ hasText: outcome }).waitFor();
    expect(await notices.count(), 'it was edited, not sent again').toBe(1);
  });

  it('Bob cannot take or complete it again', async () => {
    const notice = bob.messages('Expense approval, started by Bob');
    expect(await notice.getByRole('button', { name: 'Take it' }).count()).toBe(0);
    const annApi = await signIn(ann);
    const done = (await (await annApi('GET', '/api/tasks?filter=done')).json()) as {
      results: { id: string }[];
    };
    const taskId = done.results[0]?.id;
    const bobApi = await signIn(bob);
    const again = await bobApi('POST', `/api/tasks/${taskId}/complete`, {
      values: {},
      action: 'action_approve',
    });
    expect(again.status).toBe(409);
    expect(await again.text()).toContain('Ann');
  });
});

/** Calls of the API with what the person's Mini App was opened with. */
async function signIn(person: PlaygroundPage) {
  const login = await fetch(`${app.url}/api/auth/telegram-miniapp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ initData: await person.launchData() }),
  });
  const { jwt_token: token } = (await login.json()) as { jwt_token: string };
  return (method: string, path: string, body?: object) =>
    fetch(`${app.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
}
