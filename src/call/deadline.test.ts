// How long things take: estimates that must never cut a prompt, and reasons for every deadline.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newCall } from '../../sim/core-call.ts';
import { deadlineReasons, digitsMs, playedByMs, SILENCE_MS, silenceMs, speechMs } from './deadline.ts';

const utterance = (text: string, digits: string | null = null) => ({
  id: 'u1',
  text,
  digits,
  requestId: null,
});

describe('Deadlines', () => {
  const told = newCall({ asks: false });

  it('give speech more time than a slow voice needs', () => {
    // A slow reader says about 120 words a minute: 500 ms a word.
    const text = 'Your parcel has arrived and waits for you at the front desk until six.';
    assert.ok(speechMs(text) > 500 * text.split(' ').length);
    // Digits are read one by one, and Chinese, Japanese and Korean say a syllable with each letter.
    assert.ok(speechMs('4711') - speechMs('') >= 4 * 400);
    assert.ok(speechMs('今日は') - speechMs('') >= 3 * 300);
  });

  it('wait longer for the report where nobody is kept from speaking by the wait', () => {
    assert.equal(playedByMs(told, utterance('Hello.'), 'listening'), speechMs('Hello.'));
    assert.ok(playedByMs(told, utterance('Hello.'), 'idle') > 2 * speechMs('Hello.') + 5_000);
    assert.ok(playedByMs(told, utterance('Hello.'), 'thinking') <= speechMs('Hello.') + 2_000);
  });

  it('wait for no report of keys from a carrier that is told: there is none', () => {
    const keys = utterance('(keys: 1ww2)', '1ww2');
    assert.equal(playedByMs(told, keys, 'idle'), digitsMs('1ww2'));
    assert.ok(playedByMs(newCall({ asks: true }), keys, 'idle') > 2 * digitsMs('1ww2'));
  });

  it('give keys their tones and pauses, whatever the transcript shows for them', () => {
    assert.equal(playedByMs(told, utterance('(keys: 1ww2)', '1ww2'), 'listening'), digitsMs('1ww2'));
    assert.ok(digitsMs('wwww') >= 2_000);
  });

  it('leave silence to a carrier that listens by itself, and only catch what it forgets', () => {
    assert.equal(silenceMs(newCall({ asks: false })), SILENCE_MS);
    assert.ok(silenceMs(newCall({ asks: true })) > SILENCE_MS);
  });

  it('have a reason each', () => {
    for (const [name, reason] of Object.entries(deadlineReasons)) assert.ok(reason.length > 10, name);
  });
});
