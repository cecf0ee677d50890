// Gauge: whether this machine can carry another call, by how hard the threads of those that run work.
import { Beat, type Load } from '../lib/beat.ts';
import type { Clock } from '../lib/clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Health } from '../lib/health.ts';
import { AT_EASE, afterReading, type Strain, type StrainLimits } from './strain.ts';

/**
 * The line thread sends sound 200 ms ahead: half of that can be late without anybody hearing it, the other half is for
 * the network. Programs beside us make it late by 20 to 40 ms for seconds on end; that is no reason to refuse anybody.
 * Busy for nine tenths of its time it has no room to catch up: with a few more calls it never would.
 */
const LINE: StrainLimits = { full: { lateMs: 100, busy: 0.9 }, ease: { lateMs: 50, busy: 0.75 } };
/**
 * The main thread has no cadence to keep: agents block it for 200 ms each, and it may be busy all the time. It must take
 * what callers said, and their carriers' questions, within a second.
 */
const MAIN: StrainLimits = {
  full: { lateMs: 1_000, busy: Number.POSITIVE_INFINITY },
  ease: { lateMs: 400, busy: Number.POSITIVE_INFINITY },
};
const MAIN_BEAT_MS = 500;
/** A line thread that tells nothing for so many readings of ours has no lines any more, or is gone. */
const LINE_SILENT = 5;

export interface GaugeDeps {
  /** Must not jump. */
  readonly clock: Clock;
  readonly health: Health;
}

export class Gauge {
  readonly #health: Health;
  readonly #beat: Beat;
  #line: Strain = AT_EASE;
  #main: Strain = AT_EASE;
  #lineSilent = 0;
  #isFull = false;

  constructor({ clock, health }: GaugeDeps) {
    this.#health = health;
    this.#beat = new Beat({ clock, everyMs: MAIN_BEAT_MS, tell: (load) => this.#mainWas(load) });
  }

  /** So many calls are open now. Without any, nobody can be disturbed, and nothing is measured. */
  follow(openCalls: number): void {
    if (openCalls > 0) {
      this.#beat.start();
      return;
    }
    this.#beat.stop();
    this.#line = AT_EASE;
    this.#main = AT_EASE;
    this.#tell();
  }

  /** How hard the line thread worked for a second. */
  lineWas(load: Load): void {
    this.#lineSilent = 0;
    this.#line = afterReading(this.#line, load, LINE);
    this.#tell();
  }

  /** Why no call is begun now; null when there is room. */
  get full(): VoiceCallError | null {
    const why = this.#why();
    return why === null ? null : new VoiceCallError('VC_MACHINE_FULL', { why });
  }

  #mainWas(load: Load): void {
    this.#main = afterReading(this.#main, load, MAIN);
    this.#lineSilent += 1;
    if (this.#lineSilent > LINE_SILENT) this.#line = AT_EASE;
    this.#tell();
  }

  #why(): string | null {
    if (this.#line.isFull) return `the thread of their sound is ${figures(this.#line.load)}`;
    return this.#main.isFull ? `the Gateway's own thread is ${figures(this.#main.load)}` : null;
  }

  /** Told once when it begins: figures that change every second are no news. */
  #tell(): void {
    const { full } = this;
    if (this.#isFull === (full !== null)) return;
    this.#isFull = full !== null;
    if (full === null) this.#health.well('load');
    else this.#health.trouble('load', full);
  }
}

function figures(load: Load | null): string {
  const { lateMs, busy } = load ?? { lateMs: 0, busy: 0 };
  return `${Math.round(busy * 100)} % busy and ${Math.round(lateMs)} ms late`;
}
