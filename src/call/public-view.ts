// PublicView: a call as everybody outside sees it, under the documented names of fields and states.
import type { Call, Direction, EndReason, Mode, TranscriptEntry, TurnStages } from './call.ts';

export type PublicState =
  | 'initiated'
  | 'ringing'
  | 'answered'
  | 'active'
  | 'speaking'
  | 'listening'
  | EndReason;

export interface PublicEntry {
  /** Ms since the epoch, like every time here. */
  readonly timestamp: number;
  readonly speaker: 'bot' | 'user';
  readonly text: string;
  /** False while it is still being said. */
  readonly isFinal: boolean;
  /** Ours only, once known: was it said to the end? */
  readonly heard?: boolean;
  /** Ours only, on a media stream: how much sound there was of it, and how much of that was heard, ms. */
  readonly soundMs?: number;
  readonly heardMs?: number;
}

export interface PublicTurn {
  readonly turn: number;
  /** From when we listened to when we had the caller's words. */
  readonly listenWaitMs: number;
  /** From the caller's words to our answer; absent while there is none. */
  readonly latencyMs?: number;
  /** On a media stream: when each stage was reached, ms since the epoch; see `voicecall latency`. */
  readonly stages?: TurnStages;
}

export interface PublicMetadata {
  readonly mode: Mode;
  /** What will be said first; gone once somebody answered. */
  readonly initialMessage?: string;
  readonly turnCount: number;
  readonly lastTurnLatencyMs?: number;
  readonly lastTurnListenWaitMs?: number;
  readonly turns: readonly PublicTurn[];
  readonly requesterSessionKey?: string;
  readonly numberRouteKey?: string;
  /** True from when we decided to hang up until the call is over. */
  readonly ending?: true;
  /** The carrier's or our own words for why it ended. */
  readonly cause?: string;
}

export interface PublicCall {
  readonly callId: string;
  readonly providerCallId?: string;
  readonly provider: string;
  readonly direction: Direction;
  readonly state: PublicState;
  readonly from: string;
  readonly to: string;
  readonly sessionKey: string;
  readonly agentId: string;
  readonly startedAt: number;
  readonly answeredAt?: number;
  readonly endedAt?: number;
  readonly endReason?: EndReason;
  readonly transcript: readonly PublicEntry[];
  readonly metadata: PublicMetadata;
}

/** What is unknown is absent, never null. */
export function publicView(call: Call): PublicCall {
  return {
    callId: call.id,
    ...(call.carrierCallId !== null && { providerCallId: call.carrierCallId }),
    provider: call.carrier,
    direction: call.direction,
    state: publicState(call),
    from: call.from,
    to: call.to,
    sessionKey: call.settings.sessionKey,
    agentId: call.settings.agentId,
    startedAt: call.createdAt,
    ...(call.answeredAt !== null && { answeredAt: call.answeredAt }),
    ...(call.endedAt !== null && { endedAt: call.endedAt }),
    ...(call.phase === 'ended' && call.end && { endReason: call.end.reason }),
    transcript: call.transcript.map(publicEntry),
    metadata: metadataOf(call),
  };
}

/** A finished call's state is the reason it ended for; a call that is being hung up keeps the state it had. */
export function publicState(call: Call): PublicState {
  switch (call.phase) {
    case 'dialing':
      return 'initiated';
    case 'ringing':
      return 'ringing';
    case 'live':
      return liveState(call);
    case 'ending':
      if (call.answeredAt !== null) return 'active';
      return call.direction === 'inbound' ? 'ringing' : 'initiated';
    case 'ended':
      return call.end?.reason ?? 'error';
  }
}

function liveState(call: Call): PublicState {
  switch (call.floor.kind) {
    case 'speaking':
    case 'listening':
      return call.floor.kind;
    case 'thinking':
      return 'active';
    case 'idle':
      return call.transcript.length === 0 ? 'answered' : 'active';
  }
}

/** How long each turn took, in order. */
export function turnTimes(call: Call): readonly PublicTurn[] {
  return call.turns.map(({ turn, listenedFromAt, saidAt, repliedAt, stages }) => ({
    turn,
    listenWaitMs: saidAt - listenedFromAt,
    ...(repliedAt !== null && { latencyMs: repliedAt - saidAt }),
    ...(stages && { stages }),
  }));
}

function metadataOf(call: Call): PublicMetadata {
  const { settings, mode, requesterSessionKey } = call;
  const turns = turnTimes(call);
  const latest = turns.at(-1);
  const latency = turns.findLast((turn) => turn.latencyMs !== undefined)?.latencyMs;
  const isLeaving = call.phase === 'ending' || (call.phase === 'live' && call.leaving !== null);
  const cause = call.end?.cause ?? call.leaving?.cause;
  return {
    mode,
    ...(call.answeredAt === null && settings.greeting !== null && { initialMessage: settings.greeting }),
    turnCount: turns.length,
    ...(latency !== undefined && { lastTurnLatencyMs: latency }),
    ...(latest && { lastTurnListenWaitMs: latest.listenWaitMs }),
    turns,
    ...(requesterSessionKey !== null && { requesterSessionKey }),
    ...(settings.numberRoute !== null && { numberRouteKey: settings.numberRoute }),
    ...(isLeaving && { ending: true as const }),
    ...(cause !== undefined && { cause }),
  };
}

function publicEntry(entry: TranscriptEntry): PublicEntry {
  if (entry.speaker === 'caller') {
    return { timestamp: entry.at, speaker: 'user', text: entry.text, isFinal: true };
  }
  const { at, text, outcome, sound } = entry;
  if (outcome === 'playing') return { timestamp: at, speaker: 'bot', text, isFinal: false };
  const measured = sound && { soundMs: sound.sentMs, heardMs: sound.heardMs };
  return { timestamp: at, speaker: 'bot', text, isFinal: true, heard: outcome === 'heard', ...measured };
}
