// NumberAddress: whether calls to our number may still go to an address we no longer have: told until somebody looks.
import { reasonOf, VoiceCallError } from '../lib/errors.ts';
import type { Health } from '../lib/health.ts';
import type { Log } from '../lib/log.ts';
import type { PublicAddress } from './public-address.ts';

/** Outlives the process; see record/journal.ts. */
export interface Notes {
  note(name: string): string | null;
  keepNote(name: string, text: string): void;
}

export interface NumberAddressDeps {
  readonly address: PublicAddress;
  readonly health: Health;
  readonly log: Log;
  readonly notes: Notes;
  /** Somebody may call us now; otherwise it does not matter where the number leads. */
  readonly takesCalls: () => boolean;
}

/** In health. Whoever asks the carrier where the number leads knows better than what is told under it. */
export const NUMBER_SUBJECT = 'number';
/** The address calls to our number led to when it was last known. */
const NOTE = 'address of the number';

export class NumberAddress {
  readonly #deps: NumberAddressDeps;

  constructor(deps: NumberAddressDeps) {
    this.#deps = deps;
    deps.address.follow(() => this.#look());
  }

  /** The carrier says that calls to our number lead to `webhookUrl`; meanwhile we may be elsewhere again. */
  confirm(webhookUrl: string): void {
    const { address, health } = this.#deps;
    this.#noting((notes) => notes.keepNote(NOTE, webhookUrl));
    if (webhookUrl === address.webhookUrl) health.well(NUMBER_SUBJECT);
  }

  stop(): void {
    this.#deps.health.forget(NUMBER_SUBJECT);
  }

  /** The first address there ever was counts as known: before it there was nothing to tell the carrier. */
  #look(): void {
    const { address, health, takesCalls } = this.#deps;
    if (address.trouble !== null || !takesCalls()) return;
    const known = this.#noting((notes) => notes.note(NOTE));
    if (known === undefined) return;
    const { webhookUrl } = address;
    if (known === null || known === webhookUrl) this.confirm(webhookUrl);
    else health.trouble(NUMBER_SUBJECT, new VoiceCallError('VC_ADDRESS_MOVED', { url: webhookUrl }));
  }

  /** A store that fails says so itself; whoever asks us here goes on. Undefined: it failed. */
  #noting<T>(work: (notes: Notes) => T): T | undefined {
    try {
      return work(this.#deps.notes);
    } catch (error) {
      this.#deps.log.warn('where the number leads could not be noted', { why: reasonOf(error) });
      return undefined;
    }
  }
}
