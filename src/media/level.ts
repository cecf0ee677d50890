// Level: how loud a frame is, and how loud the silence of this caller is.
import { MULAW_SAMPLES } from './g711.ts';

/** What a frame of digital silence counts as; softer is not possible. */
const SOFTEST_DB = -90;
const SQUARES = Float64Array.from(MULAW_SAMPLES, (sample) => (sample / 32_768) ** 2);

/** Of a frame of mu-law, in dB below full scale: -90 to 0. Allocates nothing. */
export function levelOf(mulaw: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < mulaw.length; i++) sum += SQUARES[mulaw[i] as number] as number;
  return Math.max(SOFTEST_DB, 10 * Math.log10(sum / mulaw.length + 1e-12));
}

/** How fast it follows what is softer, as a share of the difference per frame of 20 ms. */
const FALL = 0.3;
/** How fast it follows what is louder: 3 dB a second, so that a sentence does not become silence. */
const RISE_DB = 0.06;
/** A caller in a truck is as loud as that; above it is a voice. */
const HIGHEST_DB = -30;

/** Follows the noise behind the voice. */
export class NoiseFloor {
  #db = -60;

  get db(): number {
    return this.#db;
  }

  push(db: number): void {
    if (db < this.#db) this.#db += FALL * (db - this.#db);
    else this.#db = Math.min(HIGHEST_DB, this.#db + RISE_DB);
  }
}
