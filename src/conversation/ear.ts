// Ear: hears one call: the transcriber's session, opened again when it breaks, and the sound that waits for it.
import type { Cancel, Clock } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Transcriber, TranscriberSession } from './ports.ts';
import { WaitingSound } from './waiting-sound.ts';

/** How long a session may take to connect: it is opened while the phone rings, so this is a second try at most. */
const CONNECT_MS = 6_000;
/** Pauses before the next session; a single break costs no time at all. */
const RETRY_MS: readonly number[] = [0, 250, 500, 1_000, 2_000];
/** So many sessions in a row that broke early, and the transcriber is taken for dead. */
const MAX_BREAKS = 5;
/** One that lived so long was well: many end a session by themselves when a phone rings and nobody speaks. */
const WELL_MS = 8_000;
/** What waits for a session: the longest connecting there is, with some room. */
const WAITING_MS = 15_000;
/** What may be said again to the next session: a little more than a transcriber is behind, ms. */
const UNSURE_MS = 1_000;
/** And when words were begun and are not final: all that belongs to them, ms. */
const UNFINISHED_MS = 10_000;

export interface EarDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly transcriber: Transcriber;
}

export interface EarListener {
  readonly onPartial: (text: string) => void;
  readonly onFinal: (text: string) => void;
  /** Nothing more will be heard on this call. Told once; `why` is safe to log. */
  readonly onFailed: (why: string) => void;
}

export class Ear {
  readonly #deps: EarDeps;
  readonly #call: Parameters<Transcriber['open']>[0];
  readonly #listener: EarListener;
  readonly #waiting = new WaitingSound(WAITING_MS);
  /** What the present session heard and has not made final words of. */
  readonly #unsure = new WaitingSound(UNFINISHED_MS);
  #session: TranscriberSession | null = null;
  #isReady = false;
  #openedAt = 0;
  #isClosed = false;
  #isMidWords = false;
  #breaks = 0;
  #break: (why: string) => void = () => undefined;
  #cancel: Cancel = () => undefined;

  /** Opens the first session at once. */
  constructor(deps: EarDeps, call: Parameters<Transcriber['open']>[0], listener: EarListener) {
    this.#deps = deps;
    this.#call = call;
    this.#listener = listener;
    this.#open();
  }

  /** How many ms of sound were thrown away because no session took them. */
  get lostMs(): number {
    return this.#waiting.lostMs;
  }

  /** Sound of the caller, mu-law at 8 kHz, in order. */
  hear(mulaw: Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#session && this.#isReady) this.#tell(this.#session, mulaw);
    else this.#waiting.push(mulaw);
  }

  /** The session is there and of no use: the next one hears what was not understood. */
  reopen(why: string): void {
    if (this.#isReady) this.#break(why);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#session?.close();
    this.#session = null;
  }

  #open(): void {
    const { clock, transcriber } = this.#deps;
    // Whatever an old session still tells is about sound that the next one hears again.
    let isOver = false;
    const once = (why: string): void => {
      if (isOver || this.#isClosed) return;
      isOver = true;
      this.#broken(why);
    };
    const told = (tell: () => void): void => {
      if (!isOver && !this.#isClosed) tell();
    };
    this.#break = once;
    this.#isReady = false;
    this.#openedAt = clock.now();
    this.#cancel = clock.at(clock.now() + CONNECT_MS, () => once('it did not connect in time'));
    try {
      const session = transcriber.open(this.#call, {
        onPartial: (text) => told(() => this.#partial(text)),
        onFinal: (text) => told(() => this.#final(text)),
        onBroken: once,
      });
      this.#session = session;
      session.ready.then(
        () => told(() => this.#ready()),
        (error: unknown) => once(reasonOf(error)),
      );
    } catch (error) {
      once(reasonOf(error));
    }
  }

  #ready(): void {
    this.#cancel();
    this.#isReady = true;
    if (this.lostMs > 0) {
      this.#deps.log.warn('some of the caller was not transcribed', {
        callId: this.#call.callId,
        lostMs: Math.round(this.lostMs),
      });
    }
    for (const mulaw of this.#waiting.take()) this.hear(mulaw);
  }

  #tell(session: TranscriberSession, mulaw: Uint8Array): void {
    this.#unsure.push(mulaw);
    if (!this.#isMidWords) this.#unsure.keepLast(UNSURE_MS);
    try {
      session.hear(mulaw);
    } catch (error) {
      this.#break(reasonOf(error));
    }
  }

  #partial(text: string): void {
    this.#isMidWords = text.trim() !== '';
    this.#listener.onPartial(text);
  }

  #final(text: string): void {
    this.#isMidWords = false;
    this.#unsure.take();
    this.#listener.onFinal(text);
  }

  #broken(why: string): void {
    const { clock, log } = this.#deps;
    this.#cancel();
    this.#session?.close();
    this.#session = null;
    const now = clock.now();
    const wasWell = this.#isReady && now - this.#openedAt >= WELL_MS;
    this.#breaks = wasWell ? 1 : this.#breaks + 1;
    const count = this.#breaks;
    log.warn('the transcriber broke', { callId: this.#call.callId, why, count });
    if (count >= MAX_BREAKS) {
      this.close();
      this.#listener.onFailed(why);
      return;
    }
    this.#isReady = false;
    this.#waiting.putBack(this.#unsure.take());
    this.#cancel = clock.at(now + (RETRY_MS[count - 1] ?? 0), () => this.#open());
  }
}
