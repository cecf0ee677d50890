// ModelPlayback: the voice of a model on the line: one utterance a reply, bounded, and what of it the caller heard.
import type { Utterance } from '../call/call.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { BYTES_PER_MS } from '../media/frame.ts';
import type { LineEvent, Lines } from '../media/lines.ts';
import { began, heardMs, newReply, paused, type Reply, received, resumed } from './model-reply.ts';

/** A model makes its voice faster than it is heard; more than this, and the caller would hear of the past. */
const MAX_AHEAD_MS = 120_000;
/** A reply that gets no more sound for so long, and is not over, is over. */
const STALLED_MS = 8_000;
/** Or so long after all its words were told: some providers name everything alike until a tool has its result. */
const SPOKEN_MS = 700;
/** How many replies are remembered as void: what still comes of them is not heard. */
const MAX_VOID = 100;

interface PlaybackDeps {
  /** The time of the line's events. */
  readonly clock: Clock;
  readonly log: Log;
  readonly lines: Lines;
  readonly callId: string;
}

export interface PlaybackListener {
  /** The first sound of a reply is there: what is it? */
  readonly onReply: () => {
    /** The call's own, or null: the model speaks for itself. */
    readonly utterance: Utterance | null;
    readonly isVital: boolean;
    /** Whether our own detector may interrupt it. */
    readonly interruptible: boolean;
  };
  readonly onBegun: (reply: Reply) => void;
  /** It was heard to its end, or so much of it. */
  readonly onHeard: (reply: Reply, heardMs: number, isCut: boolean) => void;
}

/** What the line tells of one utterance. */
export type Progress = Extract<LineEvent, { readonly utteranceId: string; readonly kind: string }>;

export class ModelPlayback {
  readonly #deps: PlaybackDeps;
  readonly #listener: PlaybackListener;
  /** Not heard to their end yet, in order. */
  #replies: readonly Reply[] = [];
  readonly #void = new Set<string>();
  #count = 0;
  /** Of the reply that was the latest one. */
  #lastHeardMs = 0;
  #cancel: Cancel = () => undefined;

  constructor(deps: PlaybackDeps, listener: PlaybackListener) {
    this.#deps = deps;
    this.#listener = listener;
  }

  /** Nothing of the model is to be heard, or being made. */
  get isIdle(): boolean {
    return this.#replies.length === 0;
  }

  get isPlaying(): boolean {
    return this.#replies.some(({ beganAt, pausedAt }) => beganAt !== null && pausedAt === null);
  }

  /** Whether it is the model's latest reply, the one it knows it is saying. */
  isLatest(utteranceId: string): boolean {
    return this.#replies.at(-1)?.id === utteranceId;
  }

