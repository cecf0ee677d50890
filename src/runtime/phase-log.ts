// PhaseLog: one line of log for each phase of a call's life; numbers masked, no words, nothing in between.
import type { Call, Phase } from '../call/call.ts';
import type { Log, LogFields } from '../lib/log.ts';
import { maskDigits, maskNumber } from '../lib/mask.ts';

export class PhaseLog {
  readonly #log: Log;
  #phase: Phase;

  /** From `call` on; the phase it is in was told by whoever began it. */
  constructor(log: Log, call: Call) {
    this.#log = log;
    this.#phase = call.phase;
  }

  changed(call: Call): void {
    if (call.phase === this.#phase) return;
    this.#phase = call.phase;
    this.#log.info(`call ${call.phase}`, { ...whoOf(call), ...howOf(call) });
  }
}

/** Which call it is, and who is at the other end. */
export function whoOf({ id, direction, from, to }: Call): LogFields {
  return direction === 'outbound'
    ? { callId: id, to: maskNumber(to) }
    : { callId: id, from: maskNumber(from) };
}

function howOf({ phase, createdAt, answeredAt, endedAt, end, turns }: Call): LogFields {
  switch (phase) {
    case 'dialing':
    case 'ringing':
      return {};
    case 'live':
      return { rangMs: (answeredAt ?? createdAt) - createdAt };
    case 'ending':
      return { reason: end?.reason, cause: maskDigits(end?.cause ?? '') };
    case 'ended': {
      const lastedMs = answeredAt === null || endedAt === null ? 0 : endedAt - answeredAt;
      return { reason: end?.reason, cause: maskDigits(end?.cause ?? ''), lastedMs, turns: turns.length };
    }
  }
}
