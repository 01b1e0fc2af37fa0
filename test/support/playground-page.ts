// The playground as a person sees it: one browser page is one person.
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';

export class PlaygroundPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  static async open(browser: Browser, appUrl: string, person: string): Promise<PlaygroundPage> {
    const context = await browser.newContext({ viewport: { width: 1300, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${appUrl}/playground?as=${person}`);
    return new PlaygroundPage(page);
  }

  async openChat(name: string, topic?: string): Promise<void> {
    await this.page.getByTestId('chat-item').filter({ hasText: name }).first().click();
    if (topic) await this.page.getByRole('tab', { name: topic }).click();
  }

  async send(text: string): Promise<void> {
    const box = this.page.getByRole('textbox', { name: 'Message' });
    await box.fill(text);
    await box.press('Enter');
  }

  /** Messages that contain the text, oldest first. */
  messages(text: string | RegExp): Locator {
    return this.page.getByTestId('message').filter({ hasText: text });
  }

  /** Presses a button under the newest message that has it. */
  async press(label: string | RegExp): Promise<void> {
    await this.page
      .getByTestId('message')
      .getByRole('group', { name: 'Buttons' })
      .getByRole('button', { name: label })
      .last()
      .click();
  }

  get draft(): Locator {
    return this.page.getByTestId('draft');
  }

  get miniApp(): FrameLocator {
    return this.page.frameLocator('[data-testid=mini-app-frame]');
  }

  /** Telegram's own button below the Mini App. */
  get mainButton(): Locator {
    return this.page.getByTestId('main_button_pressed');
  }

  /** Telegram's back button above the Mini App. */
  async back(): Promise<void> {
    await this.page.getByTestId('phone').getByRole('button', { name: 'Back' }).click();
  }

  /** Opens the Mini App from the chat with the bot and answers the address that Telegram made for it. */
  async launchAddress(): Promise<string> {
    await this.openChat('Concierge');
    await this.page.getByRole('button', { name: 'Open Mini App' }).first().click();
    const address = await this.page.getByTestId('mini-app-frame').getAttribute('src');
    await this.closeMiniApp();
    return address ?? '';
  }

  /** What Telegram signed for the Mini App of this person. */
  async launchData(): Promise<string> {
    const { hash } = new URL(await this.launchAddress());
    return new URLSearchParams(hash.slice(1)).get('tgWebAppData') ?? '';
  }

  async closeMiniApp(): Promise<void> {
    const phone = this.page.getByTestId('phone');
    // The same button is Back as long as there is a way back, and closes after that.
    while (await phone.isVisible()) {
      await phone
        .getByRole('button', { name: /^(Back|Close the Mini App)$/ })
        .click({ timeout: 1000 })
        .catch(() => undefined);
      await this.page.waitForTimeout(200);
    }
  }
}
