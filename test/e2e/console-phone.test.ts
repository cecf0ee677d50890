// The test phone of the page: somebody speaks into a microphone, the agent is heard, interrupted, and all of it is seen.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { wavOf } from '../../sim/media/wav.ts';
import type { PublicTurn } from '../../src/call/public-view.ts';
import { LineEncoder } from '../../src/console/phone/line-codec.ts';
import { decodeMulaw } from '../../src/media/g711.ts';
import { stageTimes } from '../../src/record/latency.ts';
import { assertAccessible, openBrowser, openPage, picture, type Watched } from './browser.ts';
import { Home, type View } from './home.ts';
import { type OfflinePerson, offlinePersonAt } from './offline-person.ts';

const GREETING = 'Good morning. How can I help you?';
const ANSWER =
  'The library is open from nine in the morning until seven in the evening, from Monday to Friday. On Saturdays it opens at ten, and on Sundays and on holidays it is closed all day long, so please bring your books back before the weekend begins.';
/** The microphone hears this: the greeting goes by, a question, and in the middle of the answer somebody interrupts. */
const QUESTION_AT_S = 10;
const INTERRUPTION_AT_S = 21;
const BYTES_PER_S = 8_000;

/** Keeps what goes to the loudspeaker, as 16-bit samples. Runs in the page before anything else. */
const LISTEN = `
  const connect = AudioNode.prototype.connect;
  window.heard = [];
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to === this.context.destination) {
      const tap = this.context.createScriptProcessor(4096, 1, 1);
      tap.onaudioprocess = ({ inputBuffer }) => window.heard.push(inputBuffer.getChannelData(0).slice());
      connect.call(this, tap);
      connect.call(tap, to);
    }
    return connect.call(this, to, ...rest);
  };`;

