// Tests of PublicView: the documented names, and nothing that is not known.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { someCall } from '../../sim/fake-phone.ts';
import type { Call, Floor } from './call.ts';
import { publicState, publicView, turnTimes } from './public-view.ts';

const listening: Floor = { kind: 'listening', turn: 1, silences: 0, askId: null, prompt: null };
const said = {
  at: 2_000,
  speaker: 'agent',
  text: 'Hello.',
  utteranceId: 'u1',
  requestId: null,
} as const;

function live(changes: Partial<Call> = {}): Call {
  return someCall({ phase: 'live', answeredAt: 2_000, ...changes });
}

describe('the state of a call', () => {
  it('follows the phone, then the floor, then the reason it ended for', () => {
    const utterance = { id: 'u1', text: 'Hello.', digits: null, requestId: null };
    const thinking: Floor = { kind: 'thinking', turn: 1, by: 'agent', fillers: 0 };
    const transcript = [{ ...said, outcome: 'heard' as const }];
    const states: readonly [Call, string][] = [
      [someCall(), 'initiated'],
      [someCall({ phase: 'ringing' }), 'ringing'],
      [live(), 'answered'],
      [live({ floor: { kind: 'speaking', utterance, after: thinking } }), 'speaking'],
      [live({ floor: listening }), 'listening'],
      [live({ floor: thinking }), 'active'],
      [live({ transcript }), 'active'],
      [someCall({ phase: 'ending' }), 'initiated'],
      [someCall({ phase: 'ending', direction: 'inbound' }), 'ringing'],
      [live({ phase: 'ending' }), 'active'],
      [live({ phase: 'ended', end: { reason: 'hangup-user', cause: 'hung up' } }), 'hangup-user'],
      [someCall({ phase: 'ended', end: { reason: 'no-answer', cause: 'nobody' } }), 'no-answer'],
    ];
    for (const [call, state] of states) assert.equal(publicState(call), state);
  });
});

describe('the view of a call', () => {
  it('of one that was just placed has no more than is known', () => {
    assert.deepEqual(publicView(someCall()), {
      callId: 'call-1',
      provider: 'mock',
      direction: 'outbound',
      state: 'initiated',
      from: '+15550000000',
      to: '+15550001234',
      sessionKey: 'agent:main:voice:15550001234',
      agentId: 'main',
      startedAt: 1_000,
      transcript: [],
      metadata: { mode: 'conversation', initialMessage: 'Hello.', turnCount: 0, turns: [] },
    });
  });

  it('of one that is over has its times, its end and who asked for it', () => {
    const view = publicView(
      live({
        carrierCallId: 'CA1',
        phase: 'ended',
        endedAt: 9_000,
        end: { reason: 'completed', cause: 'CallStatus=completed' },
        requesterSessionKey: 'agent:main:main',
      }),
    );
    assert.equal(view.providerCallId, 'CA1');
    assert.deepEqual([view.startedAt, view.answeredAt, view.endedAt], [1_000, 2_000, 9_000]);
    assert.deepEqual([view.state, view.endReason], ['completed', 'completed']);
    assert.equal(view.metadata.cause, 'CallStatus=completed');
    assert.equal(view.metadata.requesterSessionKey, 'agent:main:main');
    assert.equal('initialMessage' in view.metadata, false);
    assert.equal('ending' in view.metadata, false);
  });

  it('tells of a call that is being hung up that it is ending, and not yet that it ended', () => {
    const end = { reason: 'hangup-bot', cause: 'asked to hang up' } as const;
    for (const call of [live({ phase: 'ending', end }), live({ leaving: end })]) {
      const view = publicView(call);
      assert.equal(view.metadata.ending, true);
      assert.equal(view.metadata.cause, 'asked to hang up');
      assert.equal('endReason' in view, false);
    }
  });

  it('tells of every sentence who said it and whether it was heard', () => {
    const { transcript } = publicView(
      live({
        transcript: [
          { ...said, outcome: 'heard' },
          { at: 3_000, speaker: 'caller', text: 'Hi.', turn: 1 },
          { ...said, outcome: 'cut' },
          { ...said, outcome: 'unheard' },
          { ...said, outcome: 'playing' },
        ],
      }),
    );
    const ours = { timestamp: 2_000, speaker: 'bot', text: 'Hello.' };
    assert.deepEqual(transcript, [
      { ...ours, isFinal: true, heard: true },
      { timestamp: 3_000, speaker: 'user', text: 'Hi.', isFinal: true },
      { ...ours, isFinal: true, heard: false },
      { ...ours, isFinal: true, heard: false },
      { ...ours, isFinal: false },
    ]);
  });

  it('has the times of every turn, and of the latest by themselves', () => {
    const call = live({
      turns: [
        { turn: 1, listenedFromAt: 2_000, saidAt: 3_500, repliedAt: 4_100 },
        { turn: 2, listenedFromAt: 5_000, saidAt: 7_000, repliedAt: null },
      ],
    });
    assert.deepEqual(turnTimes(call), [
      { turn: 1, listenWaitMs: 1_500, latencyMs: 600 },
      { turn: 2, listenWaitMs: 2_000 },
    ]);
    const { metadata } = publicView(call);
    assert.deepEqual(
      [metadata.turnCount, metadata.lastTurnLatencyMs, metadata.lastTurnListenWaitMs],
      [2, 600, 2_000],
    );
  });

  it('can be sent as it is', () => {
    const view = publicView(live());
    assert.deepEqual(JSON.parse(JSON.stringify(view)), view);
  });
});
