// Tests of Agent: order of runs, deadlines, and what is written when; the runs themselves are made up.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import type { AgentAnswer, AgentTurn } from '../conversation/ports.ts';
import type { Log } from '../lib/log.ts';
import { type AgentRuns, PhoneAgent, type Said } from './agent.ts';

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const call = { callId: 'c1', agentId: 'main', sessionKey: 'agent:main:voice:15550001234' };

function turnOf(words: string, more: Partial<AgentTurn> = {}): AgentTurn {
  return {
    ...call,
    turn: 1,
    words,
    instructions: '',
    model: null,
    timeoutMs: 1_000,
    callerIsOwner: false,
    signal: new AbortController().signal,
    ...more,
  };
}

function spoken(text: string): AgentAnswer {
  return { payloads: [{ text: JSON.stringify({ spoken: text }), isError: false, isReasoning: false }] };
}

/** Answers every turn by its words, and keeps what it was asked. */
function setup(more: Partial<AgentRuns<string>> = {}) {
  const clock = new HandClock();
  const written: Said[][] = [];
  const runs: AgentRuns<string> = {
    remember: async () => 'memory',
    rehearse: async () => undefined,
    run: async ({ words }) => spoken(`You said ${words}`),
    write: async (_call, said) => {
      written.push([...said]);
    },
    ...more,
  };
  return { clock, written, agent: new PhoneAgent({ runs, clock, log: silent }) };
}

describe('the agent on the phone', () => {
  it('writes what was said, as it was spoken, into the session', async () => {
    const { agent, clock, written } = setup();
    await agent.reply(turnOf('hello'));
    await agent.release('c1');
    assert.deepEqual(written, [[{ words: 'hello', answer: 'You said hello', at: clock.now() }]]);
  });

  it('never runs two turns of one call at the same time', async () => {
    const order: string[] = [];
    const first = Promise.withResolvers<void>();
    const { agent } = setup({
      run: async ({ words }) => {
        order.push(`${words} begins`);
        if (words === 'one') await first.promise;
        order.push(`${words} ends`);
        return spoken(words);
      },
    });
    const replies = [agent.reply(turnOf('one')), agent.reply(turnOf('two'))];
    first.resolve();
    await Promise.all(replies);
    assert.deepEqual(order, ['one begins', 'one ends', 'two begins', 'two ends']);
  });

  it('gives up on a turn that takes too long, and leaves no timer behind', async () => {
    const { agent, clock } = setup({ run: () => new Promise(() => undefined) });
    const reply = assert.rejects(agent.reply(turnOf('hello')), { code: 'VC_AGENT_TIMEOUT' });
    await clock.advance(1_000);
    await reply;
    assert.equal(clock.pending, 0);
  });

  it('lets go at once when the turn is superseded, with the reason it was given', async () => {
    const superseded = new AbortController();
    const { agent, clock } = setup({ run: () => new Promise(() => undefined) });
    const reply = agent.reply(turnOf('hello', { signal: superseded.signal }));
    superseded.abort(new Error('the turn was superseded'));
    await assert.rejects(reply, { message: 'the turn was superseded' });
    assert.equal(clock.pending, 0);
  });

  it('rejects when the run fails, writes nothing of it, and answers the next turn', async () => {
    let isBroken = true;
    const { agent, written } = setup({
      run: async () => {
        if (isBroken) throw new Error('no model');
        return spoken('here I am');
      },
    });
    await assert.rejects(agent.reply(turnOf('one')), { message: 'no model' });
    isBroken = false;
    await agent.reply(turnOf('two'));
    await agent.release('c1');
    assert.deepEqual(
      written.flat().map(({ words }) => words),
      ['two'],
    );
  });

  it('tries again at the end of the call what could not be written before', async () => {
    let isFull = true;
    const kept: string[] = [];
    const { agent } = setup({
      write: async (_call, said) => {
        if (isFull) throw new Error('disk full');
        kept.push(...said.map(({ words }) => words));
      },
    });
    await agent.reply(turnOf('one'));
    await agent.reply(turnOf('two'));
    assert.deepEqual(kept, []);
    isFull = false;
    await agent.release('c1');
    assert.deepEqual(kept, ['one', 'two']);
  });

  it('survives a preparation that fails', async () => {
    const { agent } = setup({
      rehearse: async () => {
        throw new Error('cold');
      },
    });
    await agent.prewarm(call);
    assert.deepEqual(await agent.reply(turnOf('hello')), spoken('You said hello'));
  });

  it('asks again for the memory of a call when it could not be read', async () => {
    let attempts = 0;
    const { agent } = setup({
      remember: async () => {
        attempts += 1;
        if (attempts === 1) throw new Error('locked');
        return 'memory';
      },
    });
    await assert.rejects(agent.reply(turnOf('one')), { message: 'locked' });
    assert.deepEqual(await agent.reply(turnOf('two')), spoken('You said two'));
  });
});
