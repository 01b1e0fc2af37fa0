import { type Browser, chromium } from 'playwright-core';
import { findChromium, installed } from './installed.ts';

/** @throws Error that says how to install it */
export function chromiumPath(): string {
  return installed('Chromium', findChromium());
}

/** Headless, and silent: it calls nobody by itself. It ends with `close()`, or with this process. */
export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: chromiumPath(),
    headless: true,
    args: [
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--no-default-browser-check',
      '--disable-domain-reliability',
      '--disable-dev-shm-usage',
      // Chromium's sandbox does not work for root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
}
