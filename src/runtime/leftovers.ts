// Leftovers: calls we closed although the carrier never confirmed the hang-up: told again until it does.
import type { Call } from '../call/call.ts';
import type { CallEvent } from '../call/event.ts';
import { background } from '../lib/background.ts';
import { wait } from '../lib/clock.ts';
import type { RuntimeDeps } from './deps.ts';

/** A line that is still open costs money; a carrier that is away is not helped by being asked more often. */
const AGAIN_MS = 20_000;
/** No carrier keeps a call longer than four hours unless it is told to. */
const LONGEST_CALL_MS = 4 * 60 * 60_000;
/** How many of the latest calls are looked at after a restart. */
const LATEST = 100;

type Deps = Pick<RuntimeDeps, 'clock' | 'journal' | 'carrier' | 'transport' | 'log'>;

export class Leftovers {
  readonly #deps: Deps;
  readonly #leaving: AbortSignal;
  readonly #unconfirmed = new Set<string>();

  constructor(deps: Deps, leaving: AbortSignal) {
    this.#deps = deps;
    this.#leaving = leaving;
  }

  /** A step of some call: was it the one with which we gave up hanging up? */
  notice(call: Call, event: Pick<CallEvent, 'kind'>): void {
    if (call.phase === 'ended' && isGivingUp(event)) this.#hangUp(call);
  }

  /** Those that a previous process left. */
  restore(): void {
    const { journal, clock, carrier } = this.#deps;
    for (const call of journal.list(LATEST)) {
      if (call.carrier !== carrier.name) continue;
      if (call.phase !== 'ended' || clock.now() - call.createdAt > LONGEST_CALL_MS) continue;
      if (isGivingUp(journal.lastStep(call.id)?.event)) this.#hangUp(call);
    }
  }

  /** Whether the carrier still has to confirm that this call is hung up. */
  has(callId: string): boolean {
    return this.#unconfirmed.has(callId);
  }

  #hangUp(call: Call): void {
    if (call.carrierCallId === null) return;
    this.#unconfirmed.add(call.id);
    const { log } = this.#deps;
    log.warn('the carrier did not confirm a hang-up: it is told again until it does', { callId: call.id });
    const hangingUp = this.#untilConfirmed(call).catch((error: unknown) => {
      if (!this.#leaving.aborted) throw error;
    });
    background(hangingUp, 'hanging up a call that is over', log);
  }

  async #untilConfirmed(call: Call): Promise<void> {
    const { clock, journal, log } = this.#deps;
    while (clock.now() - call.createdAt < LONGEST_CALL_MS) {
      await wait(clock, AGAIN_MS, this.#leaving);
      if (!(await this.#isHungUp(call))) continue;
      this.#unconfirmed.delete(call.id);
      journal.save(call, { kind: 'hungUpAtLast', at: clock.now() });
      log.info('hung up at last', { callId: call.id });
      return;
    }
  }

  async #isHungUp(call: Call): Promise<boolean> {
    const { carrier, transport } = this.#deps;
    for (const request of carrier.asRequests(call, { kind: 'hangup' })) {
      const told = carrier.readTold({ kind: 'hangup' }, await transport(request, this.#leaving));
      if (!told.ok && told.failure.kind !== 'gone') return false;
    }
    return true;
  }
}

/** The deadline of a hang-up that ends a call: see `hangUpAgain`. */
function isGivingUp(event: unknown): boolean {
  const { kind, name } = (event ?? {}) as { readonly kind?: unknown; readonly name?: unknown };
  return kind === 'deadlinePassed' && name === 'hangup';
}
