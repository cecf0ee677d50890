// Lines: the audio of all calls as the rest of the house sees it: what is said and dropped, and what came of it.
// The engine that implements it runs in a thread of its own; everything here can be sent as a message.
import type { Peaks } from './meter.ts';

/** How sound can be coded when it is handed to us; mono. */
export interface Sound {
  readonly encoding: 'mulaw' | 'alaw' | 'pcm16' | 'wav' | 'mp3';
  /** Hz, 8000 to 48000; for `wav` and `mp3` the file itself tells and this is ignored. */
  readonly sampleRate: number;
  readonly bytes: Uint8Array;
}

/**
 * How easily a caller interrupts us. Any voice makes us pause; `low` takes about a second of it, `high` half of that,
 * to be an interruption where nothing was understood. Words decide at once.
 */
export type Sensitivity = 'low' | 'medium' | 'high';

export interface LineInit {
  readonly callId: string;
  /** The carrier's name: it chooses the codec. */
  readonly carrier: string;
  readonly sensitivity: Sensitivity;
}

export interface LineUtterance {
  readonly id: string;
  /** False: the caller cannot interrupt it (keys we press, a goodbye). */
  readonly interruptible: boolean;
}

/** What is asked of the engine. Utterances are played in the order of `say`; audio may follow later. */
export interface Lines {
  /** From now on a media stream of this call is let in, if its token fits. May be called while it rings. */
  open(init: LineInit): void;
  /** The carrier's own id of the call, which the start of a stream must name. */
  identify(callId: string, carrierCallId: string): void;
  /** Adds an utterance to the end of what is to be said. */
  say(callId: string, utterance: LineUtterance): void;
  /** More sound of an utterance, in order. */
  sound(callId: string, utteranceId: string, sound: Sound): void;
  /** Keys to press as tones, instead of sound; `w` is half a second of silence. */
  keys(callId: string, utteranceId: string, digits: string): void;
  /** That was all the sound of it. */
  finish(callId: string, utteranceId: string): void;
  /** These are not wanted any more: what plays is cleared at once, what waits is forgotten. No event follows. */
  drop(callId: string, utteranceIds: readonly string[]): void;
  /** The transcriber understood these words while somebody speaks: they decide whether it is an interruption. */
  understood(callId: string, text: string): void;
  /** The call is over, or the carrier speaks for us again: the socket is closed. No event follows. */
  close(callId: string): void;
}

/** What the engine reports. `at` is ms since the epoch with fractions, from the monotonic clock of lib/clock.ts. */
export type LineEvent =
  /** The carrier connected and its token was good. `n` counts the connections of a call, from 1. */
  | { readonly kind: 'opened'; readonly callId: string; readonly at: number; readonly n: number }
  | {
      readonly kind: 'closed';
      readonly callId: string;
      readonly at: number;
      readonly n: number;
      /** True: the carrier said that the stream or the call is over; false: the socket broke. */
      readonly isOver: boolean;
      readonly why: string;
    }
  /** The caller's voice, mu-law at 8 kHz, in order. */
  | { readonly kind: 'audio'; readonly callId: string; readonly at: number; readonly mulaw: Uint8Array }
  /** The caller began or stopped speaking, by the local detector; `at` is when they did, a little in the past. */
  | { readonly kind: 'voice'; readonly callId: string; readonly at: number; readonly isSpeaking: boolean }
  | { readonly kind: 'digit'; readonly callId: string; readonly at: number; readonly digit: string }
  /** The caller typed these words; what could be interrupted by them was cut before. */
  | { readonly kind: 'words'; readonly callId: string; readonly at: number; readonly text: string }
  /** The first frame of it left for the carrier. */
  | { readonly kind: 'began'; readonly callId: string; readonly at: number; readonly utteranceId: string }
  /** The carrier confirmed for the first time that some of it was played. */
  | { readonly kind: 'audible'; readonly callId: string; readonly at: number; readonly utteranceId: string }
  /** It was heard to its end. */
  | { readonly kind: 'played'; readonly callId: string; readonly at: number; readonly utteranceId: string }
  /**
   * The caller interrupted it and really meant it: the carrier was told to clear, everything that waited behind
   * it is forgotten too. `heardMs` of it had been played; 0 when it had not begun.
   */
  | {
      readonly kind: 'cut';
      readonly callId: string;
      readonly at: number;
      readonly utteranceId: string;
      readonly heardMs: number;
    }
  /** We stopped for a sound of the caller (`false`), and went on because it was none of words (`true`). */
  | { readonly kind: 'held'; readonly callId: string; readonly at: number; readonly isOver: boolean }
  /** How loud both directions were, of a line somebody looks at. */
  | ({ readonly kind: 'levels'; readonly callId: string } & Peaks)
  /** Sound that cannot be played: the file is broken. The utterance is forgotten. */
  | {
      readonly kind: 'unplayable';
      readonly callId: string;
      readonly at: number;
      readonly utteranceId: string;
      readonly why: string;
    };

export type LineListener = (event: LineEvent) => void;
