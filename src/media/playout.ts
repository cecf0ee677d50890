// Playout: what we say on one line, in order: frames out at the pace of speech, marks back, and what of it was heard.
import type { MediaWriter } from './codec.ts';
import { BYTES_PER_MS, FRAME_BYTES, FRAME_MS } from './frame.ts';
import { Marks } from './marks.ts';
import type { Utterance } from './utterance.ts';

/**
 * How far we send ahead of what can be heard: the carrier lives from it while one lost packet is sent again (three
 * later frames tell of the loss, 60 ms; the way there and back, 100 ms) and while our own loop is late. More would
 * only make more of what must be taken back when somebody interrupts.
 */
export const LEAD_MS = 200;
/** A mark after this much sound, so that we know where we are; the first one sooner, as it proves that we are heard. */
const MARK_EVERY_FRAMES = 10;
const FIRST_MARK_FRAMES = 2;
/** Marks this late mean that sound piles up on its way: we wait, or all we say would come late for the whole call. */
const LATE_MARKS_MS = 1_500;
/** A stream on which nothing was confirmed and nothing came for so long leads nowhere. */
const STUCK_AFTER_MS = 5_000;
/** Carriers send audio all the time; after so long without any the stream may be standing still. */
const QUIET_AFTER_MS = 1_000;
/** Until a carrier has returned a mark, we take it that it plays this much later than we send. */
const DELAY_MS = 300;
/** More waiting bytes than this (4 s of sound) and we send no more until they are gone. */
const FULL_BYTES = 64 * 1024;
const HOPELESS_BYTES = 1024 * 1024;
/** After a hold we go on a little before the place where we stopped, as a person would. */
const OVERLAP_BYTES = 120 * BYTES_PER_MS;

/** The socket of a media stream, as ingress hands it to us. */
export interface MediaSocket {
  /** Text frames, in one piece. */
  send(frames: readonly string[]): void;
  /** Bytes that have not left for the network yet. */
  readonly bufferedBytes: number;
  close(code: number, reason: string): void;
}

/** Where frames go: one media stream. */
export interface Outlet {
  readonly writer: MediaWriter;
  readonly socket: MediaSocket;
}

export type PlayoutReport = (kind: 'began' | 'audible' | 'played', utteranceId: string) => void;
/** A frame left for the carrier; it is heard at `at`, without the delay on the way. */
type OnFrame = (frame: Uint8Array, at: number) => void;

/** All times are ms since the epoch and come as arguments; they must not go back. */
export class Playout {
  /** False: the caller is speaking, so nothing that can be interrupted begins. */
  mayBegin = true;
  readonly #report: PlayoutReport;
  readonly #onFrame: OnFrame;
  readonly #marks = new Marks();
  /** In the order of `say`; what was heard to its end leaves at the front. */
  #queue: readonly Utterance[] = [];
  #outlet: Outlet | null = null;
  #isHeld = false;
  /** The pacer calls. */
  #isPaced = false;
  /** When the carrier will have played all that we sent, at the earliest. */
  #endsAt = Number.NEGATIVE_INFINITY;
  #newsAt = Number.NEGATIVE_INFINITY;
  #framesSinceMark = 0;
  /** The mark settled last, of those since the last clear: from there on we reckon by the clock. */
  #heardAt: { readonly utterance: Utterance; readonly bytes: number; readonly at: number } | null = null;

  constructor(report: PlayoutReport, onFrame: OnFrame = () => undefined) {
    this.#report = report;
    this.#onFrame = onFrame;
  }

  /** What is being heard, or the next that will be. */
  get head(): Utterance | null {
    return this.#queue[0] ?? null;
  }

  get queuedBytes(): number {
    return this.#queue.reduce((sum, utterance) => sum + utterance.bytes, 0);
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Until then the caller hears us, without the delay on the way. */
  get endsAt(): number {
    return this.#endsAt;
  }

  find(utteranceId: string): Utterance | null {
    return this.#queue.find(({ id }) => id === utteranceId) ?? null;
  }

  add(utterance: Utterance): void {
    this.#queue = [...this.#queue, utterance];
  }

  /** A stream to play on; we go on where the one before was heard last. */
  connect(outlet: Outlet): void {
    this.#outlet = outlet;
  }

  /** Something arrived from the carrier, so the stream is alive. */
  news(now: number): void {
    this.#newsAt = now;
  }

  /** The stream is gone, with what the carrier had not played. */
  disconnect(now: number): void {
    this.#rewind(now, 0);
    this.#outlet = null;
  }

  /** Stops at once, to go on later: from a little before the place that was heard. */
  hold(now: number): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#clear(now, OVERLAP_BYTES);
  }

