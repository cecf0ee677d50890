// TailText: one line for a call as it stands now, for a person who watches calls in a terminal.
import { speakerName } from '../lib/speaker.ts';
import type { PublicCall } from '../operation/call-status.ts';

/** `12:00:07  c0ffee00  listening    to +1********34        2 turns  caller (3 words)` */
export function tailLine(call: PublicCall): string {
  const { callId, state, direction, from, to, metadata } = call;
  const who = direction === 'outbound' ? `to ${to}` : `from ${from}`;
  const turns = `${metadata.turnCount} ${metadata.turnCount === 1 ? 'turn' : 'turns'}`;
  return [
    timeOf(lastMoment(call)),
    callId.slice(0, 8).padEnd(8),
    `${state}${metadata.ending ? ', hanging up' : ''}`.padEnd(11),
    who.padEnd(21),
    turns.padEnd(8),
    call.endedAt === undefined ? lastSaid(call) : howItEnded(call),
  ]
    .join('  ')
    .trimEnd();
}

function lastMoment({ startedAt, answeredAt, endedAt, transcript }: PublicCall): number {
  return endedAt ?? Math.max(startedAt, answeredAt ?? 0, transcript.at(-1)?.timestamp ?? 0);
}

function lastSaid({ direction, transcript }: PublicCall): string {
  const entry = transcript.at(-1);
  return entry ? `${speakerName(direction, entry.speaker)} ${entry.text}` : '';
}

function howItEnded({ answeredAt, endedAt = 0, metadata }: PublicCall): string {
  const lasted =
    answeredAt === undefined ? 'never answered' : `lasted ${((endedAt - answeredAt) / 1_000).toFixed(1)} s`;
  return metadata.cause === undefined ? lasted : `${lasted}: ${metadata.cause}`;
}

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
