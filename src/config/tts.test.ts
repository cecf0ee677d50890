// Tests of Tts: which voice speaks, however people write it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { modernised } from './legacy.ts';
import { choosesVoice, ttsSchema, voiceOf } from './tts.ts';

/** As it is read: old names first. */
function read(written: unknown): ReturnType<typeof ttsSchema.parse> {
  const { tts } = modernised({ tts: written }).config as { readonly tts: unknown };
  return ttsSchema.parse(tts);
}

function voice(...layers: readonly unknown[]): string | null {
  const [tts, over] = layers.map(read);
  return voiceOf(tts, over);
}

describe('the voice of the speech options', () => {
  it('is found under every name it ever had, the newest first', () => {
    for (const key of ['speakerVoice', 'speakerVoiceId', 'voice', 'voiceName', 'voiceId']) {
      assert.equal(voice({ providers: { openai: { [key]: 'nova' } } }), 'nova', key);
    }
    assert.equal(voice({ providers: { openai: { voice: 'old', speakerVoice: 'new' } } }), 'new');
    assert.equal(voice({ openai: { voice: 'nova', apiKey: 'x' } }), 'nova');
    assert.equal(voice({ edge: { voice: 'a' }, provider: 'edge' }), 'a');
  });

  it('is the one of the provider; of several without a provider it is none', () => {
    const providers = { openai: { voice: 'nova' }, other: { voice: 'low' } };
    assert.equal(voice({ provider: 'other', providers }), 'low');
    assert.equal(voice({ provider: 'nobody', providers }), null);
    assert.equal(voice({ providers }), null);
  });

  it('in a new place wins over the old place', () => {
    assert.equal(voice({ openai: { voice: 'old' }, providers: { openai: { voice: 'new' } } }), 'new');
  });

  it('of one number is laid over the one of all', () => {
    const all = { provider: 'openai', openai: { voice: 'alloy' } };
    assert.equal(voice(all, { openai: { voice: 'nova' } }), 'nova');
    assert.equal(voice(all, { timeoutMs: 2_000 }), 'alloy');
    assert.equal(voice(all, JSON.parse('{"providers": {"__proto__": {"voice": "x"}}}')), 'alloy');
  });

  it('is text, not blank', () => {
    assert.equal(voice({ openai: { voice: '  ' } }), null);
    assert.equal(voice({ openai: { voice: 7, voiceId: ' x ' } }), 'x');
    assert.equal(voice({}), null);
  });

  it('is meant whenever a provider is named or described', () => {
    assert.deepEqual(
      [{ provider: 'openai' }, { openai: {} }, { providers: {} }, { auto: 'off' }].map((tts) =>
        choosesVoice(read(tts)),
      ),
      [true, true, false, false],
    );
  });
});
