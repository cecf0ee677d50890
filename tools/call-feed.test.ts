// Tests of watching the Gateway's calls.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { HandClock } from '../sim/hand-clock.ts';
import type { PublicCall } from '../src/call/public-view.ts';
import { CallFeed } from './call-feed.ts';
import { Terminal } from './terminal.ts';

let clock: HandClock;
let text: string;
let calls: PublicCall[];
let gatewayFails: boolean;

function callAt(startedAt: number, callId: string): PublicCall {
  return {
    callId,
    provider: 'mock',
    direction: 'outbound',
    state: 'initiated',
    from: '+15550000000',
    to: '+15550001111',
    sessionKey: 'k',
    agentId: 'main',
    startedAt,
    transcript: [],
    metadata: { mode: 'conversation', turnCount: 0, turns: [] },
  };
}

function newFeed(): CallFeed {
  return new CallFeed({
    clock,
    terminal: new Terminal({ write: (part) => (text += part) }, {}),
    status: async () => {
      if (gatewayFails) throw new Error('no answer');
      return { found: true, calls };
    },
  });
}

describe('the call feed', () => {
  beforeEach(() => {
    clock = new HandClock();
    text = '';
    calls = [];
    gatewayFails = false;
  });

  it('tells a call from the moment it appears, and hands it over when it is over', async () => {
    const stop = new AbortController();
    const feed = newFeed();
    const running = feed.run(stop.signal);
    const over = feed.untilEnded('c1', 60_000, stop.signal);
    await clock.advance(1_000);
    const call = callAt(clock.now(), 'c1');
    calls = [call];
    await clock.advance(500);
    assert.match(text, /dialling {2}\+15550001111/);
    calls = [{ ...call, state: 'busy', endReason: 'busy' }];
    await clock.advance(500);
    assert.equal((await over).endReason, 'busy');
    assert.match(text, /the line was busy/);
    stop.abort();
    await running;
    assert.equal(clock.pending, 0);
  });

  it('says which of two calls that run at once goes on', async () => {
    const stop = new AbortController();
    const running = newFeed().run(stop.signal);
    await clock.advance(1_000);
    const [one, other] = [callAt(clock.now(), 'c1'), { ...callAt(clock.now(), 'c2'), to: '+15550002222' }];
    const says = (call: PublicCall, words: string): PublicCall => {
      const entry = { timestamp: clock.now(), speaker: 'user', text: words, isFinal: true } as const;
      return { ...call, transcript: [...call.transcript, entry] };
    };
    calls = [other, one];
    await clock.advance(500);
    calls = [other, says(one, 'First.')];
    await clock.advance(500);
    calls = [says(other, 'Second.'), says(one, 'First.')];
    await clock.advance(500);
    stop.abort();
    await running;
    const lines = text.split('\n').map((line) => line.trim().replace(/^[\d.]+ s +/, ''));
    assert.deepEqual(lines, [
      '',
      'dialling  +15550001111',
      '',
      'dialling  +15550002222',
      '',
      'again the call to +15550001111',
      'person    First.',
      '',
      'again the call to +15550002222',
      'person    Second.',
      '',
    ]);
  });

  it('leaves calls of an earlier start untold', async () => {
    const stop = new AbortController();
    calls = [callAt(clock.now() - 1, 'old')];
    const running = newFeed().run(stop.signal);
    await clock.advance(1_000);
    stop.abort();
    await running;
    assert.equal(text, '');
  });

  it('bears with a Gateway that is silent for a moment, not with one that is gone', async () => {
    const ended = assert.rejects(newFeed().run(new AbortController().signal), /no longer answers/);
    gatewayFails = true;
    await clock.advance(14_000);
    assert.equal(clock.pending, 1);
    await clock.advance(2_000);
    await ended;
  });

  it('gives up on a call that never ends', async () => {
    const never = assert.rejects(
      newFeed().untilEnded('c1', 10_000, new AbortController().signal),
      /did not end within 10 seconds/,
    );
    await clock.advance(11_000);
    await never;
  });
});
