// Event: everything that can happen to a call, in the past tense. `at` is ms since the epoch.
import type { DeadlineName, End, EndReason, SoundHeard, TurnStages } from './call.ts';

/** What a carrier can tell us about a call. */
export type CarrierEvent =
  /** `replaces`: a provisional id the carrier gave when we dialled (Plivo); null when there was none. */
  | {
      readonly kind: 'placed';
      readonly at: number;
      readonly carrierCallId: string;
      readonly replaces: string | null;
    }
  | { readonly kind: 'rang'; readonly at: number }
  | { readonly kind: 'answered'; readonly at: number }
  /** Final words. `turn` is the token of the listening they answer; null where the carrier cannot carry one. */
  | { readonly kind: 'callerSaid'; readonly at: number; readonly text: string; readonly turn: number | null }
  /** The carrier listened for `turn` and nobody spoke. */
  | { readonly kind: 'callerSilent'; readonly at: number; readonly turn: number | null }
  | {
      readonly kind: 'digitsReceived';
      readonly at: number;
      readonly digits: string;
      readonly turn: number | null;
      /** When it was pressed, by the carrier's clock, where keys may overtake each other; absent where they cannot. */
      readonly pressedAt?: number;
    }
  /** The carrier finished saying it. `utteranceId` null: whatever is being said. */
  | {
      readonly kind: 'utterancePlayed';
      readonly at: number;
      readonly utteranceId: string | null;
      readonly sound?: SoundHeard;
    }
  /**
   * The media stream `n` is over, or never came about; null: the present one. `isOver`: the carrier ended it by
   * itself, most likely together with the call; otherwise it broke.
   */
  | {
      readonly kind: 'streamClosed';
      readonly at: number;
      readonly n: number | null;
      readonly why: string;
      readonly isOver?: true;
    }
  | {
      readonly kind: 'carrierEnded';
      readonly at: number;
      readonly reason: EndReason;
      readonly cause: string;
    };

/** Why an instruction did not reach the line. */
export type TellFailure =
  /** The carrier says there is no such live call. */
  | { readonly kind: 'gone'; readonly why: string }
  /** Not now: the call is in the wrong state, or the carrier is busy or unreachable. */
  | { readonly kind: 'retry'; readonly why: string }
  /** It will never be accepted. */
  | { readonly kind: 'refused'; readonly why: string };

export type CallEvent =
  | CarrierEvent
  | { readonly kind: 'dialFailed'; readonly at: number; readonly cause: string }
  | { readonly kind: 'tellAccepted'; readonly at: number; readonly key: string }
  | { readonly kind: 'tellFailed'; readonly at: number; readonly key: string; readonly failure: TellFailure }
  /** The media stream `n` is connected: from now on everything is said and heard over it. */
  | { readonly kind: 'streamOpened'; readonly at: number; readonly n: number }
  /** We cannot speak or hear over the media stream any more: no voice, or no transcription. */
  | { readonly kind: 'speechFailed'; readonly at: number; readonly why: string }
  /** The voice model understood these words of the caller, and answers them by itself. */
  | { readonly kind: 'callerHeard'; readonly at: number; readonly text: string }
  /** The voice model said this by itself; `isCut`: the caller interrupted it, and heard only this. */
  | { readonly kind: 'modelSaid'; readonly at: number; readonly text: string; readonly isCut: boolean }
  /** Somebody is speaking right now, on a media stream: the caller, or the voice model. */
  | { readonly kind: 'callerSpeaks'; readonly at: number }
  /** The caller interrupted it; `heard` are the words they had heard of it, empty when none. */
  | {
      readonly kind: 'utteranceCut';
      readonly at: number;
      readonly utteranceId: string;
      readonly heard: string;
      readonly sound?: SoundHeard;
    }
  /** The next sentence of the agent's answer to `turn`; more may follow, and `agentReplied` ends it. */
  | { readonly kind: 'agentSaid'; readonly at: number; readonly turn: number; readonly text: string }
  /** How long each stage of a turn took, as far as it is known by now. */
  | { readonly kind: 'turnTimed'; readonly at: number; readonly turn: number; readonly stages: TurnStages }
  | { readonly kind: 'agentReplied'; readonly at: number; readonly turn: number; readonly text: string }
  | { readonly kind: 'agentFailed'; readonly at: number; readonly turn: number; readonly why: string }
  | {
      readonly kind: 'speakRequested';
      readonly at: number;
      readonly requestId: string;
      readonly text: string;
    }
  /** Press these keys (canonical, see dtmf.ts) on the line. */
  | {
      readonly kind: 'digitsRequested';
      readonly at: number;
      readonly requestId: string;
      readonly digits: string;
    }
  | { readonly kind: 'askRequested'; readonly at: number; readonly askId: string; readonly text: string }
  /** `afterReply`: the agent of this very call wants to leave; its reply of this turn is still to be heard. */
  | { readonly kind: 'endRequested'; readonly at: number; readonly end: End; readonly afterReply: boolean }
  /** The Gateway goes for good. Again: there is no time left for words. */
  | { readonly kind: 'closing'; readonly at: number }
  | { readonly kind: 'deadlinePassed'; readonly at: number; readonly name: DeadlineName }
  /** Where the carrier finds us has changed: the addresses it was told lead nowhere. */
  | { readonly kind: 'addressChanged'; readonly at: number }
  /** The process came back and found this call open on disk. */
  | { readonly kind: 'restored'; readonly at: number };

export type EventKind = CallEvent['kind'];
export type EventOf<K extends EventKind> = Extract<CallEvent, { kind: K }>;

/** An event without its time, for those who tell it as it happens. */
export type Fact = CallEvent extends infer E ? (E extends CallEvent ? Omit<E, 'at'> : never) : never;
