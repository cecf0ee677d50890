// The Gateway is stopped for good while people are on the line: they hear a goodbye, and nobody is left hanging.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Caller } from '../../sim/twilio/caller.ts';
import { phrasesFor } from '../../src/call/phrases.ts';
import { forAlice } from './app-line.ts';
import { ALICE, GREETING, type LineOptions, startTwilioLine, type TwilioLine } from './twilio-line.ts';

const { closing, nobody } = phrasesFor('en-US');
const STOPPED = ['hangup-bot', 'the Gateway was stopped'];

const startLine = (test: TestContext, options: LineOptions = {}): Promise<TwilioLine> =>
  startTwilioLine(test, { ...options, settings: { ...forAlice, ...options.settings } });

/** Stops the telephone for good; resolves to how long that took, in clock time. */
async function leave(line: TwilioLine): Promise<number> {
  const began = line.clock.now();
  let over = false;
  const leaving = line.app.stop('goodbye').then(() => {
    over = true;
  });
  await line.until(() => over);
  await leaving;
  return line.clock.now() - began;
}

/** How the call ended, as the store has it. */
async function endOf(line: TwilioLine, id: string): Promise<(string | undefined)[]> {
  await line.start();
  const { end } = line.call(id);
  return [end?.reason, end?.cause];
}

describe('When the Gateway is stopped', () => {
  it('whoever we listen to hears a goodbye at once and is hung up', async (test) => {
    const line = await startLine(test);
    line.twin.expect(ALICE, new Caller());
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).floor.kind === 'listening');
    const took = await leave(line);
    assert.deepEqual(line.heard, [GREETING, closing]);
    assert.equal(line.theirs.isAlive, false);
    assert.ok(took <= 8_000, `it took ${took} ms`);
    assert.deepEqual(await endOf(line, id), STOPPED);
  });

  it('an answer that comes in time is heard to its end before the goodbye', async (test) => {
    const answer = ({ words }: { words: string }): Promise<string> => line.after(1_000, `You said: ${words}`);
    const line: TwilioLine = await startLine(test, { answer, settings: { shutdownDrainMs: 20_000 } });
    line.twin.expect(ALICE, new Caller().says('One'));
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).floor.kind === 'thinking');
    await leave(line);
    assert.deepEqual(line.heard, [GREETING, 'You said: One', closing]);
  });

  it('an answer that does not come is not waited for longer than there is time', async (test) => {
    const answer = (): Promise<string> => line.after(60_000, 'too late');
    const line: TwilioLine = await startLine(test, { answer });
    line.twin.expect(ALICE, new Caller().says('One'));
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).floor.kind === 'thinking');
    const took = await leave(line);
    assert.equal(line.heard.at(-1), closing);
    assert.ok(took <= 8_000, `it took ${took} ms`);
    assert.deepEqual(await endOf(line, id), STOPPED);
  });

  it('a phone that still rings is let go: whoever picked up would find nobody here', async (test) => {
    const line = await startLine(test);
    line.twin.expect(ALICE, new Caller().answersAfter(20_000));
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).phase === 'ringing');
    const took = await leave(line);
    assert.equal(line.theirs.isAlive, false);
    assert.deepEqual(line.heard, []);
    assert.ok(took < 2_000, `it took ${took} ms`);
    assert.deepEqual(await endOf(line, id), STOPPED);
  });

  it('a message being delivered is heard to its end', async (test) => {
    const line = await startLine(test);
    line.twin.expect(ALICE, new Caller());
    const { id } = await line.place('notify', 'Your parcel is here.');
    await line.until(() => line.call(id).floor.kind === 'speaking');
    await leave(line);
    assert.deepEqual(line.heard, ['Your parcel is here.']);
    assert.equal(line.theirs.isAlive, false);
  });

  it('who calls in those seconds is told that nobody can take it, and nobody is called any more', async (test) => {
    const answer = (): Promise<string> => line.after(60_000, 'too late');
    const line: TwilioLine = await startLine(test, { answer, settings: { shutdownDrainMs: 15_000 } });
    line.twin.expect(ALICE, new Caller().says('One'));
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).floor.kind === 'thinking');
    let over = false;
    const leaving = line.app.stop('goodbye').then(() => {
      over = true;
    });
    await assert.rejects(line.place('conversation'), /the Gateway is being stopped/);
    const late = line.dialIn(new Caller());
    await line.until(() => over);
    await leaving;
    assert.deepEqual([late.heard.map(({ text }) => text), late.isAlive], [[nobody], false]);
  });

  it('a carrier that is out of order keeps us no longer than we have; the next start ends the call', async (test) => {
    const line = await startLine(test);
    line.twin.expect(ALICE, new Caller());
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).floor.kind === 'listening');
    const mends = line.twin.faults.rest({ do: 'status', status: 503 }, { only: 'update' });
    const took = await leave(line);
    assert.ok(took <= 9_500, `it took ${took} ms`);
    assert.equal(line.theirs.isAlive, true);
    mends();
    await line.start();
    await line.until(() => !line.theirs.isAlive);
    assert.equal(line.call(id).end?.reason, 'hangup-bot');
  });

  it('the goodbye is spoken on a media stream too', async (test) => {
    const line = await startLine(test, { streaming: {} });
    line.twin.expect(ALICE, new Caller());
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).floor.kind === 'listening' && line.call(id).stream !== null);
    const took = await leave(line);
    assert.equal(line.theirs.isAlive, false);
    assert.ok(took <= 8_000, `it took ${took} ms`);
    assert.deepEqual(await endOf(line, id), STOPPED);
    const last = line.call(id).transcript.at(-1);
    assert.deepEqual([last?.text, last?.speaker === 'agent' && last.outcome], [closing, 'heard']);
  });

  it('without any call it is gone at once', async (test) => {
    const line = await startLine(test);
    assert.ok((await leave(line)) < 1_000);
  });
});
