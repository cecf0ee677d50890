// The floor by itself: who may speak next, without the table around it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreCall } from '../../sim/core-call.ts';
import type { Call } from './call.ts';
import {
  agentThinksAbout,
  openListening,
  openThinking,
  replyArrived,
  rest,
  restingAfterAll,
  say,
  thoughtOver,
  utteranceOver,
} from './floor.ts';

const AT = 2_000_000;
const hello = { text: 'Hello.', requestId: null };
const thinking = { kind: 'thinking', turn: 1, by: 'agent', fillers: 0 } as const;

function live(): Call {
  const facts = [{ kind: 'placed', carrierCallId: 'CA1', replaces: null }, { kind: 'answered' }] as const;
  return new CoreCall().play(...facts).call;
}

describe('The floor', () => {
  it('is listening and thinking also while something is being said', () => {
    const call = live();
    assert.equal(openListening(call)?.turn, 1);
    assert.equal(openThinking(call), null);
    const filling: Call = { ...call, floor: { ...speakingOf(call), after: thinking } };
    assert.deepEqual([openListening(filling), openThinking(filling)], [null, thinking]);
    assert.deepEqual([agentThinksAbout(filling, 1), agentThinksAbout(filling, 2)], [true, false]);
  });

  it('goes to where the last thing that waits leads', () => {
    const call = say(live(), hello, thinking, AT).call;
    assert.equal(restingAfterAll(call), thinking);
    const next = utteranceOver(call, AT, true).call;
    assert.equal(next.floor.kind === 'speaking' && next.floor.utterance.text, 'Hello.');
    assert.equal(utteranceOver(next, AT, true).call.floor.kind, 'thinking');
  });

  it('keeps the reply deadline through fillers and sets it anew for a new turn', () => {
    const waiting = rest(live(), thinking, null, AT).call;
    const due = waiting.deadlines.reply;
    assert.equal(due, AT + waiting.settings.responseTimeoutMs);
    const filling = say(waiting, hello, thinking, AT + 5_000).call;
    assert.equal(filling.deadlines.reply, due);
    assert.equal(utteranceOver(filling, AT + 9_000, true).call.deadlines.reply, due);
    assert.equal(replyArrived(filling, 'Noon.', AT + 9_000).call.deadlines.reply, undefined);
  });

  it('of a thought that is over leads nowhere by itself, and the turn is answered', () => {
    const heard = new CoreCall();
    heard.play({ kind: 'placed', carrierCallId: 'CA1', replaces: null }, { kind: 'answered' });
    heard.play({ kind: 'callerSaid', text: 'Hi.', turn: 1 });
    const filling = say(heard.call, hello, thinking, AT).call;
    const over = thoughtOver(say(filling, hello, thinking, AT).call, AT);
    assert.equal(openThinking(over), null);
    assert.deepEqual(
      over.queue.map((item) => item.after.kind),
      ['idle'],
    );
    assert.equal(over.turns[0]?.repliedAt, AT);
    const said = utteranceOver(utteranceOver(over, AT, true).call, AT, true).call;
    assert.deepEqual(
      [said.floor.kind, said.floor.kind === 'listening' && said.floor.prompt],
      ['listening', null],
    );
  });

  it('has exactly the deadlines of what it is doing', () => {
    const names = (call: Call): string[] => Object.keys(call.deadlines).sort();
    assert.deepEqual(names(live()), ['maxDuration', 'played']);
    const listening = utteranceOver(live(), AT, true).call;
    assert.deepEqual(names(listening), ['maxDuration', 'silence']);
    assert.deepEqual(names(rest(listening, thinking, null, AT).call), ['filler', 'maxDuration', 'reply']);
  });
});

function speakingOf(call: Call): Extract<Call['floor'], { kind: 'speaking' }> {
  assert.equal(call.floor.kind, 'speaking');
  return call.floor as Extract<Call['floor'], { kind: 'speaking' }>;
}
