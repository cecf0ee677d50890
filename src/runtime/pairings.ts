// Pairings: the book of codes and known callers: read from disk, changed by call/pairing.ts, and written back.
import { approve, type Knock, knock, openPairings } from '../call/pairing.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { newSixDigits } from '../lib/ids.ts';
import { maskNumber } from '../lib/mask.ts';
import type { RuntimeDeps } from './deps.ts';
import type { Pairing } from './phone.ts';

export class Pairings {
  readonly #deps: RuntimeDeps;

  constructor(deps: RuntimeDeps) {
    this.#deps = deps;
  }

  /** Somebody the list does not name calls. The code they are told is on disk before they hear it. */
  knock(caller: string | null): Knock {
    const { journal, clock, newCode = newSixDigits } = this.#deps;
    const book = journal.pairings.load();
    const done = knock(book, caller, clock.now(), newCode);
    if (done.book !== book) journal.pairings.save(done.book);
    return done.knock;
  }

  /** The newest first. */
  list(): readonly Pairing[] {
    const { journal, clock } = this.#deps;
    return openPairings(journal.pairings.load(), clock.now())
      .map(({ caller, code, createdAt, expiresAt }) => ({ code, from: caller, at: createdAt, expiresAt }))
      .reverse();
  }

  /** Throws VC_PAIRING_UNKNOWN for a wrong code, VC_PAIRING_LOCKED after too many. */
  approve(code: string): { readonly from: string } {
    const { journal, clock, log } = this.#deps;
    const at = clock.now();
    const { book, approval } = approve(journal.pairings.load(), code, at);
    if (approval.kind === 'locked') {
      const minutes = Math.ceil((approval.untilMs - at) / 60_000);
      throw new VoiceCallError('VC_PAIRING_LOCKED', { minutes });
    }
    journal.pairings.save(book);
    if (approval.kind === 'unknown') {
      log.warn('a wrong pairing code was tried');
      throw new VoiceCallError('VC_PAIRING_UNKNOWN');
    }
    log.info('a caller was paired', { from: maskNumber(approval.caller) });
    return { from: approval.caller };
  }
}
