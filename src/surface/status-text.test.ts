// Tests of StatusText.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { someCall } from '../../sim/fake-phone.ts';
import type { Call } from '../call/call.ts';
import { statusOf } from '../operation/call-status.ts';
import { statusText } from './status-text.ts';

const START = Date.UTC(2026, 10, 21, 12);
const finished = someCall({
  createdAt: START,
  answeredAt: START + 2_000,
  endedAt: START + 12_500,
  phase: 'ended',
  end: { reason: 'hangup-user', cause: 'the caller hung up' },
  turns: [
    { turn: 1, listenedFromAt: START + 3_000, saidAt: START + 4_200, repliedAt: START + 5_000 },
    { turn: 2, listenedFromAt: START + 6_000, saidAt: START + 7_000, repliedAt: null },
  ],
  transcript: [
    {
      at: START + 2_000,
      speaker: 'agent',
      text: 'Hello.',
      utteranceId: 'u1',
      requestId: null,
      outcome: 'heard',
    },
    { at: START + 4_200, speaker: 'caller', text: 'Hi.', turn: 1 },
    { at: START + 5_000, speaker: 'agent', text: 'How', utteranceId: 'u2', requestId: null, outcome: 'cut' },
    {
      at: START + 7_000,
      speaker: 'agent',
      text: 'Well',
      utteranceId: 'u3',
      requestId: null,
      outcome: 'playing',
    },
  ],
});

function textOf(calls: readonly Call[], callId?: string): string {
  const status = statusOf(
    {
      find: (id) => calls.find((call) => call.id === id) ?? null,
      list: () => calls,
      page: ({ limit }) => ({
        calls: calls.slice(0, limit),
        next: calls.length > limit ? '0-7-call-1' : null,
      }),
    },
    callId,
    { limit: 20 },
  );
  assert.ok(status.found);
  return statusText(status);
}

describe('a call in a terminal', () => {
  it('is told with its times, turns and words', () => {
    assert.equal(
      textOf([finished], 'call-1'),
      [
        'Call call-1, outbound, conversation, by mock',
        '  +15550000000 -> +15550001234',
        '  state    hangup-user (the caller hung up)',
        '  started  2026-11-21 12:00:00 UTC, answered after 2.0 s, lasted 10.5 s',
        '  turn 1   heard after 1.2 s, answered in 0.8 s',
        '  turn 2   heard after 1.0 s',
        '  12:00:02  agent   Hello.',
        '  12:00:04  person  Hi.',
        '  12:00:05  agent   How (not heard to the end)',
        '  12:00:07  agent   Well ...',
      ].join('\n'),
    );
  });

  it('names who called us the caller', () => {
    assert.match(
      textOf([{ ...finished, direction: 'inbound' }], 'call-1'),
      /^ {2}12:00:04 {2}caller {2}Hi\.$/m,
    );
  });

  it('says how to see more, and what our own calls took', () => {
    const many = Array.from({ length: 21 }, (_, at) => ({ ...finished, id: `call-${at}` }));
    const lines = textOf(many).split('\n');
    assert.equal(lines.at(-1), 'More: voicecall status --before 0-7-call-1');
    const used = { calls: 3, maxCalls: 50, minutes: 12.5 };
    assert.match(
      statusText({ found: true, calls: [], outbound24h: used }),
      /^Our own calls, last 24 hours: 3 of 50, minutes: 12\.5$/m,
    );
  });

  it('comes after what does not work now, with the cure', () => {
    const since = START;
    const [message, cure] = ['The call store could not be written: disk full', 'Free disk space.'];
    const health = [{ subject: 'store', code: 'VC_STORE_FAILED', message, cure, since } as const];
    assert.equal(
      statusText({ found: true, calls: [], health }),
      'Not well: store, since 2026-11-21 12:00:00 UTC: The call store could not be written: disk full. Free disk space.\nNo calls.',
    );
  });

  it('is one line in a list', () => {
    const ringing = someCall({
      id: 'call-2',
      phase: 'ringing',
      direction: 'inbound',
      from: '+15550007777',
      createdAt: START,
    });
    assert.equal(
      textOf([finished, ringing]),
      [
        'call-1  hangup-user  to +15550001234        2026-11-21 12:00:00 UTC  10.5 s',
        'call-2  ringing      from +15550007777      2026-11-21 12:00:00 UTC',
      ].join('\n'),
    );
  });

  it('says when there is none', () => {
    assert.equal(textOf([]), 'No calls.');
  });
});
