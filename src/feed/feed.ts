// Feed: what those who look on are told, as it happens: every step of every call; sound and words of what is watched.
//
// Everything told is bounded: the host refuses what is more than 4096 values or 256 KB, and a long call is more.
import type { Call } from '../call/call.ts';
import type { CallEvent } from '../call/event.ts';
import { type PublicCall, publicView } from '../call/public-view.ts';
import type { Clock } from '../lib/clock.ts';
import type { LineEvent } from '../media/lines.ts';
import { clipped } from './clipped.ts';

/** How long a call is watched after the last time somebody asked to; whoever looks asks again before. */
export const WATCH_MS = 15_000;
/** So many calls are watched at once; one more, and the one asked for longest ago is let go. */
const MAX_WATCHED = 8;
/** So many of the latest lines and turns are told with each step; `from` says how many came before. */
const LATEST = 24;

/** A step of a call: how it stands now, and what happened. */
export interface StepTold {
  readonly call: PublicCall;
  /** How many lines of the transcript and how many turns came before those in `call`. */
  readonly from: { readonly transcript: number; readonly turns: number };
  readonly event: CallEvent;
}

/** What happens between two steps of a call that is watched. `at` is ms since the epoch. */
export type LiveTold =
  /** What the caller seems to be saying, or a voice model says, right now; replaced by the next, or by a final line. */
  | {
      readonly kind: 'words';
      readonly callId: string;
      readonly at: number;
      readonly speaker: 'user' | 'bot';
      readonly text: string;
    }
  /** As the line tells it. */
  | Extract<LineEvent, { kind: 'levels' }>
  /** `speaks` and `rests`: the caller, by ear. `held`, `resumed`, `cut`: what that did to us. */
  | {
      readonly kind: 'mark';
      readonly callId: string;
      readonly at: number;
      readonly mark: 'speaks' | 'rests' | 'held' | 'resumed' | 'cut';
    };

export type Told =
  | { readonly name: 'call'; readonly payload: StepTold }
  | { readonly name: 'live'; readonly payload: LiveTold };

export interface FeedDeps {
  readonly clock: Clock;
  /** Must not throw. */
  readonly tell: (told: Told) => void;
}

type Meter = (callId: string, forMs: number) => void;

export class Feed {
  readonly #deps: FeedDeps;
  /** Until when, by call; the one asked for last stands last. */
  readonly #watched = new Map<string, number>();
  #meter: Meter = () => undefined;

  constructor(deps: FeedDeps) {
    this.#deps = deps;
  }

  /** Where the levels of a line are asked for, once there are lines. */
  follow(lines: { meter: Meter }): void {
    this.#meter = (callId, forMs) => lines.meter(callId, forMs);
  }

  /** Somebody looks at this call, for WATCH_MS from now. */
  watch(callId: string): void {
    this.#watched.delete(callId);
    this.#watched.set(callId, this.#deps.clock.now() + WATCH_MS);
    const [oldest] = this.#watched.keys();
    if (this.#watched.size > MAX_WATCHED && oldest !== undefined) this.#forget(oldest);
    this.#meter(callId, WATCH_MS);
  }

  /** A step of a call. */
  stepped(call: Call, event: CallEvent): void {
    const { id } = call;
    this.#deps.tell({ name: 'call', payload: stepTold(call, event) });
    if (!this.#isWatched(id)) return;
    if (call.phase === 'ended') this.#forget(id);
    // A line measures from when it is open: whoever watched before need not ask again.
    else if (event.kind === 'streamOpened') this.#meter(id, this.#leftMs(id));
  }

  /** Something happened on a line. */
  line(event: LineEvent): void {
    if (event.kind === 'audio' || !this.#isWatched(event.callId)) return;
    if (event.kind === 'levels') {
      this.#live(event);
      return;
    }
    const { callId, at } = event;
    const mark = markOf(event);
    if (mark) this.#live({ kind: 'mark', callId, at, mark });
  }

  /** Somebody is saying this; it is not final. */
  words(callId: string, speaker: 'user' | 'bot', text: string): void {
    if (!this.#isWatched(callId) || text.trim() === '') return;
    const at = this.#deps.clock.now();
    this.#live({ kind: 'words', callId, at, speaker, text: clipped(text) });
  }

  #live(payload: LiveTold): void {
    this.#deps.tell({ name: 'live', payload });
  }

  #isWatched(callId: string): boolean {
    if (this.#leftMs(callId) > 0) return true;
    this.#watched.delete(callId);
    return false;
  }

  #leftMs(callId: string): number {
    return (this.#watched.get(callId) ?? 0) - this.#deps.clock.now();
  }

  #forget(callId: string): void {
    this.#watched.delete(callId);
    this.#meter(callId, 0);
  }
}

function markOf(event: LineEvent): Extract<LiveTold, { kind: 'mark' }>['mark'] | null {
  if (event.kind === 'voice') return event.isSpeaking ? 'speaks' : 'rests';
  if (event.kind === 'held') return event.isOver ? 'resumed' : 'held';
  return event.kind === 'cut' ? 'cut' : null;
}

function stepTold(call: Call, event: CallEvent): StepTold {
  const { transcript, turns } = call;
  const latest = { ...call, transcript: transcript.slice(-LATEST), turns: turns.slice(-LATEST) };
  const view = publicView(latest);
  return clipped({
    call: { ...view, metadata: { ...view.metadata, turnCount: turns.length } },
    from: {
      transcript: transcript.length - latest.transcript.length,
      turns: turns.length - latest.turns.length,
    },
    event,
  });
}