  /** The hold is over, whatever became of it. */
  resume(): void {
    this.#isHeld = false;
  }

  /** Stops at once and forgets everything. Returns what was being heard; null when nothing was to be said. */
  cut(now: number): { readonly utteranceId: string; readonly heardMs: number } | null {
    this.#clear(now, 0);
    const { head } = this;
    this.#queue = [];
    this.#isHeld = false;
    return head && { utteranceId: head.id, heardMs: head.heardBytes / BYTES_PER_MS };
  }

  /**
   * Forgets these. If the carrier may still have frames of one (of what is heard now, or of the next within the
   * lead), all it has is cleared, and what stays goes on from where it was heard: a word of the wrong sentence would
   * be worse than a syllable twice.
   */
  drop(utteranceIds: readonly string[], now: number): void {
    const isDropped = ({ id }: Utterance): boolean => utteranceIds.includes(id);
    if (this.#queue.some((utterance) => isDropped(utterance) && utterance.framesOut > 0)) this.#clear(now, 0);
    this.#queue = this.#queue.filter((utterance) => !isDropped(utterance));
  }

  /**
   * Sends what is due: all that may be sent ahead at the start, then a frame every 20 ms. `moment` is the one of the
   * pacer that is due, so that a late timer changes nothing; null when something else happened. Returns whether the
   * pacer should call.
   */
  pump(now: number, moment: number | null): boolean {
    const isFlowing = moment === null && this.#isPaced && this.#endsAt > now;
    // Else each mark that returns would send a frame that the pacer is about to send.
    if (!isFlowing || this.#isHeld || !this.#outlet) this.#isPaced = this.#fill(now, moment ?? now);
    return this.#isPaced;
  }

  #fill(now: number, at: number): boolean {
    const outlet = this.#outlet;
    if (!outlet || this.#isHeld) return false;
    if (this.#isJammed(outlet, now)) return this.#queue.length > 0;
    // After a pause, or when the carrier ran dry, the schedule begins anew: what was missed is not caught up.
    while (this.#endsAt - at <= LEAD_MS - FRAME_MS) {
      const utterance = this.#ready(outlet);
      if (!utterance) return false;
      if (this.#endsAt < at) this.#restart(at);
      this.#send(utterance, outlet);
    }
    return this.#ready(outlet) !== null;
  }

  /** The carrier sent a mark back. */
  returned(name: string, now: number): void {
    this.#marks.returned(name);
    this.settle(now);
  }

  /** Counts as heard what is settled by marks, or by time where no mark returns. */
  settle(now: number): void {
    for (let mark = this.#take(now); mark; mark = this.#take(now)) {
      const { utterance } = mark;
      utterance.heardBytes = Math.max(utterance.heardBytes, mark.bytes);
      this.#heardAt = { utterance, bytes: mark.bytes, at: now };
      if (mark.hasReturned && !utterance.isAudible) {
        utterance.isAudible = true;
        this.#report('audible', utterance.id);
      }
      if (mark.isEnd) {
        this.#queue = this.#queue.filter((other) => other !== utterance);
        this.#report('played', utterance.id);
      }
    }
  }

  /** When `settle` is due without any news; null when it is not. */
  deadline(now: number): number | null {
    return this.#marks.deadline(now);
  }

  /** Nothing we send arrives any more, and the stream should be given up. */
  isHopeless(now: number): boolean {
    const buffered = this.#outlet?.socket.bufferedBytes ?? 0;
    return buffered > HOPELESS_BYTES || (this.#isStill(now) && this.#marks.lateMs(now) >= STUCK_AFTER_MS);
  }

  /**
   * The next utterance with a frame to send. Those before it that were sent to their end get their end mark. Null:
   * all is sent, or the sound is not there yet, or it may not begin now.
   */
  #ready({ writer, socket }: Outlet): Utterance | null {
    for (const utterance of this.#queue) {
      if (utterance.hasFrame) return this.#mayGoOn(utterance) ? utterance : null;
      if (!utterance.isAllSent) return null;
      if (!utterance.isEndMarked) socket.send([this.#mark(utterance, writer)]);
    }
    return null;
  }

  #mayGoOn({ framesOut, isInterruptible }: Utterance): boolean {
    return framesOut > 0 || this.mayBegin || !isInterruptible;
  }

  #send(utterance: Utterance, outlet: Outlet): void {
    const frame = utterance.takeFrame();
    const { writer, socket } = outlet;
    this.#onFrame(frame, this.#endsAt);
    this.#endsAt += FRAME_MS;
    this.#framesSinceMark += 1;
    if (utterance.framesOut === 1) this.#framesSinceMark = MARK_EVERY_FRAMES - FIRST_MARK_FRAMES + 1;
    const isMarked = utterance.isAllSent || this.#framesSinceMark >= MARK_EVERY_FRAMES;
    const audio = writer.audio(frame);
    socket.send(isMarked ? [audio, this.#mark(utterance, writer)] : [audio]);
    if (utterance.hasBegun) return;
    utterance.hasBegun = true;
    this.#report('began', utterance.id);
  }

  /** The frame that marks how far it was sent. */
  #mark(utterance: Utterance, writer: MediaWriter): string {
    const isEnd = utterance.isAllSent;
    utterance.isEndMarked = isEnd;
    this.#framesSinceMark = 0;
    return writer.mark(this.#marks.add(utterance, this.#endsAt, isEnd));
  }

  #restart(at: number): void {
    this.#endsAt = at;
    this.#heardAt = null;
    this.#framesSinceMark = MARK_EVERY_FRAMES - FIRST_MARK_FRAMES;
  }

  #isJammed({ socket }: Outlet, now: number): boolean {
    return (
      socket.bufferedBytes > FULL_BYTES || (this.#marks.doReturn && this.#marks.lateMs(now) > LATE_MARKS_MS)
    );
  }

  #take(now: number): ReturnType<Marks['take']> {
    return this.#marks.take(now, this.#isStill(now));
  }

  /** Nothing gets through: bytes wait in the socket, or a carrier that used to return marks has gone silent. */
  #isStill(now: number): boolean {
    if (this.#outlet && this.#outlet.socket.bufferedBytes > 0) return true;
    return this.#marks.doReturn && now - this.#newsAt > QUIET_AFTER_MS;
  }

  #clear(now: number, backBytes: number): void {
    const isAnyOut = this.#queue.some(({ framesOut }) => framesOut > 0);
    this.#rewind(now, backBytes);
    if (isAnyOut) this.#outlet?.socket.send([this.#outlet.writer.clear()]);
  }

  #rewind(now: number, backBytes: number): void {
    const { head } = this;
    if (head) head.heardBytes = this.#heardOf(head, now);
    for (const utterance of this.#queue) utterance.rewind(backBytes);
    this.#marks.void();
    this.#heardAt = null;
    this.#endsAt = Math.min(this.#endsAt, now);
  }

  /**
   * How much of what is being heard was heard by now, in whole frames: rather too little than too much. The last mark
   * and the time since, but not as far as the mark that is still out; and never more than time allows.
   */
  #heardOf(head: Utterance, now: number): number {
    if (head.framesOut === 0) return head.heardBytes;
    const bytes = Math.min(this.#possibleOf(head, now), this.#provenOf(head, now));
    const frames = Math.floor(bytes / FRAME_BYTES);
    return Math.max(head.heardBytes, frames * FRAME_BYTES);
  }

  #possibleOf(head: Utterance, now: number): number {
    const later = this.#queue.reduce((sum, { framesOut }) => sum + framesOut, 0) - head.framesOut;
    const unplayedMs = this.#endsAt - now - later * FRAME_MS;
    return head.sentBytes - Math.max(0, unplayedMs) * BYTES_PER_MS;
  }

  #provenOf(head: Utterance, now: number): number {
    if (!this.#marks.doReturn) return this.#possibleOf(head, now - DELAY_MS);
    const last = this.#heardAt;
    if (!last) return head.heardBytes;
    const from = last.utterance === head ? last.bytes : 0;
    const next = this.#marks.first;
    const before = next?.utterance === head ? next.bytes - FRAME_BYTES : head.sentBytes;
    return Math.min(from + (now - last.at) * BYTES_PER_MS, before);
  }
}
