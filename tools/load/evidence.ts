// Evidence: all a load test brings home, for the verdict and the report.
import type { Direction, EndReason } from '../../src/call/call.ts';
import type { Story, Strike } from './story.ts';
import type { CarrierName, Mode } from './wire.ts';

/** What was asked for. */
export interface Wish {
  /** At a time. */
  readonly calls: number;
  readonly minutes: number;
  readonly seed: number;
}

/** As long and as large as goes on the record: everything there is must have happened by then. */
export function isFull({ calls, minutes }: Wish): boolean {
  return calls >= 200 && minutes >= 10;
}

/** The process under test at one moment. */
export interface AppSample {
  readonly at: number;
  readonly rssMb: number;
  readonly heapMb: number;
  /** Of all line threads together. */
  readonly lineHeapMb: number;
  /** Shares of a core since the sample before: the main thread, and the whole process. */
  readonly mainLoad: number;
  readonly load: number;
  /** Delay of the main event loop since the sample before, ms. */
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  readonly resources: Readonly<Record<string, number>>;
  readonly files: number;
  readonly threads: number;
  readonly openCalls: number;
  /** Deadlines of open calls that were due over a second ago, since the start. */
  readonly missedDeadlines: number;
  readonly warnings: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
}

/** A call as our own journal tells it. */
export interface RecordedCall {
  readonly carrier: CarrierName;
  readonly mode: Mode;
  readonly id: string;
  readonly carrierCallId: string | null;
  readonly person: string;
  readonly direction: Direction;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly reason: EndReason | null;
  readonly cause: string | null;
}

/** What became of a call we were asked to place, and when we said so; `why`: it was refused. */
export interface Placed {
  readonly at: number;
  readonly carrier: CarrierName;
  readonly mode: Mode;
  readonly to: string;
  readonly why: string | null;
}

export interface Evidence {
  readonly wish: Wish;
  readonly stories: readonly Story[];
  readonly records: readonly RecordedCall[];
  readonly placed: readonly Placed[];
  /** Numbers we were asked to call, and never said what became of it. */
  readonly unanswered: readonly string[];
  readonly strikes: readonly Strike[];
  /** Before the first call of the load, after some to warm up. */
  readonly before: AppSample;
  /** While it ran, in order. */
  readonly samples: readonly AppSample[];
  /** When all calls are over. */
  readonly after: AppSample;
}
