// MediaWire: what the processes of the media bench tell each other. All times are `machineMs()`.
import type { Spread } from './figures.ts';

/** Who answers the frames: a bare echo, or our line thread: as it is built, with no detector of the voice, or with a simpler one. */
export type SubjectName = 'echo' | 'line' | 'line-none' | 'line-energy';

/** One media stream to connect. */
export interface Target {
  readonly port: number;
  readonly path: string;
  readonly callSid: string;
  readonly token: string;
}

export type ToSubject =
  /** So many more calls. */
  | { readonly kind: 'more'; readonly count: number }
  /** Speaks on all of them for so long. */
  | { readonly kind: 'speak'; readonly ms: number }
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' }
  | { readonly kind: 'profile'; readonly ms: number }
  | { readonly kind: 'leave' };

export interface Cost {
  /** Of the whole process, of the thread that answers the frames, and of the main thread; ms of processor. */
  readonly processMs: number;
  readonly threadMs: number;
  readonly mainMs: number;
  readonly rss: number;
  /** When each frame of the first call was handed to the transcriber. */
  readonly heard: readonly number[];
}

/** A function and its share of the thread's working time, in percent. */
export interface Hot {
  readonly name: string;
  readonly percent: number;
}

export type FromSubject =
  | { readonly kind: 'ready'; readonly rss: number }
  | { readonly kind: 'targets'; readonly targets: readonly Target[] }
  | { readonly kind: 'cost'; readonly cost: Cost }
  | { readonly kind: 'profile'; readonly hot: readonly Hot[] };

export type ToClient =
  | { readonly kind: 'connect'; readonly targets: readonly Target[] }
  | { readonly kind: 'measure'; readonly ms: number }
  | { readonly kind: 'leave' };

export interface Seen {
  /** How far from 20 ms frames were apart. */
  readonly offBeat: Spread;
  /** Frames a second of each call. */
  readonly rate: number;
  /** Processor the client itself took, of one core. */
  readonly clientLoad: number;
  /** How late the client's own sending was. */
  readonly sendLate: Spread;
  /** When each frame of the first call was sent. */
  readonly sent: readonly number[];
  readonly lost: number;
}

export type FromClient = { readonly kind: 'connected' } | { readonly kind: 'seen'; readonly seen: Seen };

/** Tells the thread of the line which detector it has; empty: the one it is built with. */
export const DETECTOR = 'VOICE_CALL_BENCH_DETECTOR';

/** To the thread of the line, on the channel of this name. */
export const LINE_CHANNEL = 'voice-call-bench-line';
export type ToLineThread = { readonly kind: 'cpu' } | { readonly kind: 'profile'; readonly ms: number };
export type FromLineThread =
  | { readonly kind: 'cpuWas'; readonly ms: number }
  | { readonly kind: 'profiled'; readonly hot: readonly Hot[] };
