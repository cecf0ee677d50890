// Governor: may we place this call, and for how long? What outbound calls cost is decided here, before each. Pure.
//
// A call takes its place when it is saved as begun, with the longest it may last; when it is over, what it took counts
// for 24 hours more. A rolling day knows no midnight, no time zone and no restart; a clock that is set back makes the
// day longer, never shorter.
import type { Call } from './call.ts';
import { isEmergencyNumber } from './emergency.ts';
import { isPremiumNumber } from './premium.ts';

/** What the owner allows; null is no limit. */
export interface OutboundLimits {
  readonly maxCallsPerDay: number | null;
  readonly maxMinutesPerDay: number | null;
  readonly allowEmergencyNumbers: boolean;
  readonly allowPremiumNumbers: boolean;
}

/** What one outbound call takes of the budget; kept beside the call, and longer. Times in ms since the epoch. */
export interface Outlay {
  readonly callId: string;
  readonly carrier: string;
  readonly to: string;
  readonly beganAt: number;
  /** null while it is open. */
  readonly endedAt: number | null;
  /** How long it lasted; while it is open, and where nobody confirmed its end, how long it may. */
  readonly ms: number;
  /** The phone rang and nobody took the call. */
  readonly isVain: boolean;
}

/** What is used of the last 24 hours. */
export interface Spent {
  readonly calls: number;
  readonly ms: number;
}

export type Verdict =
  | { readonly ok: true; readonly maxDurationMs: number }
  | { readonly ok: false; readonly why: 'emergency' | 'premium' }
  /** `roomAt`: when it would be allowed; null when that depends on calls that are open. */
  | { readonly ok: false; readonly why: 'calls' | 'minutes' | 'redial'; readonly roomAt: number | null };

const DAY_MS = 24 * 60 * 60_000;
/** No carrier can be told to end a call earlier than this (Telnyx: 30 s); for less a call is not begun. */
export const LEAST_MS = 30_000;
/** After so many calls in vain to one number within this time, it is left alone until the first is so long ago. */
export const VAIN_CALLS = 3;
const VAIN_WITHIN_MS = 10 * 60_000;

/** What `call` takes of the budget as it stands. */
export function outlayOf(call: Call): Outlay {
  const { id, carrier, to, createdAt, endedAt, end, answeredAt, carrierCallId } = call;
  const isOver = call.phase === 'ended';
  return {
    callId: id,
    carrier,
    to,
    beganAt: createdAt,
    endedAt: isOver ? (endedAt ?? createdAt) : null,
    ms: isOver ? lasted(call) : reserved(call),
    isVain: isOver && answeredAt === null && carrierCallId !== null && end?.reason !== 'hangup-bot',
  };
}

/** A clock that jumped, or a line whose end nobody confirmed: then it took all it may have taken. */
function lasted(call: Call): number {
  const { answeredAt, endedAt, end } = call;
  if (end?.reason === 'error') return reserved(call);
  if (answeredAt === null || endedAt === null) return 0;
  return endedAt < answeredAt ? reserved(call) : Math.min(endedAt - answeredAt, reserved(call));
}

function reserved({ settings: { maxDurationMs } }: Call): number {
  return Math.max(maxDurationMs, LEAST_MS);
}

/** From when an outlay is part of what counts: what ended before does not any more. */
export function countsFrom(at: number): number {
  return at - DAY_MS;
}

export interface Wish {
  readonly to: string;
  readonly carrier: string;
  readonly at: number;
  /** The longest the call may last by its settings. */
  readonly maxDurationMs: number;
}

/** Decides about one call; `past` are the outlays of all that may count. */
export function mayPlace(wish: Wish, limits: OutboundLimits, past: readonly Outlay[]): Verdict {
  if (isEmergencyNumber(wish.to) && !limits.allowEmergencyNumbers) return { ok: false, why: 'emergency' };
  if (isPremiumNumber(wish.to) && !limits.allowPremiumNumbers) return { ok: false, why: 'premium' };
  const counting = countingAt(wish, past);
  const full = whyFull(counting, limits);
  if (full !== null) {
    return { ok: false, why: full, roomAt: roomAt(counting, (left) => whyFull(left, limits) === null) };
  }
  const free = redialFrom(wish, past);
  if (free > wish.at) return { ok: false, why: 'redial', roomAt: free };
  const leftMs = mostMs(limits) - spentOn(counting).ms;
  return { ok: true, maxDurationMs: Math.min(wish.maxDurationMs, whole(leftMs)) };
}

function whyFull(counting: readonly Outlay[], limits: OutboundLimits): 'calls' | 'minutes' | null {
  const { calls, ms } = spentOn(counting);
  if (limits.maxCallsPerDay !== null && calls >= limits.maxCallsPerDay) return 'calls';
  return mostMs(limits) - ms < LEAST_MS ? 'minutes' : null;
}

function mostMs({ maxMinutesPerDay }: OutboundLimits): number {
  return maxMinutesPerDay === null ? Number.POSITIVE_INFINITY : maxMinutesPerDay * 60_000;
}

/** What is used at `at`. Calls of the mock carrier cost nothing: they have limits of their own. */
export function spentAt(on: Pick<Wish, 'at' | 'carrier'>, past: readonly Outlay[]): Spent {
  return spentOn(countingAt(on, past));
}

function countingAt(
  { at, carrier }: Pick<Wish, 'at' | 'carrier'>,
  past: readonly Outlay[],
): readonly Outlay[] {
  return past.filter(
    (one) =>
      (one.carrier === 'mock') === (carrier === 'mock') &&
      (one.endedAt === null || one.endedAt > countsFrom(at)),
  );
}

function spentOn(outlays: readonly Outlay[]): Spent {
  return { calls: outlays.length, ms: outlays.reduce((sum, { ms }) => sum + ms, 0) };
}

/** When enough of what counts is a day old; null: not before an open call ends. */
function roomAt(outlays: readonly Outlay[], hasRoom: (left: readonly Outlay[]) => boolean): number | null {
  const ends = outlays.flatMap(({ endedAt }) => endedAt ?? []).sort((a, b) => a - b);
  const free = ends.find((end) =>
    hasRoom(outlays.filter(({ endedAt }) => endedAt === null || endedAt > end)),
  );
  return free === undefined ? null : free + DAY_MS;
}

/** Until when a number is left alone after calls in vain; a call that was answered starts it afresh. */
function redialFrom({ to, at }: Wish, past: readonly Outlay[]): number {
  const ended = past
    .filter((one) => one.to === to && one.endedAt !== null)
    .sort((a, b) => a.beganAt - b.beganAt);
  const latest = ended.slice(-VAIN_CALLS);
  if (latest.length < VAIN_CALLS || !latest.every(({ isVain }) => isVain)) return at;
  return Math.min(...latest.map(({ endedAt }) => endedAt ?? at)) + VAIN_WITHIN_MS;
}

function whole(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}
