// Tests of test-call.ts: what is said about a call that is over, by what is known of it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Verdict, verdictText } from './test-call.ts';

const call: Verdict = {
  ok: true,
  callId: 'id-1',
  answered: true,
  endReason: 'hangup-bot',
  said: 1,
  heard: 1,
  sound: null,
  talkMs: 4_200,
};

describe('The verdict on a test call', () => {
  it('goes by what the carrier confirms, where the carrier speaks', () => {
    assert.equal(
      verdictText(call),
      'live-call: OK\naudio: said 1, heard to the end 1, as the carrier confirms; 4.2 s on the line',
    );
  });

  it('measures the sound, where it was ours', () => {
    const sound = { sentMs: 3_100, heardMs: 1_800 };
    assert.equal(
      verdictText({ ...call, ok: false, heard: 0, sound }),
      'live-call: answered, but our message was not heard to its end\naudio: sent 3.1 s, heard 1.8 s; 4.2 s on the line',
    );
  });

  it('says why nobody was there', () => {
    const nobody = { ...call, ok: false, answered: false, endReason: 'no-answer' };
    assert.equal(verdictText(nobody), 'live-call: nobody answered (no-answer)');
  });
});
