// Call: what a phone call is. Values only; transition.ts says how they change.

/** Where a call is in its life. `ending` means: we decided to hang up and the carrier has not confirmed yet. */
export type Phase = 'dialing' | 'ringing' | 'live' | 'ending' | 'ended';
export type Direction = 'inbound' | 'outbound';
/** `notify` says one message and hangs up; `conversation` takes turns until somebody leaves. */
export type Mode = 'notify' | 'conversation';
/** Who shares a conversation: every call with one number, one call alone, or the agent's main session. */
export type SessionScope = 'per-phone' | 'per-call' | 'main';

/** The documented names of how a call can end; the carrier's own words are kept beside it as `cause`. */
export type EndReason =
  | 'completed'
  | 'hangup-user'
  | 'hangup-bot'
  | 'timeout'
  | 'error'
  | 'failed'
  | 'no-answer'
  | 'busy'
  | 'voicemail';

export interface End {
  readonly reason: EndReason;
  /** The carrier's or our own words for it, e.g. `CallStatus=busy` or `refused: not on the allowlist`. */
  readonly cause: string;
}

/** One thing we say. The id makes "say the same text twice" different from "asked twice what to say". */
export interface Utterance {
  readonly id: string;
  /** What is said; for keys, how the transcript shows them. */
  readonly text: string;
  /** Keys to press instead of words: `0-9 A-D * #` and `w` for half a second of pause; null for words. */
  readonly digits: string | null;
  /** Set when a person or agent asked for these very words; lets them learn what became of it. */
  readonly requestId: string | null;
}

/** What the floor returns to when nothing is being said. */
export type Resting =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'listening';
      readonly turn: number;
      readonly silences: number;
      readonly askId: string | null;
    }
  | {
      readonly kind: 'thinking';
      readonly turn: number;
      readonly by: 'agent' | 'driver';
      readonly fillers: number;
    };

/**
 * Who may speak now, on a call where the carrier speaks and listens for us. In `listening`, `prompt` is what
 * we said in the same breath, so that the line is not told again when the saying is over.
 */
export type Floor =
  | Exclude<Resting, { kind: 'listening' }>
  | (Extract<Resting, { kind: 'listening' }> & { readonly prompt: Utterance | null })
  | { readonly kind: 'speaking'; readonly utterance: Utterance; readonly after: Resting };

export interface Queued {
  readonly utterance: Utterance;
  readonly after: Resting;
}

/** What became of something we said: `heard` is known, `cut` was interrupted, `unheard` never left us. */
export type Outcome = 'playing' | 'heard' | 'cut' | 'unheard';

export type TranscriptEntry =
  | { readonly at: number; readonly speaker: 'caller'; readonly text: string; readonly turn: number }
  | {
      readonly at: number;
      readonly speaker: 'agent';
      readonly text: string;
      readonly utteranceId: string;
      readonly requestId: string | null;
      readonly outcome: Outcome;
      /** Where the sound was ours, on a media stream: how much of it there was, and how much was heard, ms. */
      readonly sound?: SoundHeard;
    };

export interface SoundHeard {
  readonly sentMs: number;
  readonly heardMs: number;
}

/** One turn of the caller, in ms since the epoch: they were understood, we had an answer. */
export interface TurnTimes {
  readonly turn: number;
  readonly listenedFromAt: number;
  readonly saidAt: number;
  readonly repliedAt: number | null;
  /** The stages of a turn on a media stream, as far as they were reached; absent where the carrier speaks. */
  readonly stages?: TurnStages;
}

/** When each stage of a turn was reached, ms since the epoch with fractions. */
export interface TurnStages {
  /** The caller stopped speaking. */
  readonly speechEndAt?: number;
  /** The transcriber had their words. */
  readonly transcriptAt?: number;
  /** The host asked the model: until here it prepared. */
  readonly modelAskedAt?: number;
  /** The agent wrote its first letters. */
  readonly firstTokenAt?: number;
  /** There was a first sentence, or clause, to speak. */
  readonly firstSentenceAt?: number;
  /** The first sound of it came from the voice. */
  readonly firstAudioAt?: number;
  /** The first frame of it left for the carrier. */
  readonly firstFrameAt?: number;
  /** The carrier confirmed that it is heard. */
  readonly heardAt?: number;
  /** The caller interrupted the answer. */
  readonly interruptedAt?: number;
}

/** What the carrier was last told (an instruction key), whether it agreed, and how often we had to repeat it. */
export interface Line {
  readonly told: string | null;
  readonly accepted: boolean;
  readonly attempts: number;
  /** How many documents the carrier has fetched: it makes every address we hand out different. */
  readonly asked: number;
}

/**
 * The media stream of a live call. `wanted`: the carrier was, or is to be, told to connect; `open`: sound flows,
 * and what is said and heard goes over it. null on a call means that the carrier speaks and listens for us.
 */
