// NewCall: how a call begins: placed by us, offered to us, refused, or answered only to be told why not.
import type { Call, CallSettings, Mode } from './call.ts';

export interface NewCall {
  readonly id: string;
  readonly carrier: string;
  readonly asks: boolean;
  readonly from: string;
  readonly to: string;
  readonly at: number;
  readonly settings: CallSettings;
}

/** What every call begins with, whichever way it goes. */
export function blank(init: NewCall): Omit<Call, 'direction' | 'mode' | 'phase'> {
  return {
    id: init.id,
    carrier: init.carrier,
    carrierCallId: null,
    asks: init.asks,
    from: init.from,
    to: init.to,
    createdAt: init.at,
    answeredAt: null,
    endedAt: null,
    end: null,
    floor: { kind: 'idle' },
    queue: [],
    line: { told: null, accepted: false, attempts: 0, asked: 0 },
    stream: null,
    streams: 0,
    turn: 0,
    said: 0,
    keys: '',
    keysAt: [],
    leaving: null,
    answer: null,
    deadlines: {},
    transcript: [],
    turns: [],
    settings: init.settings,
    requesterSessionKey: null,
  };
}

/** A call we are about to place. It must be saved, then dialled once: a `dialing` call is never dialled again. */
export function newOutboundCall(
  init: NewCall & {
    readonly mode: Mode;
    readonly requesterSessionKey: string | null;
    readonly answerByMs: number;
  },
): Call {
  return {
    ...blank(init),
    direction: 'outbound',
    mode: init.mode,
    phase: 'dialing',
    deadlines: { answer: init.at + init.answerByMs },
    requesterSessionKey: init.requesterSessionKey,
    // A carrier that asks will ask by itself when the phone is picked up.
    line: { told: 'wait', accepted: true, attempts: 0, asked: 0 },
  };
}

/** A call that is offered to us and admitted: it rings until we answer. */
export function newInboundCall(
  init: NewCall & { readonly carrierCallId: string; readonly answerByMs: number },
): Call {
  return {
    ...blank(init),
    carrierCallId: init.carrierCallId,
    direction: 'inbound',
    mode: 'conversation',
    phase: 'ringing',
    deadlines: { answer: init.at + init.answerByMs },
  };
}

/** A call that is offered to us and refused: it exists only to be turned away, and to be on record. */
export function newRefusedCall(
  init: NewCall & { readonly carrierCallId: string; readonly cause: string; readonly confirmByMs: number },
): Call {
  return {
    ...newInboundCall({ ...init, answerByMs: 0 }),
    phase: 'ending',
    end: { reason: 'hangup-bot', cause: init.cause },
    deadlines: { hangup: init.at + init.confirmByMs },
  };
}

/**
 * A call that is answered only to say `sentence`, and then let go: the caller is told why they cannot be served.
 * It is leaving before it began, so nothing else can be said on it and no agent hears of it.
 */
export function newTurnedAwayCall(
  init: NewCall & {
    readonly carrierCallId: string;
    readonly cause: string;
    readonly sentence: string;
    readonly answerByMs: number;
  },
): Call {
  const settings = { ...init.settings, greeting: init.sentence, dtmfSequence: null };
  return {
    ...newInboundCall({ ...init, settings }),
    mode: 'notify',
    leaving: { reason: 'hangup-bot', cause: init.cause },
  };
}
