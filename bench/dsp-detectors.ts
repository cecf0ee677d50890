// Bench, the detectors: how well and how fast each of them finds a voice, against what is true.
import type { VoiceActivity } from '../src/media/voice.ts';
import { type Track, toMulaw } from './dsp-corpus.ts';

const FRAME = 160;
const FRAME_MS = 20;
/** A start so shortly before a word still is that word's. */
const EARLY_MS = 100;

export interface Score {
  /** Of frames, after the reported times: harmonic mean of precision and recall. */
  readonly f1: number;
  /** Starts where nobody speaks, per minute of sound. */
  readonly falsePerMinute: number;
  readonly missed: number;
  readonly segments: number;
  /** From when a word begins or ends until we are told, ms. */
  readonly onset: readonly number[];
  readonly end: readonly number[];
  /** Reported time of a beginning and an end less the true one, ms. */
  readonly onsetError: readonly number[];
  readonly endError: readonly number[];
}

interface Segment {
  readonly from: number;
  readonly to: number;
}
interface Found extends Segment {
  readonly toldFrom: number;
  readonly toldTo: number;
}

export function scoreOf(activity: VoiceActivity, track: Track): Score {
  const found = foundIn(activity, track);
  const truth = segmentsOf(track.isSpeech);
  const predicted = track.isSpeech.map((_, i) =>
    found.some((one) => one.from <= i * FRAME_MS + 10 && i * FRAME_MS + 10 < one.to),
  );
  const count = (both: (is: boolean, was: boolean) => boolean) =>
    predicted.filter((is, i) => both(is, track.isSpeech[i] === true)).length;
  const hits = count((is, was) => is && was);
  const wrong = count((is, was) => is !== was);
  const pairs = truth.map((segment) => ({
    segment,
    first: found.find((one) => overlaps(one, segment)),
    last: found.findLast((one) => overlaps(one, segment)),
  }));
  return {
    f1: hits === 0 ? 0 : (2 * hits) / (2 * hits + wrong),
    falsePerMinute:
      (found.filter((one) => !truth.some((segment) => overlaps(one, segment))).length * 60_000) /
      (track.isSpeech.length * FRAME_MS),
    missed: pairs.filter(({ first }) => !first).length,
    segments: truth.length,
    onset: pairs.flatMap(({ segment, first }) => (first ? [first.toldFrom - segment.from] : [])),
    end: pairs.flatMap(({ segment, last }) =>
      last && Number.isFinite(last.toldTo) ? [last.toldTo - segment.to] : [],
    ),
    onsetError: pairs.flatMap(({ segment, first }) => (first ? [first.from - segment.from] : [])),
    endError: pairs.flatMap(({ segment, last }) =>
      last && Number.isFinite(last.toldTo) ? [last.to - segment.to] : [],
    ),
  };
}

function overlaps(found: Found, segment: Segment): boolean {
  return (
    found.from < segment.to && found.to > segment.from - EARLY_MS && found.toldFrom > segment.from - EARLY_MS
  );
}

function foundIn(activity: VoiceActivity, track: Track): readonly Found[] {
  const codes = toMulaw(track.samples);
  const found: Found[] = [];
  let start: { from: number; toldFrom: number } | null = null;
  for (let at = 0; at + FRAME <= codes.length; at += FRAME) {
    const now = (at / FRAME + 1) * FRAME_MS;
    const change = activity.push(codes.subarray(at, at + FRAME), now);
    if (change?.isSpeaking) start = { from: change.at, toldFrom: now };
    else if (change && start) {
      found.push({ ...start, to: change.at, toldTo: now });
      start = null;
    }
  }
  if (start) found.push({ ...start, to: Number.POSITIVE_INFINITY, toldTo: Number.POSITIVE_INFINITY });
  return found;
}

function segmentsOf(flags: readonly boolean[]): readonly Segment[] {
  const starts = flags.flatMap((is, i) => (is && !flags[i - 1] ? [i] : []));
  return starts.map((from) => {
    const length = flags.slice(from).indexOf(false);
    return { from: from * FRAME_MS, to: (length < 0 ? flags.length : from + length) * FRAME_MS };
  });
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
