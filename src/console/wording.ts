// Wording: how things are called on the page: states, events, times, numbers.
import type { PublicCall, PublicState } from '../call/public-view.ts';
import type { Happened } from './detail.ts';

const STATES: Readonly<Record<PublicState, string>> = {
  initiated: 'Dialing',
  ringing: 'Ringing',
  answered: 'Answered',
  active: 'Thinking',
  speaking: 'Speaking',
  listening: 'Listening',
  completed: 'Completed',
  'hangup-user': 'They hung up',
  'hangup-bot': 'We hung up',
  timeout: 'Timed out',
  error: 'Error',
  failed: 'Failed',
  'no-answer': 'No answer',
  busy: 'Busy',
  voicemail: 'Voicemail',
};

export function stateName(call: PublicCall): string {
  if (call.metadata.ending && call.endReason === undefined) return 'Hanging up';
  return STATES[call.state];
}

export type Tone = 'live' | 'wait' | 'good' | 'bad';

export function toneOf({ state, endReason }: PublicCall): Tone {
  if (endReason === undefined) return state === 'initiated' || state === 'ringing' ? 'wait' : 'live';
  return endReason === 'completed' || endReason.startsWith('hangup') ? 'good' : 'bad';
}

/** The other party. */
export function partyOf({ direction, from, to }: PublicCall): string {
  return direction === 'inbound' ? from : to;
}

/** `+15550001234` in groups that can be read. */
export function spaced(number: string): string {
  const us = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  if (us) return `+1 ${us[1]} ${us[2]} ${us[3]}`;
  return number.replace(/^(\+\d{2})(\d{3})(\d{3})(\d+)$/, '$1 $2 $3 $4');
}

/** 65000 -> `1:05`. */
function minutes(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** 1234.5 -> `1.23 s`, 123.4 -> `123 ms`. */
export function duration(ms: number): string {
  return ms >= 1_000 ? `${(ms / 1_000).toFixed(2)} s` : `${Math.round(ms)} ms`;
}

export function durationOf({ startedAt, answeredAt, endedAt }: PublicCall, now: number): string {
  return minutes((endedAt ?? now) - (answeredAt ?? startedAt));
}

const EVENTS: Readonly<Record<string, string>> = {
  began: 'Call begun',
  placed: 'Carrier took the call',
  rang: 'Ringing',
  answered: 'Answered',
  callerSaid: 'They spoke',
  callerHeard: 'They spoke',
  callerSpeaks: 'They are speaking',
  callerSilent: 'They were silent',
  digitsReceived: 'Keys pressed',
  utterancePlayed: 'Heard to the end',
  utteranceCut: 'Interrupted by them',
  streamOpened: 'Media stream connected',
  streamClosed: 'Media stream closed',
  speechFailed: 'Speech failed',
  modelSaid: 'Voice model spoke',
  agentSaid: 'Agent: next sentence',
  agentReplied: 'Agent replied',
  agentFailed: 'Agent failed',
  turnTimed: 'Turn timed',
  speakRequested: 'Asked to say',
  askRequested: 'Asked to ask',
  digitsRequested: 'Asked to press keys',
  endRequested: 'Asked to hang up',
  deadlinePassed: 'Deadline passed',
  tellAccepted: 'Carrier agreed',
  tellFailed: 'Carrier did not agree',
  lineTold: 'Carrier told',
  dialFailed: 'Dialing failed',
  carrierEnded: 'Call over',
  restored: 'Taken up after a restart',
};

export function eventName(kind: string): string {
  return EVENTS[kind] ?? kind;
}

/** What belongs to the event, in a few words. */
export function eventNote({ event }: Happened): string {
  const said = ['text', 'heard', 'digits', 'why', 'cause', 'name', 'key'].map((field) => event[field]);
  const text = said.find((value) => typeof value === 'string' && value !== '');
  if (typeof text === 'string') return text;
  return typeof event['reason'] === 'string' ? event['reason'] : '';
}

/** What is only of interest to whoever looks for a fault. */
export function isPlumbing(kind: string): boolean {
  return ['tellAccepted', 'lineTold', 'callerSpeaks', 'turnTimed', 'began'].includes(kind);
}
