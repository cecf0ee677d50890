// Detail: everything known about the call that is looked at, and how news of it are worked in. Pure.
import type { PublicCall } from '../call/public-view.ts';
import type { LiveTold, StepTold } from '../feed/feed.ts';
import { PEAK_MS } from '../media/meter.ts';
import type { Step } from '../record/journal.ts';

export interface Happened {
  /** Tells it from all others of the call. */
  readonly key: string;
  readonly at: number;
  readonly event: Readonly<Record<string, unknown>> & { readonly kind: string };
}

export interface Mark {
  readonly at: number;
  readonly mark: Extract<LiveTold, { kind: 'mark' }>['mark'];
}

/** Peaks 0 to 127 of every 40 ms, as far as they were seen; the first at `from`, ms since the epoch. */
export interface Levels {
  readonly from: number;
  readonly caller: readonly number[];
  readonly agent: readonly number[];
}

export interface Detail {
  readonly call: PublicCall;
  readonly events: readonly Happened[];
  /** Words that are being spoken right now. */
  readonly words: { readonly user: string; readonly bot: string };
  readonly levels: Levels | null;
  readonly marks: readonly Mark[];
}

/** Two minutes of sound are kept. */
const MAX_PEAKS = (2 * 60_000) / PEAK_MS;
const MAX_MARKS = 400;
/** Longer calls show their latest events. */
const MAX_EVENTS = 2_000;

export function detailOf(call: PublicCall): Detail {
  return { call, events: [], words: { user: '', bot: '' }, levels: null, marks: [] };
}

/** The call as it was read anew, whole. */
export function reread(detail: Detail, call: PublicCall): Detail {
  return { ...detail, call };
}

/** A step just happened: the latest lines and turns replace what stood in their place. */
export function stepped(detail: Detail, { call, from, event }: StepTold): Detail {
  const before = detail.call;
  const transcript = [...before.transcript.slice(0, from.transcript), ...call.transcript];
  const turns = [...before.metadata.turns.slice(0, from.turns), ...call.metadata.turns];
  return happened(
    {
      ...detail,
      call: { ...call, transcript, metadata: { ...call.metadata, turns } },
      words: wordsAfter(detail.words, event.kind),
    },
    [happenedOf(event.at, event)],
  );
}

/** Words that are final stand in the transcript from now on. */
function wordsAfter(words: Detail['words'], kind: string): Detail['words'] {
  if (kind === 'callerSaid' || kind === 'callerHeard') return { ...words, user: '' };
  if (kind === 'modelSaid') return { ...words, bot: '' };
  return kind === 'carrierEnded' || kind === 'streamClosed' ? { user: '', bot: '' } : words;
}

/** Steps from the record, which may have been told live as well. */
export function recorded(detail: Detail, steps: readonly Step[]): Detail {
  return happened(
    detail,
    steps.flatMap(({ at, event }) => (isEvent(event) ? [happenedOf(at, event)] : [])),
  );
}

function happened(detail: Detail, news: readonly Happened[]): Detail {
  const known = new Set(detail.events.map(({ key }) => key));
  const fresh = news.filter(({ key }) => !known.has(key));
  if (fresh.length === 0) return detail;
  const events = [...detail.events, ...fresh].sort((a, b) => a.at - b.at).slice(-MAX_EVENTS);
  return { ...detail, events };
}

/** The record rounds times beside the event; what happened and when is the same all the same. */
function happenedOf(at: number, event: Happened['event']): Happened {
  return { key: JSON.stringify(event), at, event };
}

function isEvent(value: unknown): value is Happened['event'] {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
}

export function livened(detail: Detail, told: LiveTold): Detail {
  switch (told.kind) {
    case 'words':
      return { ...detail, words: { ...detail.words, [told.speaker]: told.text } };
    case 'levels':
      return { ...detail, levels: louder(detail.levels, told) };
    case 'mark':
      return { ...detail, marks: [...detail.marks, { at: told.at, mark: told.mark }].slice(-MAX_MARKS) };
  }
}

function louder(levels: Levels | null, told: Extract<LiveTold, { kind: 'levels' }>): Levels {
  const fresh = { from: told.at, caller: told.caller, agent: told.agent };
  if (levels === null) return fresh;
  const gap = Math.round((told.at - levels.from) / PEAK_MS) - levels.caller.length;
  // Nobody looked for a while, or the line was silent: a short gap is silence, a long one begins anew.
  if (gap < 0 || gap > MAX_PEAKS) return fresh;
  const silence = new Array<number>(gap).fill(0);
  const caller = [...levels.caller, ...silence, ...told.caller].slice(-MAX_PEAKS);
  const agent = [...levels.agent, ...silence, ...told.agent].slice(-MAX_PEAKS);
  const dropped = levels.caller.length + gap + told.caller.length - caller.length;
  return { from: levels.from + dropped * PEAK_MS, caller, agent };
}
