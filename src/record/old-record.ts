// OldRecord: a line of the `calls.jsonl` of earlier versions, read as a call of ours. What does not fit is no call.
import type {
  Call,
  CallSettings,
  Direction,
  End,
  EndReason,
  TranscriptEntry,
  TurnTimes,
  Utterance,
} from '../call/call.ts';
import { blank } from '../call/new-call.ts';

/** One line, as far as it is used: the whole call as it stood after some change. */
export interface OldRecord {
  readonly callId: string;
  readonly providerCallId: string | null;
  readonly provider: string;
  readonly direction: Direction;
  readonly state: string;
  readonly from: string;
  readonly to: string;
  readonly sessionKey: string;
  readonly agentId: string;
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly endReason: string | null;
  readonly transcript: readonly { readonly at: number; readonly isBot: boolean; readonly text: string }[];
  readonly metadata: Fields;
}

type Fields = Readonly<Record<string, unknown>>;

/** A call that ended later has not: it would count for the day's limits until then, beyond what a date can say. */
const LATEST_MS = Date.UTC(2100, 0, 1);

const END_REASONS: ReadonlySet<string> = new Set<EndReason>([
  ...(['completed', 'hangup-user', 'hangup-bot', 'timeout', 'error'] as const),
  ...(['failed', 'no-answer', 'busy', 'voicemail'] as const),
]);
const OPEN_STATES: ReadonlySet<string> = new Set(
  'initiated ringing answered active speaking listening'.split(' '),
);
/** Why a call is over that was open in the old file: whoever held it is gone, and it was never ours. */
const LEFT_OPEN: End = {
  reason: 'error',
  cause: 'open when it was imported: neither taken over nor hung up',
};

/** Null: it is no such record. Never throws. */
export function oldRecordOf(line: string): OldRecord | null {
  const fields = objectIn(line);
  const { callId, provider, direction, state, from, to } = fields;
  const startedAt = timeOf(fields['startedAt']);
  if (!isText(callId) || !isText(provider) || !isText(state) || startedAt === null) return null;
  if (direction !== 'inbound' && direction !== 'outbound') return null;
  if (!END_REASONS.has(state) && !OPEN_STATES.has(state)) return null;
  return {
    ...{ callId, provider, direction, state, startedAt },
    from: textOf(from) ?? 'unknown',
    to: textOf(to) ?? 'unknown',
    providerCallId: textOf(fields['providerCallId']),
    sessionKey: textOf(fields['sessionKey']) ?? `voice:imported:${callId}`,
    agentId: textOf(fields['agentId']) ?? 'main',
    answeredAt: timeOf(fields['answeredAt']),
    endedAt: timeOf(fields['endedAt']),
    endReason: textOf(fields['endReason']),
    transcript: Array.isArray(fields['transcript']) ? fields['transcript'].flatMap(entryOf) : [],
    metadata: isObject(fields['metadata']) ? fields['metadata'] : {},
  };
}

/** The call as of `record`, open or over; `turns` are those that earlier lines told of. */
export function callFrom(record: OldRecord, turns: readonly TurnTimes[]): Call {
  const call = overFrom(record, turns);
  if (!OPEN_STATES.has(record.state)) return call;
  return { ...call, ...standing(record.state), end: null, endedAt: null };
}

/** What the old state says of a call that is open. */
function standing(state: string): Pick<Call, 'phase' | 'floor'> {
  const utterance: Utterance = { id: 'u', text: '', digits: null, requestId: null };
  switch (state) {
    case 'initiated':
      return { phase: 'dialing', floor: { kind: 'idle' } };
    case 'ringing':
      return { phase: 'ringing', floor: { kind: 'idle' } };
    case 'speaking':
      return { phase: 'live', floor: { kind: 'speaking', utterance, after: { kind: 'idle' } } };
    case 'listening':
      return {
        phase: 'live',
        floor: { kind: 'listening', turn: 0, silences: 0, askId: null, prompt: null },
      };
    default:
      return { phase: 'live', floor: { kind: 'idle' } };
  }
}

