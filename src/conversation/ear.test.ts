// How a call is heard: while the transcriber connects, when it breaks, and when it is past help.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeTranscriber } from '../../sim/fake-voices.ts';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import type { LogFields } from '../lib/log.ts';
import { Ear } from './ear.ts';

interface Given {
  readonly clock: HandClock;
  readonly transcriber: FakeTranscriber;
  readonly ear: Ear;
  readonly told: string[];
  readonly warned: (readonly [string, LogFields | undefined])[];
  /** Hears numbered sound of 20 ms. */
  readonly hear: (...numbers: readonly number[]) => void;
}

function open(connectsAtOnce = true): Given {
  const clock = new HandClock();
  const transcriber = new FakeTranscriber();
  transcriber.connectsAtOnce = connectsAtOnce;
  const told: string[] = [];
  const warned: (readonly [string, LogFields | undefined])[] = [];
  const quiet = (): void => undefined;
  const log = {
    debug: quiet,
    info: quiet,
    error: quiet,
    warn: (text: string, fields?: LogFields) => void warned.push([text, fields]),
  };
  const ear = new Ear(
    { clock, log, transcriber },
    { callId: 'c', agentId: 'main', language: 'en-US' },
    {
      onPartial: (text) => told.push(`partial ${text}`),
      onFinal: (text) => told.push(`final ${text}`),
      onFailed: (why) => told.push(`failed ${why}`),
    },
  );
  const hear = (...numbers: readonly number[]): void => {
    for (const number of numbers) ear.hear(new Uint8Array(160).fill(number));
  };
  return { clock, transcriber, ear, told, warned, hear };
}

describe('An ear', () => {
  it('keeps what is said while the transcriber connects, and hands it over in order', async () => {
    const { transcriber, hear, told, ear } = open(false);
    hear(1, 2);
    assert.deepEqual(transcriber.latest.numbers, []);
    transcriber.latest.connect();
    await settle();
    hear(3);
    assert.deepEqual(transcriber.latest.numbers, [1, 2, 3]);
    transcriber.latest.tell.onPartial('boo');
    transcriber.latest.tell.onFinal('Book it.');
    assert.deepEqual(told, ['partial boo', 'final Book it.']);
    assert.equal(ear.lostMs, 0);
  });

  it('keeps no more than 15 s, and counts what it had to forget', async () => {
    const { transcriber, ear, hear, warned } = open(false);
    for (let n = 0; n < 800; n++) hear(n % 200);
    transcriber.latest.connect();
    await settle();
    assert.equal(transcriber.latest.heard.length, 750);
    assert.equal(transcriber.latest.numbers[0], 50);
    assert.equal(ear.lostMs, 1_000);
    assert.equal(warned[0]?.[1]?.['lostMs'], 1_000);
  });

  it('opens another session when one breaks, and tells it again what was not final', async () => {
    const { clock, transcriber, hear, told } = open();
    await settle();
    hear(1);
    transcriber.latest.tell.onFinal('One.');
    hear(2, 3);
    const first = transcriber.latest;
    first.tell.onBroken('gone');
    hear(4);
    await clock.advance(0);
    assert.equal(transcriber.sessions.length, 2);
    assert.ok(first.isClosed);
    assert.deepEqual(transcriber.latest.numbers, [2, 3, 4]);
    first.tell.onFinal('late');
    first.tell.onBroken('again');
    assert.deepEqual(told, ['final One.']);
    assert.equal(transcriber.sessions.length, 2);
  });

  it('tells it the last second again, or all of the words that were begun', async () => {
    for (const isMidWords of [false, true]) {
      const { clock, transcriber, hear } = open();
      await settle();
      hear(1);
      if (isMidWords) transcriber.latest.tell.onPartial('I was');
      for (let n = 0; n < 100; n++) hear(2);
      transcriber.latest.tell.onBroken('gone');
      await clock.advance(0);
      assert.equal(transcriber.latest.heard.length, isMidWords ? 101 : 50);
    }
  });

  it('does not wait for ever for a connection', async () => {
    const { clock, transcriber } = open(false);
    await clock.advance(5_999);
    assert.equal(transcriber.sessions.length, 1);
    await clock.advance(1);
    assert.equal(transcriber.sessions.length, 2);
    assert.ok(transcriber.sessions[0]?.isClosed);
    transcriber.sessions[0]?.connect();
    transcriber.latest.refuse(new Error('401'));
    await settle();
    await clock.advance(249);
    assert.equal(transcriber.sessions.length, 2);
    await clock.advance(1);
    assert.equal(transcriber.sessions.length, 3);
  });

  it('gives up after five sessions in a row that broke early, once', async () => {
    const { clock, transcriber, told, hear } = open();
    for (let n = 0; n < 4; n++) {
      await clock.advance(3_000);
      transcriber.latest.tell.onBroken('gone');
    }
    await clock.advance(3_000);
    assert.deepEqual(told, []);
    transcriber.latest.tell.onBroken('gone');
    transcriber.latest.tell.onBroken('gone');
    hear(1);
    await clock.advance(10_000);
    assert.deepEqual(told, ['failed gone']);
    assert.equal(transcriber.sessions.length, 5);
    assert.equal(clock.pending, 0);
  });

  it('forgives sessions that end although they were well, as when a phone rings for long', async () => {
    const { clock, transcriber, told } = open();
    for (let n = 0; n < 20; n++) {
      await clock.advance(8_000);
      transcriber.latest.tell.onBroken('gone');
    }
    await clock.advance(20_000);
    assert.deepEqual(told, []);
    assert.equal(transcriber.sessions.length, 21);
  });

  it('takes a session that throws for one that broke, and loses nothing', async () => {
    const { clock, transcriber, hear, told } = open(false);
    hear(1, 2, 3);
    const [first] = transcriber.sessions;
    first!.isClosed = true;
    first!.connect();
    await clock.advance(0);
    hear(4);
    transcriber.latest.connect();
    await settle();
    assert.equal(transcriber.sessions.length, 2);
    assert.deepEqual(transcriber.latest.numbers, [1, 2, 3, 4]);
    assert.deepEqual(told, []);
  });

  it('hears and tells nothing after its close, and leaves nothing behind', async () => {
    const { clock, transcriber, told, ear, hear } = open(false);
    hear(1);
    ear.close();
    transcriber.latest.connect();
    await settle();
    hear(2);
    transcriber.latest.tell.onFinal('late');
    transcriber.latest.tell.onBroken('late');
    await clock.advance(60_000);
    assert.deepEqual(told, []);
    assert.ok(transcriber.latest.isClosed);
    assert.equal(transcriber.sessions.length, 1);
    assert.equal(clock.pending, 0);
  });
});
