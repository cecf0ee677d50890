// PublicCall: a call as everybody outside sees it, for tests of what shows calls.
import type { PublicCall } from '../src/call/public-view.ts';

export function publicCall(changes: Partial<PublicCall> = {}): PublicCall {
  return {
    callId: 'call-1',
    provider: 'mock',
    direction: 'outbound',
    state: 'listening',
    from: '+15550000000',
    to: '+15550001234',
    sessionKey: 'agent:main:voice:15550001234',
    agentId: 'main',
    startedAt: 1_000,
    answeredAt: 2_000,
    transcript: [],
    metadata: { mode: 'conversation', turnCount: 0, turns: [] },
    ...changes,
  };
}
