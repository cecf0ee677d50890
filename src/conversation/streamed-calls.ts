// StreamedCalls: the calls that are spoken and heard on media streams, each from when it rings until it has none any more.
import type { Call } from '../call/call.ts';
import type { Lines } from '../media/lines.ts';

/** Which calls, and what is held for each of them. */
interface Keeper<Held> {
  readonly takes: (call: Call) => boolean;
  /** Begins all that takes time; the line of the call is open already. */
  readonly open: (call: Call) => Held;
  /** The call goes on without us: the carrier speaks and listens. It is closed next. */
  readonly leave: (held: Held) => void;
  /** Nothing is said or heard on it any more; its line is closed next. */
  readonly close: (held: Held) => void;
}

interface Entry<Held> {
  readonly held: Held;
  carrierCallId: string | null;
  /** The call had a media stream at some time. */
  isStreamed: boolean;
}

export class StreamedCalls<Held> {
  readonly #lines: Lines;
  readonly #keeper: Keeper<Held>;
  readonly #entries = new Map<string, Entry<Held>>();

  constructor(lines: Lines, keeper: Keeper<Held>) {
    this.#lines = lines;
    this.#keeper = keeper;
  }

  get(callId: string): Held | undefined {
    return this.#entries.get(callId)?.held;
  }

  /** The phone rings; null when the call is none of these, or was prepared before. */
  prepare(call: Call): Held | null {
    const { mode, phase } = call;
    const isEarly = phase === 'dialing' || phase === 'ringing' || phase === 'live';
    if (!this.#keeper.takes(call) || mode !== 'conversation' || !isEarly || this.#entries.has(call.id))
      return null;
    return this.#identified(call, this.#open(call));
  }

  /** After each step of a call; null when nothing is said or heard on it by us. */
  follow(call: Call): Held | null {
    if (!this.#keeper.takes(call)) return null;
    const known = this.#entries.get(call.id);
    if (call.phase === 'ended' || (call.stream === null && hadStream(call, known))) {
      this.#let(call.id, call.phase === 'live');
      return null;
    }
    if (call.stream === null && !known) return null;
    const entry = known ?? this.#open(call);
    entry.isStreamed ||= call.stream !== null;
    return this.#identified(call, entry);
  }

  release(callId: string): void {
    this.#let(callId, false);
  }

  #let(callId: string, goesOn: boolean): void {
    const entry = this.#entries.get(callId);
    if (!entry) return;
    // First, as what was heard until now may still go on record.
    this.#entries.delete(callId);
    if (goesOn) this.#keeper.leave(entry.held);
    this.#keeper.close(entry.held);
    this.#lines.close(callId);
  }

  #open(call: Call): Entry<Held> {
    const { id: callId, carrier, settings } = call;
    this.#lines.open({ callId, carrier, sensitivity: settings.sensitivity });
    const entry = { held: this.#keeper.open(call), carrierCallId: null, isStreamed: false };
    this.#entries.set(callId, entry);
    return entry;
  }

  #identified({ id, carrierCallId }: Call, entry: Entry<Held>): Held {
    if (carrierCallId !== null && carrierCallId !== entry.carrierCallId) {
      entry.carrierCallId = carrierCallId;
      this.#lines.identify(id, carrierCallId);
    }
    return entry.held;
  }
}

/** It had one, or was picked up without getting one. */
function hadStream({ phase }: Call, entry: Pick<Entry<unknown>, 'isStreamed'> | undefined): boolean {
  return phase === 'live' || phase === 'ending' || (entry?.isStreamed ?? false);
}
