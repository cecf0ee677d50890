// Person: somebody with a telephone on Telnyx's network: a scripted caller whose calls are Telnyx calls.
import { Caller } from '../twilio/caller.ts';
import type { TwinCall } from './call.ts';

export class Person extends Caller<TwinCall> {
  #rejects = false;

  get isRejecting(): boolean {
    return this.#rejects;
  }

  /** Declines the call instead of picking up. */
  rejects(): this {
    this.#rejects = true;
    return this;
  }
}