  /** How much of the model's latest reply the caller has heard, ms. */
  get heardMs(): number {
    const latest = this.#replies.at(-1);
    return latest ? heardMs(latest, this.#deps.clock.now()) : this.#lastHeardMs;
  }

  sound(key: string, mulaw: Uint8Array): void {
    if (mulaw.length === 0 || this.#void.has(key)) return;
    const { lines, callId, clock } = this.#deps;
    const reply = this.#growing(key) ?? this.#begin(key);
    const ms = mulaw.length / BYTES_PER_MS;
    if (this.#aheadMs() + ms > MAX_AHEAD_MS) {
      this.#leaveOut(reply, ms);
      return;
    }
    received(reply, ms, clock.now());
    lines.sound(callId, reply.id, { encoding: 'mulaw', sampleRate: 8_000, bytes: mulaw });
    this.#watch(reply);
  }

  over(key: string): void {
    const reply = this.#growing(key);
    if (!reply) return;
    reply.isOver = true;
    this.#cancel();
    this.#deps.lines.finish(this.#deps.callId, reply.id);
  }

  /** All words of the latest reply were told. */
  spoken(): void {
    const reply = this.#replies.findLast(({ isOver }) => !isOver);
    if (reply) this.#watch(reply);
  }

  /** The session broke: there will be no more of what is not complete. True: there was such a reply. */
  brokeOff(): boolean {
    const broken = this.#replies.filter(({ isOver }) => !isOver);
    for (const reply of broken) {
      reply.isBrokenOff = true;
      this.over(reply.key);
    }
    return broken.length > 0;
  }

  /** Stops at once, except for what must be heard to its end and is complete. True: something was stopped. */
  stop(isAnyway = false): boolean {
    const { lines, callId, clock } = this.#deps;
    const gone = this.#replies.filter((reply) => isAnyway || !(reply.isVital && reply.isOver));
    if (gone.length === 0) return false;
    const now = clock.now();
    lines.drop(
      callId,
      gone.map(({ id }) => id),
    );
    this.#end(gone, (reply) => heardMs(reply, now));
    return true;
  }

  /** False: it is none of the model's. */
  progress(event: Progress): boolean {
    const reply = this.#replies.find(({ id }) => id === event.utteranceId);
    if (!reply) return false;
    switch (event.kind) {
      case 'began':
        began(reply, event.at);
        break;
      case 'audible':
        reply.audibleAt ??= event.at;
        break;
      case 'played':
        this.#replies = this.#replies.filter((one) => one !== reply);
        this.#lastHeardMs = reply.receivedMs;
        this.#listener.onHeard(reply, reply.receivedMs, reply.isBrokenOff);
        break;
      case 'cut':
        // Everything that waited behind it is forgotten too.
        this.#end(this.#replies, (one) => (one === reply ? event.heardMs : 0));
        break;
      case 'unplayable':
        this.#deps.log.warn('the voice model could not be played', { callId: event.callId, why: event.why });
        this.#end([reply], (one) => heardMs(one, event.at));
        break;
    }
    return true;
  }

  /** The line stands still, or goes on. */
  held(isHeld: boolean, at: number): void {
    for (const reply of this.#replies) (isHeld ? paused : resumed)(reply, at);
  }

  close(): void {
    this.#cancel();
    this.#replies = [];
  }

  /** The reply of this name that is not over. */
  #growing(key: string): Reply | undefined {
    return this.#replies.findLast((one) => one.key === key && !one.isOver);
  }

  #begin(key: string): Reply {
    const { lines, callId } = this.#deps;
    // A model says one thing after the other.
    for (const older of this.#replies) this.over(older.key);
    const { utterance, isVital, interruptible } = this.#listener.onReply();
    const reply = newReply({ key, id: `m${++this.#count}`, utterance, isVital });
    this.#replies = [...this.#replies, reply];
    lines.say(callId, { id: reply.id, interruptible });
    this.#listener.onBegun(reply);
    return reply;
  }

  #end(gone: readonly Reply[], heardOf: (reply: Reply) => number): void {
    const latest = this.#replies.at(-1);
    if (latest && gone.includes(latest)) this.#lastHeardMs = heardOf(latest);
    const heard = gone.map((reply) => ({ reply, ms: heardOf(reply) }));
    this.#replies = this.#replies.filter((reply) => !gone.includes(reply));
    for (const { key } of gone) this.#forget(key);
    for (const { reply, ms } of heard) this.#listener.onHeard(reply, ms, true);
  }

  #forget(key: string): void {
    this.#void.add(key);
    const [oldest] = this.#void;
    if (this.#void.size > MAX_VOID && oldest !== undefined) this.#void.delete(oldest);
  }

  #aheadMs(): number {
    const now = this.#deps.clock.now();
    return this.#replies.reduce((ms, reply) => ms + reply.receivedMs - heardMs(reply, now), 0);
  }

  #leaveOut(reply: Reply, ms: number): void {
    if (reply.droppedMs === 0) {
      this.#deps.log.warn('the voice model is too far ahead: some of it is left out', {
        callId: this.#deps.callId,
      });
    }
    reply.droppedMs += ms;
  }

  #watch(reply: Reply): void {
    const { clock } = this.#deps;
    this.#cancel();
    const withinMs = reply.areWordsFinal ? SPOKEN_MS : STALLED_MS;
    this.#cancel = clock.at(clock.now() + withinMs, () => this.over(reply.key));
  }
}
