// Makes the pictures of the README in Chromium from a running playground: `npm run screenshots`.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startApp, temporaryFolder } from '../test/support/app.ts';
import { startExpenseApproval } from '../test/support/expense-approval.ts';
import { PlaygroundPage } from '../test/support/playground-page.ts';
import { launchChromium } from '../test/support/services/chromium.ts';

const folder = join(import.meta.dirname, '../docs/screenshots');
const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 780 }, deviceScaleFactor: 2, hasTouch: true };

await mkdir(folder, { recursive: true });
const data = await temporaryFolder();
const app = await startApp({ entry: 'scripts/start.ts', dataDir: data.path });
const browser = await launchChromium();
try {
  await tellTheStory(browser);
  await playground(browser, 'playground-light', { ...desktop, colorScheme: 'light' });
  await playground(browser, 'playground-dark', { ...desktop, colorScheme: 'dark' });
  await playground(browser, 'playground-phone', { ...phone, colorScheme: 'light' });
  for (const [scheme, suffix] of [
    ['light', ''],
    ['dark', '-dark'],
  ] as const) {
    await miniApp(browser, { ...phone, colorScheme: scheme }, suffix ? `phone${suffix}` : 'phone');
    await miniApp(browser, { ...desktop, colorScheme: scheme }, suffix ? `desktop${suffix}` : 'desktop');
  }
} finally {
  await browser.close();
  await app.stop();
  await data.remove();
}

/** So that there is something to see: an answered question and a task in the group. */
async function tellTheStory(browser: Browser): Promise<void> {
  const ann = await PlaygroundPage.open(browser, app.url, 'ann');
  await ann.openChat('Concierge');
  await ann.page.getByRole('button', { name: 'Start', exact: true }).click();
  await ann.messages("Hello, Ann! I'm Concierge.").waitFor();
  await ann.send('How do I start a workflow in a group?');
  await ann.messages('Sources').waitFor();
  const bob = await PlaygroundPage.open(browser, app.url, 'bob');
  await bob.openChat('Team', 'Expenses');
  await startExpenseApproval(bob);
  await bob.messages('started by Bob').waitFor();
  await shot(bob.page, 'group');
  await ann.openChat('Team', 'Expenses');
  await ann.press('Take it');
  await ann.page.context().close();
  await bob.page.context().close();
}

async function playground(browser: Browser, name: string, options: BrowserContextOptions): Promise<void> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(`${app.url}/playground?as=ann`);
  await page.getByTestId('chat-item').filter({ hasText: 'Concierge' }).first().click();
  await page.getByTestId('message').last().waitFor();
  await settle(page);
  if ((options.viewport?.width ?? 0) > 800) {
    await page.getByRole('button', { name: 'Open Mini App' }).first().click();
    await page.frameLocator('[data-testid=mini-app-frame]').getByText('Hi, Ann!').waitFor();
    await settle(page);
  }
  await shot(page, name);
  await context.close();
}

/** The Mini App alone in the window, as a guest's browser would show it, signed in with Ann's launch data. */
async function miniApp(browser: Browser, options: BrowserContextOptions, suffix: string): Promise<void> {
  const ann = await PlaygroundPage.open(browser, app.url, 'ann');
  const launch = await ann.launchAddress();
  await ann.page.context().close();
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(launch);
  await page.getByText('Hi, Ann!').waitFor();
  await page.getByTestId('composer').fill('What is a Telegram Mini App?');
  await page.getByTestId('send').click();
  await page
    .getByText(/\d sources?/)
    .first()
    .waitFor();
  await settle(page);
  await shot(page, `chat-${suffix}`);
  for (const name of ['catalog', 'tasks', 'profile']) {
    await page.getByTestId(`tab-${name}`).click();
    await settle(page);
    await shot(page, `${name}-${suffix}`);
    if (name === 'catalog') {
      await page.getByTestId('kb-row').first().click();
      await settle(page);
      await shot(page, `kb-${suffix}`);
      await page.goBack();
    }
    if (name === 'tasks') {
      await page.getByText(/^Next/).first().click();
      await page.getByTestId('task-row').first().click();
      await settle(page);
      await shot(page, `task-${suffix}`);
      await page.goBack();
    }
  }
  await context.close();
}

async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await page.waitForTimeout(600);
}

async function shot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`docs/screenshots/${name}.png`);
}
