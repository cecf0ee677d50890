// StatusText: calls as a person reads them in a terminal. Scripts get JSON instead.
import type { Trouble } from '../lib/health.ts';
import { speakerName } from '../lib/speaker.ts';
import type { CallStatus, PublicCall, PublicEntry } from '../operation/call-status.ts';
import type { Status } from '../operation/status.ts';

type Found = Extract<CallStatus, { readonly found: true }>;
/** A status read from the store alone knows nothing of health. */
type Known = Found & Partial<Pick<Status, 'health' | 'outbound24h' | 'testPhone'>>;

export function statusText(status: Known): string {
  const { health = [], outbound24h, testPhone } = status;
  return [
    ...health.map(troubleText),
    callsText(status),
    ...('next' in status ? [`More: voicecall status --before ${status.next}`] : []),
    ...(outbound24h ? [spendingText(outbound24h)] : []),
    ...(testPhone === undefined ? [] : [phoneText(testPhone)]),
  ].join('\n');
}

function phoneText(speech: NonNullable<Status['testPhone']> | null): string {
  if (speech === null)
    return 'Test phone: typed and read; "voicecall speech add" gives it a voice and an ear.';
  const { voice, hearing, isOffline } = speech;
  return `Test phone: ${voice ?? 'nobody'} speaks, ${hearing ?? 'nobody'} hears${isOffline ? ', both on this machine' : ''}.`;
}

type Spending = NonNullable<Status['outbound24h']>;

function spendingText({ calls, maxCalls, minutes, maxMinutes }: Spending): string {
  const of = (used: number, most: number | undefined): string =>
    most === undefined ? `${used}` : `${used} of ${most}`;
  return `Our own calls, last 24 hours: ${of(calls, maxCalls)}, minutes: ${of(minutes, maxMinutes)}`;
}

function troubleText({ subject, message, cure, since }: Trouble): string {
  return `Not well: ${subject}, since ${timeOf(since)}: ${message}. ${cure}`;
}

function callsText(status: Found): string {
  if ('call' in status) return callText(status.call);
  if (status.calls.length === 0) return 'No calls.';
  return status.calls.map(callLine).join('\n');
}

/** What `pairing.list` answers. */
export interface PairingList {
  readonly pairings: readonly { readonly code: string; readonly from: string; readonly expiresAt: number }[];
}

export function pairingsText({ pairings }: PairingList): string {
  if (pairings.length === 0) return 'Nobody waits.';
  return pairings
    .map(({ code, from, expiresAt }) => `${code}  from ${from.padEnd(16)}  until ${timeOf(expiresAt)}`)
    .join('\n');
}

function callLine(call: PublicCall): string {
  const { callId, state, direction, from, to, startedAt } = call;
  const who = direction === 'outbound' ? `to ${to}` : `from ${from}`;
  return [callId, state.padEnd(11), who.padEnd(21), timeOf(startedAt), lasted(call)].join('  ').trimEnd();
}

function callText(call: PublicCall): string {
  const { metadata } = call;
  const cause = metadata.cause === undefined ? '' : ` (${metadata.cause})`;
  return [
    `Call ${call.callId}, ${call.direction}, ${metadata.mode}, by ${call.provider}`,
    `  ${call.from} -> ${call.to}`,
    `  state    ${call.state}${metadata.ending ? ', hanging up' : ''}${cause}`,
    `  started  ${timeOf(call.startedAt)}${answered(call)}`,
    ...metadata.turns.map((turn) => `  turn ${turn.turn}   ${turnText(turn)}`),
    ...call.transcript.map((entry) => `  ${clockOf(entry.timestamp)}  ${entryText(call, entry)}`),
  ].join('\n');
}

function answered({ startedAt, answeredAt, ...call }: PublicCall): string {
  if (answeredAt === undefined) return '';
  const length = lasted({ startedAt, answeredAt, ...call });
  return `, answered after ${seconds(answeredAt - startedAt)}${length === '' ? '' : `, lasted ${length}`}`;
}

function turnText({ listenWaitMs, latencyMs }: PublicCall['metadata']['turns'][number]): string {
  const heard = `heard after ${seconds(listenWaitMs)}`;
  return latencyMs === undefined ? heard : `${heard}, answered in ${seconds(latencyMs)}`;
}

function entryText({ direction }: PublicCall, { speaker, text, isFinal, heard }: PublicEntry): string {
  const who = speakerName(direction, speaker).padEnd(6);
  if (!isFinal) return `${who}  ${text} ...`;
  return `${who}  ${text}${heard === false ? ' (not heard to the end)' : ''}`;
}

function lasted({ answeredAt, endedAt }: PublicCall): string {
  return answeredAt === undefined || endedAt === undefined ? '' : seconds(endedAt - answeredAt);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** `2026-11-21 12:00:00` in UTC, so that it reads the same everywhere. */
function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function clockOf(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
