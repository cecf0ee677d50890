// Journal: the calls.jsonl of an earlier version, line by line: what is a call becomes one that every view can show.
import { publicView } from '../../../src/call/public-view.ts';
import { OldCallReader } from '../../../src/record/old-calls.ts';
import type { Random } from '../../random.ts';
import { anyJson, anyText, mutated, otherJson } from '../mutate.ts';
import { forbid, type Input, type Outcome, type Target, texts } from '../target.ts';

const LINE = JSON.stringify({
  callId: 'old-1',
  providerCallId: 'CA0123456789abcdef0123456789abcdef',
  provider: 'twilio',
  direction: 'inbound',
  state: 'completed',
  from: '+15550001234',
  to: '+15550000000',
  sessionKey: 'voice:15550001234',
  startedAt: 1_700_000_000_000,
  answeredAt: 1_700_000_002_000,
  endedAt: 1_700_000_060_000,
  endReason: 'completed',
  transcript: [
    { timestamp: 1_700_000_003_000, speaker: 'bot', text: 'Hello.', isFinal: true },
    { timestamp: 1_700_000_006_000, speaker: 'user', text: 'Hi there.', isFinal: true },
  ],
  processedEventIds: ['a'],
  metadata: {
    mode: 'conversation',
    turnCount: 1,
    lastTurnLatencyMs: 900,
    lastTurnListenWaitMs: 300,
    lastTurnCompletedAt: 1_700_000_006_000,
  },
});
const STATES = [
  'initiated',
  'ringing',
  'answered',
  'active',
  'speaking',
  'listening',
  'completed',
  'busy',
  'no-answer',
  'failed',
  'x',
];
const KEYS = [
  'callId',
  'state',
  'startedAt',
  'transcript',
  'metadata',
  'turnCount',
  'timestamp',
  'speaker',
  'text',
  'direction',
];

export const journalTargets: readonly Target[] = [
  {
    name: 'requests: lines of an old journal',
    family: 'requests',
    share: 40_000,
    promise:
      'No line stops the import; every line is a call or is counted as skipped; each call is over, with times that follow each other, and can be shown.',
    open: () => ({
      make: (random) => ({ lines: [line(random), ...random.list(3, () => line(random))] }),
      check,
    }),
  },
];

function line(random: Random): string {
  const one = random.once(2) ? LINE.replace('"completed"', JSON.stringify(random.pick(STATES))) : LINE;
  return random.pick([
    () => otherJson(random, one, KEYS),
    () => otherJson(random, otherJson(random, one, KEYS), KEYS),
    () => mutated(random, one),
    () => one.replace('old-1', `old-${random.below(3)}`),
    () => anyJson(random, KEYS),
    () => anyText(random),
  ])();
}

function check(input: Input): Outcome {
  const reader = new OldCallReader();
  let blank = 0;
  let read = 0;
  for (const one of texts(input, 'lines')) {
    if (one.trim() === '') blank += 1;
    else if (reader.read(one) !== null) read += 1;
  }
  const { calls, skipped } = reader.all;
  forbid(read + skipped + blank !== texts(input, 'lines').length, 'a line is neither a call nor skipped');
  for (const call of calls) {
    forbid(
      call.phase !== 'ended' || call.end === null || call.endedAt === null,
      'a call of the past is not over',
    );
    forbid(!Number.isSafeInteger(call.endedAt) || (call.endedAt ?? 0) < 0, 'a call ended at no time', () =>
      String(call.endedAt),
    );
    for (const { text: words } of call.transcript) forbid(typeof words !== 'string', 'words are no text');
    JSON.stringify(publicView(call));
  }
  return { kind: calls.length === 0 ? 'no call' : 'calls', answer: calls };
}
