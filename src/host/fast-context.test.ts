// Tests of FastContext: a search before the agent is asked has its deadline, and never costs the answer.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import type { Consult } from '../conversation/voice-model.ts';
import type { Log } from '../lib/log.ts';
import { type FastSearch, lookUp } from './fast-context.ts';

const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const options = { timeoutMs: 800, maxResults: 3, sources: ['memory'], fallbackToConsult: true } as const;

function consultOf(signal = new AbortController().signal): Consult {
  return {
    callId: 'c1',
    agentId: 'main',
    sessionKey: 'agent:main:voice:1',
    requesterSessionKey: null,
    question: 'Where is the key?',
    context: null,
    responseStyle: null,
    transcript: [],
    timeoutMs: 10_000,
    signal,
  };
}

const never: FastSearch = () => new Promise(() => undefined);

describe('a search before the agent is asked', () => {
  it('answers with what it found', async () => {
    const clock = new HandClock();
    const search: FastSearch = async ({ question }) => `Found for: ${question}`;
    assert.equal(await lookUp({ search, clock, log }, options, consultOf()), 'Found for: Where is the key?');
    assert.equal(clock.pending, 0);
  });

  it('leaves it to the agent when it finds nothing, fails or is late, if that is wanted', async () => {
    const clock = new HandClock();
    const broken: FastSearch = async () => {
      throw new Error('no index');
    };
    assert.equal(await lookUp({ search: async () => null, clock, log }, options, consultOf()), null);
    assert.equal(await lookUp({ search: broken, clock, log }, options, consultOf()), null);
    const late = lookUp({ search: never, clock, log }, options, consultOf());
    await clock.advance(1_000);
    assert.equal(await late, null);
  });

  it('otherwise has the model say that nothing was found', async () => {
    const clock = new HandClock();
    const alone = { ...options, fallbackToConsult: false };
    const late = lookUp({ search: never, clock, log }, alone, consultOf());
    await clock.advance(1_000);
    assert.match((await late) ?? '', /Nothing about that was found/);
    assert.equal(clock.pending, 0);
  });

  it('is given up with the question', async () => {
    const clock = new HandClock();
    const gaveUp = new AbortController();
    const search = lookUp({ search: never, clock, log }, options, consultOf(gaveUp.signal));
    gaveUp.abort(new Error('the caller moved on'));
    await assert.rejects(search, { message: 'the caller moved on' });
    assert.equal(clock.pending, 0);
  });
});