export interface Stream {
  /** Which connection of this call it is, from 1: a token lets in one connection only. */
  readonly n: number;
  readonly state: 'wanted' | 'open';
  /** Until when the carrier may connect, ms since the epoch. */
  readonly expiresAt: number;
}

/** The names of the moments that can come due on a call; deadline.ts has their lengths and reasons. */
export type DeadlineName =
  | 'answer'
  | 'maxDuration'
  | 'played'
  | 'silence'
  | 'keys'
  | 'filler'
  | 'reply'
  | 'transcript'
  | 'notifyHangup'
  | 'stream'
  | 'hangup'
  | 'retell';

/** Everything a call needs from the configuration, frozen when the call begins. Times in ms. */
export interface CallSettings {
  readonly agentId: string;
  readonly sessionKey: string;
  /** What we say first; null says nothing and listens. */
  readonly greeting: string | null;
  /** BCP 47, e.g. `en-US`. */
  readonly language: string;
  /** The carrier's name for a voice; null leaves the choice to the carrier's room. */
  readonly voice: string | null;
  readonly responseModel: string | null;
  readonly responseSystemPrompt: string | null;
  readonly responseTimeoutMs: number;
  readonly ringTimeoutMs: number;
  readonly maxDurationMs: number;
  readonly transcriptTimeoutMs: number;
  readonly notifyHangupDelayMs: number;
  /** True: what is said and heard goes over a media stream of our own, unless that fails. */
  readonly stream: boolean;
  /** True: on its media stream a voice model holds the conversation, and asks the agent when it needs to. */
  readonly voiceModel: boolean;
  /** How easily the caller interrupts us on a media stream. */
  readonly sensitivity: 'low' | 'medium' | 'high';
  /** How long a caller on a media stream is silent before we take their turn to be over, ms. */
  readonly silenceTimeoutMs: number;
  /** The host's speech options laid over by ours for this call; null leaves them as the host has them. */
  readonly tts: Readonly<Record<string, unknown>> | null;
  /** Keys pressed as soon as the call is answered, before anything is said; see dtmf.ts. */
  readonly dtmfSequence: string | null;
  /** Which entry of `numbers` the dialled number matched; null when none did. */
  readonly numberRoute: string | null;
}

export interface Call {
  readonly id: string;
  readonly carrier: string;
  readonly carrierCallId: string | null;
  /** True when the carrier fetches documents from us (Twilio, Plivo); false when it is told (Telnyx, mock). */
  readonly asks: boolean;
  readonly direction: Direction;
  readonly mode: Mode;
  readonly from: string;
  readonly to: string;
  readonly phase: Phase;
  readonly createdAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  /** Set once, by whoever is first; never replaced. */
  readonly end: End | null;
  readonly floor: Floor;
  readonly queue: readonly Queued[];
  readonly line: Line;
  readonly stream: Stream | null;
  /** How many media streams were begun. */
  readonly streams: number;
  /** The number of the caller's latest turn we listen for, from 1. A late answer to an older one is dropped. */
  readonly turn: number;
  /** How many things we have said; the source of utterance ids. */
  readonly said: number;
  /** Keys the caller pressed one by one and has perhaps not finished pressing; empty when there are none. */
  readonly keys: string;
  /** When each of them was pressed, ms since the epoch by the clock of whoever told us. */
  readonly keysAt: readonly number[];
  /** Set when we want to leave as soon as what is being said was heard. */
  readonly leaving: End | null;
  /** The latest outcome of a `continue`: what the caller answered, or null if nothing came in time. */
  readonly answer: { readonly askId: string; readonly text: string | null } | null;
  readonly deadlines: Readonly<Partial<Record<DeadlineName, number>>>;
  readonly transcript: readonly TranscriptEntry[];
  readonly turns: readonly TurnTimes[];
  readonly settings: CallSettings;
  /** The session that asked for an outbound call, to whom its outcome belongs. */
  readonly requesterSessionKey: string | null;
}

/** True: the carrier gathers the caller's words, keys and silences, and comes to us with them. */
export function carrierGathers({ asks, stream }: Call): boolean {
  return asks && stream === null;
}

/** True: a voice model listens and speaks; what the caller says is its to answer. */
export function isHosted({ settings, stream }: Call): boolean {
  return settings.voiceModel && stream?.state === 'open';
}

/** Whether the call takes one of the places of those who call us; who is turned away takes none. */
export function takesInboundPlace(call: Call): boolean {
  if (call.direction !== 'inbound' || call.mode === 'notify' || !isOpen(call)) return false;
  return call.phase !== 'ending' || call.answeredAt !== null;
}

/** True until the call is over. */
export function isOpen(call: Call): boolean {
  return call.phase !== 'ended';
}
