// Tests of how a call is told in the terminal.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PublicCall } from '../src/call/public-view.ts';
import { CallReporter, summaryOf, wentWell } from './call-reporter.ts';
import { Terminal } from './terminal.ts';

const dialling: PublicCall = {
  callId: 'c1',
  provider: 'mock',
  direction: 'outbound',
  state: 'initiated',
  from: '+15550000000',
  to: '+15550001111',
  sessionKey: 'k',
  agentId: 'main',
  startedAt: 1_000,
  transcript: [],
  metadata: { mode: 'conversation', turnCount: 0, turns: [] },
};
const greeting = { timestamp: 2_100, speaker: 'bot', text: 'Hello there.', isFinal: true } as const;
const words = { timestamp: 4_000, speaker: 'user', text: 'Who is this?', isFinal: true } as const;
const reply = { timestamp: 4_310, speaker: 'bot', text: 'Your agent.', isFinal: true } as const;
const answered: PublicCall = { ...dialling, state: 'speaking', answeredAt: 2_000, transcript: [greeting] };
const replied: PublicCall = {
  ...answered,
  transcript: [greeting, words, reply],
  metadata: { ...answered.metadata, turns: [{ turn: 1, listenWaitMs: 900, latencyMs: 310 }] },
};
const ended: PublicCall = { ...replied, state: 'hangup-user', endedAt: 6_000, endReason: 'hangup-user' };

/** The lines printed for these statuses, in order. */
function told(...statuses: readonly PublicCall[]): readonly string[] {
  let text = '';
  const screen = { write: (part: string) => (text += part) };
  const reporter = new CallReporter(new Terminal(screen, {}), () => 1_400);
  for (const status of statuses) reporter.update(status);
  return text.split('\n').map((line) => line.trimEnd());
}

describe('a call is told', () => {
  it('as it happens, with the time of each line and of each answer', () => {
    assert.deepEqual(told(dialling, { ...dialling, state: 'ringing' }, answered, replied, ended), [
      '     0.0 s  dialling  +15550001111',
      '     0.4 s  ringing   it rings',
      '     1.0 s  answered  they pick up',
      '     1.1 s  agent     Hello there.',
      '     3.0 s  person    Who is this?',
      '     3.3 s  agent     Your agent.',
      '                      answered in 0.31 s',
      '     5.0 s  ended     they hung up (hangup-user)',
      '',
      '  1 turn answered: the median took 0.31 s, the slowest 0.31 s',
      '',
    ]);
  });

  it('from the side of who is called when somebody calls us', () => {
    const called = { ...answered, direction: 'inbound', from: '+15550009999', transcript: [] } as const;
    assert.deepEqual(told(called), [
      '     0.0 s  calling   from +15550009999',
      '     1.0 s  answered  the agent picks up',
      '',
    ]);
  });

  it('once only, however often its status is read', () => {
    assert.deepEqual(told(answered, answered, ended, ended), told(answered, ended));
  });

  it('as a failure when it ended without the turns it was to have', () => {
    assert.equal(wentWell(ended, 1), true);
    assert.equal(wentWell(ended, 2), false);
    assert.equal(wentWell({ ...ended, endReason: 'no-answer' }, 1), false);
  });

  it('without times when no turn was answered', () => {
    assert.equal(summaryOf(dialling), '0 turns answered');
  });
});
