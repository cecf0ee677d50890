// order: reads the form of a create or update request the way Twilio's API validates it.
import { readForm } from './form.ts';

export interface Target {
  readonly url: string;
  readonly method: 'GET' | 'POST';
}

/** Where a call's next TwiML comes from. */
export type Source = ({ readonly kind: 'url' } & Target) | { readonly kind: 'twiml'; readonly twiml: string };

export type StatusEvent = 'initiated' | 'ringing' | 'answered' | 'completed';

export interface StatusTarget extends Target {
  readonly events: readonly StatusEvent[];
}

export interface MachineDetection {
  readonly mode: 'Enable' | 'DetectMessageEnd';
  /** Absent: detection blocks the first document and its verdict travels with that request. */
  readonly asyncTarget: Target | undefined;
  readonly isAsync: boolean;
}

export interface CallOrder {
  readonly to: string;
  readonly from: string;
  readonly source: Source;
  readonly fallback: Target | undefined;
  readonly status: StatusTarget | undefined;
  readonly ringS: number;
  readonly limitS: number | undefined;
  readonly sendDigits: string;
  readonly machineDetection: MachineDetection | undefined;
}

export interface CallChange {
  readonly source: Source | undefined;
  readonly hangUp: 'completed' | 'canceled' | undefined;
  readonly fallback: Target | undefined;
  readonly status: StatusTarget | undefined;
  readonly limitS: number | undefined;
}

/** A request Twilio answers with an error body. */
export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

export type Form = Readonly<Record<string, readonly string[]>>;
export type Parsed<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Refusal);

const UPDATE_NAMES =
  'Url Method Twiml Status FallbackUrl FallbackMethod StatusCallback StatusCallbackMethod TimeLimit'.split(
    ' ',
  );
const CREATE_NAMES = [
  ...UPDATE_NAMES.filter((name) => name !== 'Status'),
  ...'To From StatusCallbackEvent Timeout SendDigits CallReason CallerId CallToken'.split(' '),
  ...'MachineDetection MachineDetectionTimeout MachineDetectionSpeechThreshold'.split(' '),
  ...'MachineDetectionSpeechEndThreshold MachineDetectionSilenceTimeout'.split(' '),
  ...'AsyncAmd AsyncAmdStatusCallback AsyncAmdStatusCallbackMethod'.split(' '),
];
const UNSIMULATED =
  'ApplicationSid Record RecordingChannels RecordingStatusCallback RecordingStatusCallbackMethod RecordingStatusCallbackEvent RecordingTrack Trim SipAuthUsername SipAuthPassword Byoc Trunk'.split(
    ' ',
  );

const NUMBER = /^\+[1-9]\d{6,14}$/;
const MOST_TWIML = 4000;

/** Parameters the real API would silently ignore, and those this twin does not act out. */
export function strangeNames(
  form: Form,
  action: 'create' | 'update',
): { unknown: string[]; unsimulated: string[] } {
  const known = action === 'create' ? CREATE_NAMES : UPDATE_NAMES;
  const strange = Object.keys(form).filter((name) => !known.includes(name));
  return {
    unknown: strange.filter((name) => !UNSIMULATED.includes(name)),
    unsimulated: strange.filter((name) => UNSIMULATED.includes(name)),
  };
}

export function parseCreate(form: Form, ownNumbers: readonly string[] | undefined): Parsed<CallOrder> {
  return readForm(form, (read) => {
    const to = read.number('To', { missing: 21201, invalid: 21211 }, NUMBER);
    const from = read.number('From', { missing: 21213, invalid: 21212 }, NUMBER);
    if (ownNumbers && !ownNumbers.includes(from)) {
      read.refuse(21210, `The source phone number provided, ${from}, is not yet verified for your account.`);
    }
    const source = readSource(read);
    if (!source) return read.refuse(21205, 'Url parameter is required.');
    return {
      to,
      from,
      source,
      fallback: read.target('FallbackUrl', 'FallbackMethod', 21205),
      status: readStatus(read),
      ringS: read.integer('Timeout', { least: 1, most: 600, code: 21208 }) ?? 60,
      limitS: read.integer('TimeLimit', { least: 1, most: 86_400, code: 20001 }),
      sendDigits: read.pattern('SendDigits', /^[0-9A-Da-d#*wW]{1,32}$/, 21206) ?? '',
      machineDetection: readMachineDetection(read),
    };
  });
}

export function parseUpdate(form: Form): Parsed<CallChange> {
  return readForm(form, (read) => ({
    source: readSource(read),
    hangUp: read.choice('Status', ['completed', 'canceled'] as const, 20001),
    fallback: read.target('FallbackUrl', 'FallbackMethod', 21205),
    status: readStatus(read),
    limitS: read.integer('TimeLimit', { least: 1, most: 86_400, code: 20001 }),
  }));
}

type Read = Parameters<Parameters<typeof readForm>[1]>[0];

/** Given both, Url wins and Twiml is ignored. */
function readSource(read: Read): Source | undefined {
  const target = read.target('Url', 'Method', 21205);
  if (target) return { kind: 'url', ...target };
  const twiml = read.one('Twiml');
  if (twiml === undefined) return undefined;
  if (twiml.length > MOST_TWIML) {
    return read.refuse(32018, `Twiml size exceeded maximum allowed value of ${MOST_TWIML} characters`);
  }
  return { kind: 'twiml', twiml };
}

function readStatus(read: Read): StatusTarget | undefined {
  const events = read.choices(
    'StatusCallbackEvent',
    ['initiated', 'ringing', 'answered', 'completed'] as const,
    21626,
  );
  const target = read.target('StatusCallback', 'StatusCallbackMethod', 21609);
  return target && { ...target, events: events.length > 0 ? events : ['completed'] };
}

function readMachineDetection(read: Read): MachineDetection | undefined {
  const mode = read.choice('MachineDetection', ['Enable', 'DetectMessageEnd'] as const, 20001);
  const isAsync = read.choice('AsyncAmd', ['true', 'false'] as const, 20001) === 'true';
  const asyncTarget = read.target('AsyncAmdStatusCallback', 'AsyncAmdStatusCallbackMethod', 21609);
  return mode && { mode, isAsync, asyncTarget: isAsync ? asyncTarget : undefined };
}