describe('The test phone of the page', { timeout: 600_000 }, () => {
  let home: Home;
  let person: OfflinePerson;
  let browser: Browser;
  let base: string;

  before(async () => {
    const { home: installed, installed: result } = await Home.install({ model: { reply: () => ANSWER } });
    home = installed;
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    person = await offlinePersonAt(home);
    await home.start({ provider: 'mock', inboundGreeting: GREETING });
    base = `http://127.0.0.1:${home.port}`;
    const file = path.join(home.stateDir, 'microphone.wav');
    writeFileSync(file, await microphone());
    browser = await openBrowser([
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${file}%noloop`,
      '--autoplay-policy=no-user-gesture-required',
    ]);
  });
  after(async () => {
    await browser?.close();
    await person?.stop();
    await home?.remove();
  });

  async function microphone(): Promise<Uint8Array> {
    const line = new Uint8Array(40 * BYTES_PER_S).fill(0xff);
    line.set(await person.says('When does the library open?'), QUESTION_AT_S * BYTES_PER_S);
    line.set(
      await person.says('Wait a moment please, I have another question.'),
      INTERRUPTION_AT_S * BYTES_PER_S,
    );
    const samples = new Int16Array(line.length);
    decodeMulaw(line, samples);
    return wavOf(samples, 8_000);
  }

  async function opened(): Promise<Watched> {
    const watched = await openPage(browser, base, { scheme: 'dark' });
    await watched.page.addInitScript(LISTEN);
    await watched.page.goto(`/plugins/voice-call/console#token=${home.token}`);
    await watched.page.getByRole('button', { name: 'Test phone', exact: true }).waitFor();
    return watched;
  }

  /** What came out of the loudspeaker, as it would go over a line. */
  async function loudspeaker(page: Page): Promise<Uint8Array> {
    const blocks = (await page.evaluate('window.heard.map((block) => [...block])')) as number[][];
    const encoder = new LineEncoder(48_000);
    return Buffer.concat(blocks.flatMap((block) => encoder.push(Float32Array.from(block))));
  }

  it('talks: spoken words are understood, the answer is heard, an interruption is marked, times are as on record', async () => {
    const { page, context, complaints } = await opened();
    await page.getByRole('button', { name: 'Test phone', exact: true }).click();
    const phone = page.getByRole('region', { name: 'Test phone' });
    await phone.getByText('flite speaks, moonshine listens (on this machine, nothing leaves it).').waitFor();
    await phone.getByRole('button', { name: 'Call the agent' }).click();
    const transcript = page.getByRole('log', { name: 'Transcript' });
    await transcript.getByText(GREETING).waitFor();
    await transcript
      .getByText(/library open/i)
      .first()
      .waitFor({ timeout: 60_000 });
    await transcript
      .getByText(/nine in the morning/)
      .first()
      .waitFor({ timeout: 60_000 });
    await transcript
      .getByText(/another question/i)
      .first()
      .waitFor({ timeout: 60_000 });
    await page.locator('canvas[data-cuts="1"]').waitFor();
    await page.locator('del').first().waitFor();
    await picture(page, 'phone-talking-dark');
    await assertAccessible(page, 'html');
    const heard = await loudspeaker(page);
    await phone.getByRole('button', { name: 'Hang up the phone' }).click();
    await phone.getByText('You hung up.').waitFor();

    // A small recogniser on a busy machine mistakes a word here and there; the sentence is the agent's all the same.
    await person.understands(heard, /nine in the morning until seven/i);
    const { calls } = await home.rpc<{
      calls: readonly (View & { metadata: { turns: readonly PublicTurn[] } })[];
    }>('voicecall.status', {});
    const [call] = calls;
    const recorded = call?.metadata.turns[0]?.stages ?? {};
    const first = page.locator('.vc-falls tbody tr').first().locator('.vc-bar');
    const shown = await first.evaluateAll((bars) =>
      bars.map((bar) => [bar.getAttribute('data-stage') ?? '', Number(bar.getAttribute('data-ms'))] as const),
    );
    const { whole, ...times } = stageTimes(recorded);
    assert.ok(whole !== undefined && whole > 0);
    for (const [stage, took] of Object.entries(times)) {
      // Both are rounded to a tenth.
      const ms = new Map(shown).get(stage) ?? Number.NaN;
      assert.ok(Math.abs(ms - took) < 0.15, `${stage}: ${ms} shown, ${took} on record`);
    }
    await page.getByText('Interrupted by them').first().waitFor();
    assert.ok(Number(await page.locator('canvas').getAttribute('data-peaks')) > 400);
    assert.deepEqual(complaints, []);
    await picture(page, 'phone-over-dark');
    await context.close();
  });

  it('is typed on, without sound, and takes a call of the agent', async () => {
    const { page, context, complaints } = await opened();
    await page.getByRole('button', { name: 'or by typing' }).click();
    const phone = page.getByRole('region', { name: 'Test phone' });
    await phone.getByText(/Ready on/).waitFor();
    await phone.getByRole('button', { name: 'Call the agent' }).click();
    await phone.getByLabel('Type to the agent').fill('When does the library open?');
    await phone.getByLabel('Type to the agent').press('Enter');
    const transcript = page.getByRole('log', { name: 'Transcript' });
    await transcript.getByText('When does the library open?').waitFor();
    await transcript.getByText(/nine in the morning/).waitFor();
    await phone.getByRole('button', { name: 'Hang up the phone' }).click();
    await phone.getByText('You hung up.').waitFor();
    const number = ((await phone.getByText(/Ready on/).textContent()) ?? '').replace(/[^+\d]/g, '');
    await home.rpc('voicecall.start', { to: number, message: 'The agent calls you.' });
    await phone.getByRole('button', { name: 'Answer' }).click();
    await transcript.getByText('The agent calls you.').waitFor();
    await phone.getByRole('button', { name: 'Hang up the phone' }).click();
    await phone.getByText('You hung up.').waitFor();
    await phone.getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('button', { name: 'Test phone', exact: true }).waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  });
});
