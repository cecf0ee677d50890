// Tests of a call that is answered only to say one sentence: it says it, hangs up, and takes nobody's place.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreCall, type Fact, newCall } from '../../sim/core-call.ts';
import { takesInboundPlace } from './call.ts';
import { newTurnedAwayCall } from './new-call.ts';

const SENTENCE = 'All lines are busy.';
const CAUSE = 'refused: all lines are busy';

function turnedAway(asks: boolean): CoreCall {
  const line = new CoreCall({ kind: 'inbound', asks });
  line.call = newTurnedAwayCall({
    ...newCall({ kind: 'inbound', asks, dtmfSequence: '1' }),
    carrierCallId: 'CA1',
    cause: CAUSE,
    sentence: SENTENCE,
    at: line.now,
    answerByMs: 45_000,
  });
  return line;
}

describe('A caller who is turned away with a sentence', () => {
  for (const asks of [true, false]) {
    const way = asks ? 'asks' : 'is told';
    it(`hears it once, to its end, and is hung up: on a carrier that ${way}`, () => {
      const line = turnedAway(asks).play({ kind: 'answered' });
      assert.deepEqual(line.lines, [`agent (playing): ${SENTENCE}`]);
      line.play({ kind: 'utterancePlayed', utteranceId: null });
      line.pass(120_000);
      assert.deepEqual(line.call.end, { reason: 'hangup-bot', cause: CAUSE });
      assert.equal(line.call.phase, 'ended');
      assert.deepEqual(line.lines, [`agent (heard): ${SENTENCE}`]);
    });
  }

  it('cannot make an agent think, and nobody can speak to them', () => {
    const line = turnedAway(false).play({ kind: 'answered' });
    const facts: Fact[] = [
      { kind: 'callerSaid', text: 'Let me in.', turn: null },
      { kind: 'digitsReceived', digits: '1', turn: null },
      { kind: 'speakRequested', requestId: 'r1', text: 'Hello.' },
      { kind: 'askRequested', askId: 'a1', text: 'Who are you?' },
    ];
    line.play(...facts).pass(120_000);
    assert.deepEqual(line.asked, []);
    assert.ok(!line.sent.some((one) => one.kind === 'listen'));
    assert.equal(line.call.phase, 'ended');
  });

  it('who gives up first is on record as turned away', () => {
    const line = turnedAway(false);
    line.play({ kind: 'carrierEnded', reason: 'no-answer', cause: 'cancelled' });
    assert.equal(line.call.end?.cause, CAUSE);
  });

  it('takes no place; who was let in takes one until they are gone', () => {
    assert.equal(takesInboundPlace(turnedAway(false).play({ kind: 'answered' }).call), false);
    const admitted = new CoreCall({ kind: 'inbound' });
    assert.equal(takesInboundPlace(admitted.call), true);
    admitted.play({ kind: 'answered' });
    assert.equal(takesInboundPlace(admitted.call), true);
    admitted.play({ kind: 'carrierEnded', reason: 'completed', cause: 'over' });
    assert.equal(takesInboundPlace(admitted.call), false);
    assert.equal(takesInboundPlace(newCall()), false);
  });
});
