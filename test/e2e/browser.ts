// Browser: Debian's Chromium on the pages of a real Gateway: opened, looked at, and checked by axe.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
/** Kept after a run, for people to look at; not in the repository. */
const PICTURES = path.resolve(import.meta.dirname, '..', '..', '.cache', 'pictures');
const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export interface Look {
  readonly scheme?: 'light' | 'dark';
  readonly size?: { readonly width: number; readonly height: number };
}

/** `args`: more for Chromium, such as a microphone that is a file. */
export function openBrowser(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', ...args] });
}

/** A page that complains about every error in it, and about everything it asks of anywhere else. */
export async function openPage(browser: Browser, base: string, look: Look = {}): Promise<Watched> {
  const context = await browser.newContext({
    baseURL: base,
    viewport: look.size ?? DESKTOP,
    colorScheme: look.scheme ?? 'light',
    permissions: ['microphone'],
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/^(https?|wss?):$/.test(url.protocol) && url.host !== new URL(base).host) complaints.push(url.href);
  });
  return { page, context, complaints };
}

export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: readonly string[];
}

export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
}

/** By axe, all rules that are not a matter of taste, on everything inside `root`. */
export async function assertAccessible(page: Page, root: string): Promise<void> {
  // Not as a script of the page, which its policy would refuse.
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(
    `axe.run(${JSON.stringify(root)}, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], rules: { region: { enabled: false } } })
       .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, any }) => html.slice(0, 160) + ' ' + any.map(({ message }) => message).join(' ')).join(' | ')))`,
  );
  assert.deepEqual(found, []);
}
