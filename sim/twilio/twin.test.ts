// TwilioTwin: idle and play with held replies, real time, and nothing left behind.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/lib/clock.ts';
import { HandClock } from '../hand-clock.ts';
import { pause } from '../pause.ts';
import { play } from '../play.ts';
import { Caller } from './caller.ts';
import { ALICE, OURS, openPlugin, openStage, openTwin, twiml } from './stage.ts';
import { TwilioTwin } from './twin.ts';

describe('idle and play', () => {
  it('a reply held for seconds of clock time neither blocks idle nor loses time', async (test) => {
    const { clock, twin, plugin } = await openStage(test);
    plugin.answers = async () => {
      await pause(clock, 7000, new AbortController().signal);
      return twiml('<Say>I had to think</Say>');
    };
    const call = twin.dialIn({
      from: ALICE,
      to: OURS,
      voiceUrl: `${plugin.origin}/voice`,
      person: new Caller(),
    });
    await twin.idle();
    assert.equal(plugin.questions.length, 1, 'the request is delivered when idle returns');
    await play(clock, twin, () => call.heard.length > 0);
    assert.equal((call.heard[0]?.from ?? 0) - call.createdAt, 7000, 'answered at that very millisecond');
  });

  it('idle waits for a plugin that reads files and asks other servers before it answers', async (test) => {
    const { twin, plugin } = await openStage(test);
    const model = await openPlugin(test);
    plugin.answers = async () => {
      await readFile(new URL(import.meta.url));
      await (await fetch(`${model.origin}/think`)).text();
      return twiml('<Pause length="60"/>');
    };
    const call = twin.dialIn({
      from: ALICE,
      to: OURS,
      voiceUrl: `${plugin.origin}/voice`,
      person: new Caller(),
    });
    await twin.idle();
    assert.equal(call.hooks[0]?.answer?.status, 200);
  });

  it('play moves exactly as far as it is told', async (test) => {
    const { clock, twin } = await openStage(test);
    assert.equal(await play(clock, twin, 12_345), 12_345);
    assert.equal(await play(clock, twin, 0), 0);
  });

  it('play says so when its condition cannot come true', async (test) => {
    const { clock, twin } = await openStage(test);
    await assert.rejects(
      play(clock, twin, () => false, { mostMs: 5000 }),
      /did not hold within 5000 ms/,
    );
  });

  it('a plain hand clock moves in small steps to the same end', async (test) => {
    const clock = new HandClock();
    const { twin } = await openTwin(test, clock);
    const plugin = await openPlugin(test);
    plugin.answers = () => twiml('<Say>Hello</Say>');
    const call = twin.dialIn({
      from: ALICE,
      to: OURS,
      voiceUrl: `${plugin.origin}/voice`,
      person: new Caller(),
    });
    await play(clock, twin, () => !call.isAlive);
    assert.deepEqual(
      call.heard.map(({ text }) => text),
      ['Hello'],
    );
  });
});

describe('in real time', () => {
  it('a whole call runs on the system clock', async (test) => {
    const quick = { dialDelayMs: 5, ringDelayMs: 5, msPerChar: 1, personMsPerChar: 1, autoSpeechEndMs: 20 };
    const { twin, sdk } = await openTwin(test, systemClock, quick);
    const plugin = await openPlugin(test);
    plugin.answers = ({ params }) =>
      twiml(
        params['SpeechResult'] === undefined
          ? '<Gather input="speech" speechTimeout="auto" action="/a"><Say>Who?</Say></Gather>'
          : `<Say>Hello ${params['SpeechResult']}</Say>`,
      );
    twin.person = new Caller().answersAfter(5).says('Bob', { afterMs: 5 });
    await sdk.calls.create({ to: ALICE, from: OURS, url: `${plugin.origin}/voice` });
    await twin.until(() => twin.calls[0]?.status === 'completed', { withinMs: 10_000 });
    assert.deepEqual(
      twin.person.heard.map(({ text }) => text),
      ['Who?', 'Hello Bob'],
    );
  });

  it('until gives up with what the calls are doing', async (test) => {
    const { twin } = await openTwin(test, systemClock);
    await assert.rejects(
      twin.until(() => false, { withinMs: 1 }),
      /not within 1 ms/,
    );
  });
});

it('close ends calls, webhooks and timers at once, and may come twice', async (test) => {
  const { clock, twin, plugin } = await openStage(test);
  plugin.answers = () => new Promise(() => undefined);
  const call = twin.dialIn({
    from: ALICE,
    to: OURS,
    voiceUrl: `${plugin.origin}/voice`,
    person: new Caller(),
  });
  await twin.idle();
  assert.ok(clock.pending > 0);
  await twin.close();
  await twin.close();
  assert.deepEqual([call.isAlive, clock.pending], [false, 0]);
  assert.deepEqual(twin.problems, []);
});

it('a twin that was never opened can be closed', async () => {
  await new TwilioTwin({ clock: new HandClock(), accountSid: 'AC', authToken: 't' }).close();
});
