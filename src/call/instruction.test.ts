// What the line should do is computed from the call; these are the phases, the keys, and what need not be sent.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreCall, newCall } from '../../sim/core-call.ts';
import type { Call } from './call.ts';
import { instructionFor, instructionToSend, keyOf, toldByReply, toldByRequest } from './instruction.ts';

const utterance = { id: 'u7', text: 'Hello.', digits: null, requestId: null };
const live = (asks: boolean): Call =>
  new CoreCall({ asks }).play({ kind: 'placed', carrierCallId: 'CA1', replaces: null }, { kind: 'answered' })
    .call;

describe('The instruction for a call', () => {
  it('picks up a ringing call only where the carrier must be told to', () => {
    assert.equal(instructionFor(newCall({ kind: 'inbound', asks: false })).kind, 'answer');
    assert.equal(instructionFor(newCall({ kind: 'inbound', asks: true })).kind, 'wait');
    assert.equal(instructionFor({ ...newCall(), phase: 'ringing' }).kind, 'wait');
  });

  it('turns a call away only while it was never answered and nothing was tried before', () => {
    const ending: Call = { ...newCall({ kind: 'inbound' }), phase: 'ending' };
    assert.equal(instructionFor(ending).kind, 'reject');
    assert.equal(instructionFor({ ...ending, line: { ...ending.line, attempts: 1 } }).kind, 'hangup');
    assert.equal(instructionFor({ ...ending, answeredAt: 1 }).kind, 'hangup');
    assert.equal(instructionFor({ ...ending, direction: 'outbound' }).kind, 'hangup');
  });

  it('is to wait once it is over: a line that is gone is never hung up', () => {
    assert.equal(instructionFor({ ...live(false), phase: 'ended' }).kind, 'wait');
  });

  it('does not listen beside a goodbye', () => {
    const call = live(false);
    const leaving: Call = { ...call, leaving: { reason: 'hangup-bot', cause: 'test' } };
    assert.deepEqual(
      [call, leaving].map(instructionFor).map((one) => one.kind === 'say' && one.turn),
      [1, null],
    );
  });
});

describe('Keys of instructions', () => {
  it('tell utterances and turns apart, and nothing else', () => {
    assert.equal(keyOf({ kind: 'say', utterance, turn: 3 }), 'say:u7');
    assert.equal(keyOf({ kind: 'say', utterance: { ...utterance, id: 'u8' }, turn: 3 }), 'say:u8');
    assert.equal(keyOf({ kind: 'say', utterance, turn: null }), 'say:u7');
    assert.equal(keyOf({ kind: 'listen', turn: 3 }), 'listen:3');
    assert.deepEqual(
      (['wait', 'answer', 'reject', 'hangup'] as const).map((kind) => keyOf({ kind })),
      ['wait', 'answer', 'reject', 'hangup'],
    );
  });
});

describe('What is sent to the carrier', () => {
  it('is nothing it was told already, nothing before it gave the call an id, and never "wait"', () => {
    const untold: Call = { ...live(false), line: { told: null, accepted: false, attempts: 0, asked: 0 } };
    assert.equal(instructionToSend(untold)?.kind, 'say');
    assert.equal(instructionToSend(toldByRequest(untold, 'say:u1')), null);
    assert.equal(instructionToSend({ ...untold, carrierCallId: null }), null);
    assert.equal(instructionToSend({ ...untold, floor: { kind: 'idle' } }), null);
  });

  it('waits for a carrier that asks and was told to ask again, but not with a hang-up', () => {
    const call = toldByReply(live(true), 'wait');
    assert.equal(instructionToSend(call), null);
    assert.equal(instructionToSend({ ...call, phase: 'ending' })?.kind, 'hangup');
    assert.equal(instructionToSend({ ...call, asks: false })?.kind, 'say');
  });

  it('is told once: whatever is told clears what was to be told again', () => {
    const call: Call = { ...live(false), deadlines: { maxDuration: 9, retell: 5 } };
    assert.deepEqual(toldByRequest(call, 'say:u2').deadlines, { maxDuration: 9 });
    assert.deepEqual(toldByReply(call, 'say:u2').deadlines, { maxDuration: 9 });
  });

  it('counts the documents it fetched, and a request still needs its yes', () => {
    const { line } = toldByReply(toldByReply(live(true), 'a'), 'b');
    assert.deepEqual([line.told, line.accepted, line.asked], ['b', true, 2]);
    assert.deepEqual(toldByRequest(live(true), 'c').line.accepted, false);
  });
});

describe('A line that takes its document', () => {
  it('works again, whatever failed before; while we hang up, the repetitions still count', () => {
    const call = live(true);
    const failing: Call = { ...call, line: { ...call.line, attempts: 3 } };
    assert.equal(toldByReply(failing, 'listen:1').line.attempts, 0);
    assert.equal(toldByReply({ ...failing, phase: 'ending' }, 'hangup').line.attempts, 3);
  });
});
