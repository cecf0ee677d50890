// The page of calls in a real Gateway, in a real browser: seen, used, read aloud, and still there after a restart.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { PublicTurn } from '../../src/call/public-view.ts';
import {
  assertAccessible,
  type Look,
  openBrowser,
  openPage,
  PHONE,
  picture,
  type Watched,
} from './browser.ts';
import { Home } from './home.ts';

const says = [
  'Hello! My name is Ada. How late is the bakery open today?',
  'Please remind me to buy two loaves.',
];
const CALLEE = '+1 555 000 1111';

describe('The page of calls', () => {
  let home: Home;
  let browser: Browser;
  let base: string;

  before(async () => {
    const { home: installed, installed: result } = await Home.install();
    home = installed;
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    await home.start({
      provider: 'mock',
      mock: { says, answerAfterMs: 300, pace: 2 },
      inboundPolicy: 'open',
    });
    base = `http://127.0.0.1:${home.port}`;
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await home?.remove();
  });

  /** In the Control UI, where it is a page among others. */
  async function inControlUi(look?: Look): Promise<Watched> {
    const watched = await openPage(browser, base, look);
    await watched.page.goto(`/plugin?plugin=voice-call&id=calls#token=${home.token}`);
    await watched.page.getByRole('heading', { name: 'Calls' }).waitFor();
    return watched;
  }

  /** At its own address. */
  async function alone(look?: Look, wish = ''): Promise<Watched> {
    const watched = await openPage(browser, base, look);
    await watched.page.goto(`/plugins/voice-call/console#token=${home.token}${wish}`);
    await watched.page.getByRole('navigation', { name: 'Calls' }).waitFor();
    return watched;
  }

  async function place(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Place a call' }).click();
    await page.getByLabel('Number').fill(CALLEE);
    await page.getByLabel('What is said first').fill('Good morning, this is your agent.');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
  }

  it('stands in the Control UI: a call is placed there and seen while it is spoken', async () => {
    const { page, context, complaints } = await inControlUi({ scheme: 'dark' });
    await place(page);
    const title = page.getByRole('article', { name: /\+1 555 000 1111/ });
    await title.waitFor();
    const transcript = page.getByRole('log', { name: 'Transcript' });
    await transcript.getByText('Good morning, this is your agent.').waitFor();
    await transcript.getByText('How late is the bakery open today?').waitFor();
    await page
      .getByRole('region', { name: 'Answer time' })
      .last()
      .getByText(/\d ms|\d s/)
      .first()
      .waitFor();
    await assertAccessible(page, '.vc-root');
    await picture(page, 'control-ui-dark-live');
    await page.getByText('They hung up').first().waitFor({ timeout: 60_000 });
    assert.deepEqual(complaints, []);
    await context.close();
  });

  it('shows the times of each turn as they are on record', async () => {
    const { page, context } = await alone();
    await page.getByRole('navigation', { name: 'Calls' }).getByRole('button').first().click();
    const bars = page.locator('.vc-bar');
    await bars.first().waitFor();
    const { calls } = await home.rpc<{ calls: readonly { metadata: { turns: readonly PublicTurn[] } }[] }>(
      'voicecall.status',
      {},
    );
    const recorded = calls[0]?.metadata.turns.flatMap(({ latencyMs }) => latencyMs ?? []) ?? [];
    const shown = await bars.evaluateAll((all) => all.map((one) => Number(one.getAttribute('data-ms'))));
    assert.ok(recorded.length > 0);
    assert.deepEqual(shown, recorded);
    const { turns } = await home.rpc<{ turns: readonly { latencyMs?: number }[] }>('voicecall.latency', {});
    const answered = turns.filter(({ latencyMs }) => latencyMs !== undefined);
    assert.equal((await page.locator('.vc-figure-turns dd').textContent()) ?? '', String(answered.length));
    await page.getByLabel('every step').check();
    await page.getByText('Carrier agreed').first().waitFor();
    await assertAccessible(page, 'html');
    await picture(page, 'alone-light-history');
    await context.close();
  });

  it('is used by the keyboard alone: dial, say, press, hang up', async () => {
    const { page, context, complaints } = await alone({ scheme: 'dark' });
    const keys = page.keyboard;
    const focused = (): Promise<string> => page.evaluate('document.activeElement?.textContent ?? ""');
    for (let i = 0; i < 10 && (await focused()) !== 'Place a call'; i++) await keys.press('Tab');
    await keys.press('Enter');
    // Keys are pressed here faster than any person does: before the page has drawn the field.
    await page.locator('input:focus').waitFor();
    await keys.type('+15550002222');
    await keys.press('Tab');
    await keys.type('Hello there.');
    await keys.press('Tab');
    await keys.press('Tab');
    await keys.press('Enter');
    const article = page.getByRole('article', { name: /\+1 555 000 2222/ });
    await article.waitFor();
    await article
      .getByText(/Speaking|Listening/)
      .first()
      .waitFor();
    await article.getByLabel('Say on this call').focus();
    await keys.type('One more thing.');
    await keys.press('Enter');
    await page.getByRole('log').getByText('One more thing.').waitFor();
    await keys.press('Tab');
    await keys.press('Tab');
    await keys.type('12#');
    await keys.press('Enter');
    await page.getByRole('log').getByText(/12#/).waitFor();
    await keys.press('Tab');
    await keys.press('Tab');
    assert.equal(await focused(), 'Hang up');
    await keys.press('Enter');
    await article.getByText('We hung up').first().waitFor();
    // The button is gone; who was there is at the call still.
    await page.locator('.vc-main:focus').waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  });

  it('says what could not be done', async () => {
    const { page, context } = await alone();
    await page.getByRole('button', { name: 'Place a call' }).click();
    await page.getByLabel('Number').fill('5550001234');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    assert.match((await page.getByRole('alert').textContent()) ?? '', /"5550001234" is not a phone number/);
    await context.close();
  });

  it('lets look, but not act, who only has the right to read', async () => {
    const { page, context } = await alone({}, '&look=only');
    const { callId } = await home.rpc<{ callId: string }>('voicecall.start', { to: '+15550003333' });
    await page.getByRole('button', { name: /\+1 555 000 3333/ }).click();
    await page
      .getByRole('log')
      .getByText(/bakery/)
      .waitFor();
    assert.ok(await page.getByRole('button', { name: 'Place a call' }).isDisabled());
    assert.ok(await page.getByRole('button', { name: 'Hang up' }).isDisabled());
    assert.match((await page.locator('#vc-reason').textContent()) ?? '', /operator\.write/);
    await assertAccessible(page, 'html');
    await home.rpc('voicecall.end', { callId });
    await context.close();
  });

  it('shows nothing to who has no right to it', async () => {
    const { page, context } = await openPage(browser, base);
    // The Gateway enforces scopes; here it grants none, as it would to such a device.
    await page.routeWebSocket(/./, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) =>
        socket.send(String(message).replace(/"scopes":\[[^\]]*\]/g, '"scopes":[]')),
      );
    });
    await page.goto(`/plugins/voice-call/console#token=${home.token}`);
    await page.getByRole('heading', { name: 'You may not see calls' }).waitFor();
    assert.equal(await page.getByRole('navigation', { name: 'Calls' }).count(), 0);
    assert.doesNotMatch((await page.locator('body').textContent()) ?? '', /555/);
    await context.close();
  });

  it('asks who it does not know for the token, and takes no wrong one', async () => {
    const { page, context } = await openPage(browser, base);
    await page.goto('/plugins/voice-call/console');
    const token = page.getByLabel('Gateway token or password');
    await token.fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page
      .getByRole('alert')
      .getByText(/unauthorized|mismatch/i)
      .waitFor();
    await assertAccessible(page, 'html');
    await token.fill(home.token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation', { name: 'Calls' }).waitFor();
    assert.doesNotMatch(page.url(), /token/);
    await page.reload();
    await page.getByRole('navigation', { name: 'Calls' }).waitFor();
    await context.close();
  });

  it('fits on a phone', async () => {
    const { page, context } = await alone({ size: PHONE });
    const overflow = (): Promise<number> =>
      page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    assert.equal(await overflow(), 0);
    await picture(page, 'phone-list');
    await page.getByRole('navigation', { name: 'Calls' }).getByRole('button').first().click();
    await page.getByRole('log', { name: 'Transcript' }).waitFor();
    assert.equal(await overflow(), 0);
    await assertAccessible(page, 'html');
    await picture(page, 'phone-call');
    await page.getByRole('button', { name: 'All calls' }).click();
    await page.getByRole('navigation', { name: 'Calls' }).waitFor();
    await context.close();
  });

  it('is served without a word from elsewhere, under a strict policy', async () => {
    const page = await fetch(`${base}/plugins/voice-call/console/`);
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    for (const path of ['../index.js', '%2e%2e%2findex.js', 'none.js', '..%5cindex.js', 'page.js.map'])
      assert.equal((await fetch(`${base}/plugins/voice-call/console/${path}`)).status === 200, false, path);
    assert.equal((await fetch(`${base}/plugins/voice-call/console/page.js`, { method: 'POST' })).status, 405);
  });

  it('survives a restart of the Gateway, and says so meanwhile', async () => {
    const own = await alone();
    const among = await inControlUi();
    await own.page.getByRole('navigation', { name: 'Calls' }).getByRole('button').first().click();
    await home.stop();
    await own.page.getByText('The Gateway is not connected.').first().waitFor();
    // What was there can still be read.
    await own.page.getByRole('log', { name: 'Transcript' }).waitFor();
    await home.again();
    const { callId } = await home.rpc<{ callId: string }>('voicecall.start', { to: '+15550004444' });
    for (const { page } of [own, among]) {
      await page.getByRole('button', { name: /\+1 555 000 4444/ }).waitFor({ timeout: 60_000 });
      assert.equal(await page.getByText('The Gateway is not connected.').count(), 0);
    }
    await home.rpc('voicecall.end', { callId });
    await own.context.close();
    await among.context.close();
  });
});
