// Replay: the same signed bytes get the same answer again, and nothing happens a second time.
import type { WireReply } from '../carrier/carrier.ts';
import type { Clock } from '../lib/clock.ts';
import type { Journal } from '../record/journal.ts';

/** Carriers repeat a webhook within minutes; a signature stays valid for ever, so remember it for long. */
const REMEMBER_MS = 24 * 60 * 60_000;
const FORGET_EVERY_MS = 60 * 60_000;
/** Answers that could not be written are remembered in memory, so many at most. */
const MOST_UNWRITTEN = 1_000;

export class Replay {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #pending = new Map<string, Promise<WireReply>>();
  readonly #unwritten = new Map<string, WireReply>();
  #forgotAt: number;

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
    this.#forgotAt = clock.now();
  }

  /** Runs `handle` the first time a key is seen; every other time gives the answer of the first. */
  async once(replayKey: string, handle: () => Promise<WireReply>): Promise<WireReply> {
    const pending = this.#pending.get(replayKey);
    if (pending !== undefined) return pending;
    const known = this.#unwritten.get(replayKey) ?? this.#journal.replyFor(replayKey);
    if (known) return known;
    const answering = this.#answer(replayKey, handle);
    this.#pending.set(replayKey, answering);
    try {
      return await answering;
    } finally {
      this.#pending.delete(replayKey);
    }
  }

  async #answer(replayKey: string, handle: () => Promise<WireReply>): Promise<WireReply> {
    const reply = await handle();
    try {
      this.#journal.keepReply(replayKey, reply, this.#clock.now());
      this.#forget();
    } catch {
      // The store has told what is wrong with it. What was done is done: the carrier must have its answer.
      this.#remember(replayKey, reply);
    }
    return reply;
  }

  #remember(replayKey: string, reply: WireReply): void {
    const [oldest] = this.#unwritten.keys();
    if (oldest !== undefined && this.#unwritten.size >= MOST_UNWRITTEN) this.#unwritten.delete(oldest);
    this.#unwritten.set(replayKey, reply);
  }

  #forget(): void {
    const now = this.#clock.now();
    if (now - this.#forgotAt < FORGET_EVERY_MS) return;
    this.#forgotAt = now;
    this.#journal.forgetReplies(now - REMEMBER_MS);
  }
}
