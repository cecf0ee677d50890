// PlayingLines: lines of one call that play what they are given on a hand clock, and tell what was heard of it.
import type { Cancel, Clock } from '../src/lib/clock.ts';
import type { LineEvent, LineListener, Lines, Sound } from '../src/media/lines.ts';

/** The carrier plays this much later than we send. */
const DELAY_MS = 60;
/** It confirms when it has played two frames. */
const CONFIRMED_MS = 40;
/** How long the tone of a key lasts, with its pause, ms. */
const KEY_MS = 200;
/** A silent caller is sound too. */
const SILENCE_EVERY_MS = 5_000;
const SILENCE = new Uint8Array(160).fill(255);
/** The most keys there are. */
const MOST_KEYS = 100;

interface Playing {
  readonly id: string;
  readonly interruptible: boolean;
  ms: number;
  isFinished: boolean;
  beganAt: number | null;
}

type Fact = LineEvent extends infer E ? (E extends LineEvent ? Omit<E, 'callId' | 'at'> : never) : never;

export class PlayingLines implements Lines {
  /** What was asked, but for sound: `say m1`, `keys u2 12#`, `drop m1 m2`. */
  readonly asked: string[] = [];
  /** What was heard: `m1 1200`, the time in ms; with `cut` when it was not its end. */
  readonly heard: string[] = [];
  readonly #clock: Clock;
  readonly #callId: string;
  readonly #listen: LineListener;
  #queue: Playing[] = [];
  #isConnected = false;
  /** The carrier sends nothing any more. */
  isDead = false;
  #cancelSilence: Cancel = () => undefined;
  #cancel: Cancel = () => undefined;

  constructor(clock: Clock, callId: string, listen: LineListener) {
    this.#clock = clock;
    this.#callId = callId;
    this.#listen = listen;
  }

  open(): void {
    this.asked.push('open');
  }

  identify(_callId: string, carrierCallId: string): void {
    this.asked.push(`identify ${carrierCallId}`);
  }

  say(_callId: string, { id, interruptible }: Parameters<Lines['say']>[1]): void {
    this.asked.push(`say ${id}${interruptible ? '' : ' to its end'}`);
    this.#queue.push({ id, interruptible, ms: 0, isFinished: false, beganAt: null });
  }

  sound(_callId: string, utteranceId: string, { bytes }: Sound): void {
    this.#extend(utteranceId, bytes.length / 8);
  }

  keys(_callId: string, utteranceId: string, digits: string): void {
    this.asked.push(`keys ${utteranceId} ${digits}`);
    this.#extend(utteranceId, Math.min(digits.length, MOST_KEYS) * KEY_MS);
  }

  finish(_callId: string, utteranceId: string): void {
    const playing = this.#queue.find(({ id }) => id === utteranceId);
    if (playing) playing.isFinished = true;
    this.#play();
  }

  drop(_callId: string, utteranceIds: readonly string[]): void {
    this.asked.push(`drop ${utteranceIds.join(' ')}`);
    this.#note(utteranceIds);
    this.#queue = this.#queue.filter(({ id }) => !utteranceIds.includes(id));
    this.#play();
  }

  understood(_callId: string, text: string): void {
    this.asked.push(`understood ${text}`);
  }

  close(): void {
    this.asked.push('close');
    this.#cancelSilence();
    this.#cancel();
    this.#note(this.#queue.map(({ id }) => id));
    this.#queue = [];
  }

  /** The carrier's stream `n` is there. */
  connect(n = 1): void {
    this.#isConnected = true;
    this.tell({ kind: 'opened', n });
    this.#silence();
    this.#play();
  }

  /** It is gone; what was playing waits. */
  disconnect(n = 1, isOver = false): void {
    this.#isConnected = false;
    this.#cancelSilence();
    this.#cancel();
    this.tell({ kind: 'closed', n, isOver, why: 'a test says so' });
  }

  /** The detector takes what the caller does for an interruption. */
  cut(): void {
    const [head] = this.#queue;
    if (!head?.interruptible) return;
    const heardMs = this.#heardMs(head);
    this.#note([head.id]);
    this.#queue = [];
    this.#cancel();
    this.tell({ kind: 'cut', utteranceId: head.id, heardMs });
  }

  tell(fact: Fact): void {
    this.#listen({ ...fact, callId: this.#callId, at: this.#clock.now() } as LineEvent);
  }

  /** What was asked since the last time. */
  take(): readonly string[] {
    return this.asked.splice(0);
  }

  /** What waits to be heard, or is being heard. */
  get waiting(): readonly string[] {
    return this.#queue.map(({ id, ms }) => `${id} ${ms}`);
  }

  #silence(): void {
    this.#cancelSilence = this.#clock.at(this.#clock.now() + SILENCE_EVERY_MS, () => {
      if (!this.isDead) this.tell({ kind: 'audio', mulaw: SILENCE });
      this.#silence();
    });
  }

  #extend(utteranceId: string, ms: number): void {
    const playing = this.#queue.find(({ id }) => id === utteranceId);
    if (playing) playing.ms += ms;
    this.#play();
  }

  #play(): void {
    const [head] = this.#queue;
    this.#cancel();
    if (!this.#isConnected || !head || head.ms === 0) return;
    const now = this.#clock.now();
    if (head.beganAt === null) {
      head.beganAt = now;
      const { id: utteranceId } = head;
      this.#clock.at(
        now + DELAY_MS + CONFIRMED_MS,
        () => this.#queue.includes(head) && this.tell({ kind: 'audible', utteranceId }),
      );
      this.tell({ kind: 'began', utteranceId });
    }
    if (!head.isFinished || this.#queue[0] !== head) return;
    this.#cancel = this.#clock.at(head.beganAt + DELAY_MS + head.ms, () => this.#over(head));
  }

  #over(head: Playing): void {
    this.#queue.shift();
    this.heard.push(`${head.id} ${head.ms}`);
    this.tell({ kind: 'played', utteranceId: head.id });
    this.#play();
  }

  #heardMs({ beganAt, ms }: Playing): number {
    return beganAt === null ? 0 : Math.max(0, Math.min(ms, this.#clock.now() - beganAt - DELAY_MS));
  }

  #note(ids: readonly string[]): void {
    for (const one of this.#queue) {
      const heardMs = this.#heardMs(one);
      if (ids.includes(one.id) && heardMs > 0) this.heard.push(`${one.id} ${heardMs} cut`);
    }
  }
}
