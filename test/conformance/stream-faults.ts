// StreamFaults: what may go wrong with the media streams of a story, and where it can.
import type { MediaStream } from '../../sim/media/stream.ts';
import type { StreamFault, StreamFaults } from '../../sim/media/stream-faults.ts';
import type { CarrierName } from './exchanges.ts';

export type StreamFaultName =
  | 'stream'
  | 'stream drops'
  | 'stream comes late'
  | 'no stream'
  | 'marks are lost'
  | 'frames out of order'
  | 'stream stalls';

const STALLS_AFTER_MS = 1_250;

interface Switch {
  readonly fault: StreamFault;
  /** How many streams it strikes; all when absent. */
  readonly times?: number;
  /** The only carrier it can happen on. */
  readonly only?: CarrierName;
}

/** `stream` alone has no fault. */
const SWITCHES: Readonly<Record<StreamFaultName, Switch | null>> = {
  stream: null,
  'stream drops': { fault: { dropAfterMs: 1_250 }, times: 1 },
  'stream comes late': { fault: { lateMs: 1_500 }, times: 1 },
  'no stream': { fault: { failedConnects: 99 } },
  'marks are lost': { fault: { losesMarks: true } },
  'frames out of order': { fault: { reorders: true, duplicates: true }, only: 'telnyx' },
  'stream stalls': { fault: { stall: { afterMs: STALLS_AFTER_MS, forMs: 400 } } },
};

export const STREAM_FAULTS = Object.keys(SWITCHES) as readonly StreamFaultName[];

/** What the names in the table mean. */
export const STREAM_EXPLAINED: Readonly<Record<StreamFaultName, string>> = {
  stream: 'nothing goes wrong',
  'stream drops': 'its socket breaks after 1.25 s, without a word',
  'stream comes late': 'the carrier connects 1.5 s later',
  'no stream': 'the carrier cannot connect',
  'marks are lost': 'none ever comes back',
  'frames out of order': 'every second frame overtakes the one before, and each comes twice',
  'stream stalls': 'after 1.25 s the carrier reads nothing for 0.4 s',
};

/** Why it cannot happen on this carrier; null when it can. */
export function streamSenseless(fault: StreamFaultName, carrier: CarrierName): string | null {
  const only = SWITCHES[fault]?.only;
  return only === undefined || only === carrier
    ? null
    : 'this carrier numbers its frames and sends them in order';
}

export function switchStreams(media: StreamFaults, name: StreamFaultName): void {
  const wanted = SWITCHES[name];
  if (wanted) media.next(wanted.fault, wanted.times === undefined ? {} : { times: wanted.times });
}

/** Whether the fault made a difference to any of these streams. */
export function strikesStreams(name: StreamFaultName, streams: readonly MediaStream[]): boolean {
  switch (name) {
    case 'stream':
    case 'stream comes late':
      return true;
    case 'stream drops':
      return streams.some(({ end }) => end?.by === 'fault');
    case 'no stream':
      return streams.every(({ end }) => end?.by === 'nobody');
    case 'marks are lost':
      return streams.some(({ marks }) => marks.length > 0);
    case 'frames out of order':
      return streams.some(({ framesSent }) => framesSent > 1);
    case 'stream stalls':
      return streams.some(({ openedAt, end }) => (end?.at ?? 0) - (openedAt ?? 0) > STALLS_AFTER_MS);
  }
}