/** The same as it comes into our store: over, whatever the record says. */
export function overFrom(record: OldRecord, turns: readonly TurnTimes[]): Call {
  const { metadata, startedAt, transcript } = record;
  const end = endOf(record);
  const lastAt = Math.max(startedAt, record.answeredAt ?? 0, ...transcript.map(({ at }) => at));
  const requester = textOf(metadata['requesterSessionKey']);
  const settings: CallSettings = {
    ...SETTINGS,
    agentId: record.agentId,
    sessionKey: record.sessionKey,
    numberRoute: textOf(metadata['numberRouteKey']),
  };
  const { callId: id, provider: carrier, from, to } = record;
  return {
    ...blank({ id, carrier, asks: false, from, to, at: startedAt, settings }),
    carrierCallId: record.providerCallId,
    direction: record.direction,
    mode: metadata['mode'] === 'notify' ? 'notify' : 'conversation',
    phase: 'ended',
    answeredAt: record.answeredAt,
    endedAt: record.endedAt ?? lastAt,
    end,
    turn: turns.length,
    transcript: entriesOf(transcript),
    turns,
    requesterSessionKey: requester,
  };
}

function endOf({ state, endReason, metadata }: OldRecord): End {
  if (OPEN_STATES.has(state)) return LEFT_OPEN;
  const reason = endReason !== null && END_REASONS.has(endReason) ? endReason : state;
  return { reason: reason as EndReason, cause: textOf(metadata['rejectionReason']) ?? 'imported' };
}

function entriesOf(transcript: OldRecord['transcript']): readonly TranscriptEntry[] {
  let [turn, said] = [0, 0];
  return transcript.map(({ at, isBot, text }) =>
    isBot
      ? { at, speaker: 'agent', text, utteranceId: `u${++said}`, requestId: null, outcome: 'heard' }
      : { at, speaker: 'caller', text, turn: ++turn },
  );
}

/**
 * How long the latest turn took, if the record tells. Its latency is what earlier versions called so: from the
 * beginning of our question to the caller's words.
 */
export function turnIn({ metadata }: OldRecord): TurnTimes | null {
  const turn = timeOf(metadata['turnCount']);
  const [latency, wait] = [timeOf(metadata['lastTurnLatencyMs']), timeOf(metadata['lastTurnListenWaitMs'])];
  const saidAt = timeOf(metadata['lastTurnCompletedAt']);
  if (turn === null || saidAt === null || (latency === null && wait === null)) return null;
  return {
    turn,
    listenedFromAt: saidAt - (wait ?? 0),
    saidAt,
    repliedAt: latency === null ? null : saidAt + latency,
  };
}

function entryOf(entry: unknown): OldRecord['transcript'] {
  if (!isObject(entry)) return [];
  const { speaker, text } = entry;
  const at = timeOf(entry['timestamp']);
  if (at === null || typeof text !== 'string') return [];
  return [{ at, isBot: speaker === 'bot', text }];
}

function objectIn(line: string): Fields {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function textOf(value: unknown): string | null {
  return isText(value) ? value : null;
}

function timeOf(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && value <= LATEST_MS ? Math.round(value) : null;
}

/** Nothing is ever done with a call that is over; what it was held with is not in the old file. */
const SETTINGS: CallSettings = {
  agentId: 'main',
  sessionKey: '',
  greeting: null,
  language: 'en-US',
  voice: null,
  responseModel: null,
  responseSystemPrompt: null,
  responseTimeoutMs: 30_000,
  ringTimeoutMs: 30_000,
  maxDurationMs: 300_000,
  transcriptTimeoutMs: 180_000,
  notifyHangupDelayMs: 3_000,
  stream: false,
  voiceModel: false,
  sensitivity: 'medium',
  silenceTimeoutMs: 800,
  tts: null,
  dtmfSequence: null,
  numberRoute: null,
};
