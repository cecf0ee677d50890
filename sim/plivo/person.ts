// Person: someone at the other end of a Plivo line; the script is the same as on any line.
import { Caller } from '../twilio/caller.ts';
import type { PlivoCall } from './call.ts';
import type { Heard, Said } from './ledger.ts';

/** `says`, `presses`, `staysSilent`, `hangsUp`, `decides`, `answersAfter`, `busy`, `noAnswer`, `fails`: see Caller. */
export class Person extends Caller {
  /** Every Plivo call this person was on, in order. */
  readonly lines: PlivoCall[] = [];
  #declines = false;

  /** Whether this person rejects the call while it rings. */
  get isDeclining(): boolean {
    return this.#declines;
  }

  /** Sees it ring and turns it away. */
  declines(): this {
    this.#declines = true;
    return this;
  }

  /** What this person heard, over all calls. */
  override get heard(): readonly Heard[] {
    return this.lines.flatMap(({ heard }) => heard);
  }

  /** What this person said and pressed, over all calls. */
  override get said(): readonly Said[] {
    return this.lines.flatMap(({ said }) => said);
  }
}
