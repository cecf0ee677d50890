// Speech from a synthesizer: every wait has its end, and sound its length.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeSynthesizer, mulawOf, type Speech } from '../../sim/fake-voices.ts';
import { HandClock } from '../../sim/hand-clock.ts';
import { soundMs, synthesise } from './synthesis.ts';

interface Run {
  sounds: number;
  failure: string | null;
}

function run(clock: HandClock, speech: Speech, tts: Record<string, unknown> | null = null): Run {
  const synthesizer = new FakeSynthesizer(clock, () => speech);
  const { signal } = new AbortController();
  const wanted = { callId: 'c', text: 'Hi', language: 'en-US', tts, numberRoute: null, signal };
  const so: Run = { sounds: 0, failure: null };
  const listen = async (): Promise<void> => {
    for await (const _ of synthesise({ clock, synthesizer }, wanted)) so.sounds += 1;
  };
  listen().catch((error: unknown) => {
    so.failure = String(error);
  });
  return so;
}

describe('Speech', () => {
  it('that brings no sound has failed', async () => {
    const clock = new HandClock();
    for (const pieces of [[], [mulawOf(0)]]) {
      const so = run(clock, { pieces });
      await clock.advance(0);
      assert.match(so.failure ?? '', /no sound/);
    }
  });

  it('may take as long as the owner gives it', async () => {
    const clock = new HandClock();
    const so = run(clock, { pieces: [], hangs: true }, { timeoutMs: 12_000 });
    await clock.advance(11_999);
    assert.equal(so.failure, null);
    await clock.advance(1);
    assert.match(so.failure ?? '', /no sound for 12000 ms/);
    assert.equal(clock.pending, 0);
  });

  it('that is listened to slowly is not late', async () => {
    const clock = new HandClock();
    const synthesizer = new FakeSynthesizer(clock, () => ({ pieces: [mulawOf(20), mulawOf(20)] }));
    const { signal } = new AbortController();
    const wanted = { callId: 'c', text: 'Hi', language: 'en-US', tts: null, numberRoute: null, signal };
    const sounds = synthesise({ clock, synthesizer }, wanted);
    assert.equal((await sounds.next()).done, false);
    await clock.advance(60_000);
    assert.equal((await sounds.next()).done, false);
    assert.equal((await sounds.next()).done, true);
  });

  it('sounds as long as its coding says; of files only the line knows', () => {
    const bytes = new Uint8Array(16_000);
    assert.equal(soundMs({ encoding: 'mulaw', sampleRate: 8_000, bytes }), 2_000);
    assert.equal(soundMs({ encoding: 'alaw', sampleRate: 16_000, bytes }), 1_000);
    assert.equal(soundMs({ encoding: 'pcm16', sampleRate: 8_000, bytes }), 1_000);
    assert.equal(soundMs({ encoding: 'mp3', sampleRate: 8_000, bytes }), null);
    assert.equal(soundMs({ encoding: 'wav', sampleRate: 8_000, bytes }), null);
  });
});
