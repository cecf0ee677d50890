// RealtimeWire: what both processes of the realtime bench tell each other, and the time that travels inside a frame.
import { machineMs, type Spread } from './figures.ts';
import type { Target } from './media-wire.ts';

export const FRAME_BYTES = 160;
export const FRAME_MS = 20;
const SILENCE = 0xff;
/** Nine bytes of sound: they pass everything untouched, and are too short to be heard as anything. */
const KIND_AT = 8;

/** Which of a reply's frames it is. */
export const FIRST = 1;
export const LATER = 2;

/** 20 ms of silence that carry `at` (`machineMs()`) and what kind of frame it is. */
export function stamped(at: number, kind: number): Uint8Array {
  const frame = new Uint8Array(FRAME_BYTES).fill(SILENCE);
  new DataView(frame.buffer).setFloat64(0, at);
  frame[KIND_AT] = kind;
  return frame;
}

export function stampOf(frame: Uint8Array): { readonly at: number; readonly kind: number } {
  const at = new DataView(frame.buffer, frame.byteOffset).getFloat64(0);
  return { at, kind: frame[KIND_AT] ?? 0 };
}

const MOST_LATE_MS = 500;

/**
 * The slot to go on with: `slot`, or the one whose time it is when a machine that cannot keep up has left it too far
 * behind: who tries to catch up then does nothing else ever again.
 */
export function notTooLate(slot: number, beganAt: number, slotMs: number): number {
  const due = Math.floor((machineMs() - beganAt) / slotMs);
  return (due - slot) * slotMs > MOST_LATE_MS ? due : slot;
}

export type ToHouse =
  /** So many more calls: they ring, their sessions are opened. */
  | { readonly kind: 'more'; readonly count: number }
  /** From now on what is heard counts; the answer comes after so long. */
  | { readonly kind: 'measure'; readonly ms: number }
  | { readonly kind: 'leave' };

export type FromHouse =
  | { readonly kind: 'ready' }
  | { readonly kind: 'targets'; readonly targets: readonly Target[] }
  /** From the carrier's socket to the voice model; ms. `mainLoad`: of the main thread, 0 to 1. */
  | { readonly kind: 'heard'; readonly heard: Spread; readonly mainLoad: number };
