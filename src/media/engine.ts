// Engine: the audio of all calls: finds the line of a call; what it plays, hears and decides is in audio-line.ts.
import type { Clock } from '../lib/clock.ts';
import { AudioLine } from './audio-line.ts';
import type { MediaCodec, MediaMessage } from './codec.ts';
import type { LineInit, LineListener, Lines, LineUtterance, Sensitivity, Sound } from './lines.ts';
import { Pacer } from './pacer.ts';
import type { Outlet } from './playout.ts';
import type { SoundReader } from './sound.ts';
import type { VoiceActivity } from './voice.ts';

export interface EngineDeps {
  /** The steady clock: it must never go back. */
  readonly clock: Clock;
  /** Must not call the engine from within. */
  readonly listen: LineListener;
  /** By the names of the carriers. */
  readonly codecs: ReadonlyMap<string, MediaCodec>;
  readonly activityFor: (sensitivity: Sensitivity) => VoiceActivity;
  /** One reader per utterance. It throws an Error, with a message that is safe to log, on sound it cannot read. */
  readonly soundReader: () => SoundReader;
  /** Mu-law of keys pressed; throws like a reader. */
  readonly keyTones: (digits: string) => Uint8Array;
}

/** Calls it does not know are ignored: messages about a call that is over arrive late as a matter of course. */
export class Engine implements Lines {
  readonly #deps: EngineDeps;
  readonly #pacer: Pacer;
  readonly #lines = new Map<string, AudioLine>();

  constructor(deps: EngineDeps) {
    this.#deps = deps;
    this.#pacer = new Pacer(deps.clock);
  }

  /** Opening a line twice does nothing more. Throws when there is no codec for the carrier: that is our own fault. */
  open(init: LineInit): void {
    if (this.#lines.has(init.callId)) return;
    const codec = this.#deps.codecs.get(init.carrier);
    if (!codec) throw new Error(`no codec for the carrier ${init.carrier}`);
    this.#lines.set(init.callId, new AudioLine(init, codec, { ...this.#deps, pacer: this.#pacer }));
  }

  identify(callId: string, carrierCallId: string): void {
    const line = this.#lines.get(callId);
    if (line) line.carrierCallId = carrierCallId;
  }

  say(callId: string, utterance: LineUtterance): void {
    this.#lines.get(callId)?.say(utterance);
  }

  sound(callId: string, utteranceId: string, sound: Sound): void {
    this.#lines.get(callId)?.sound(utteranceId, sound);
  }

  keys(callId: string, utteranceId: string, digits: string): void {
    this.#lines.get(callId)?.keys(utteranceId, digits);
  }

  finish(callId: string, utteranceId: string): void {
    this.#lines.get(callId)?.finish(utteranceId);
  }

  drop(callId: string, utteranceIds: readonly string[]): void {
    this.#lines.get(callId)?.drop(utteranceIds);
  }

  understood(callId: string, text: string): void {
    this.#lines.get(callId)?.understood(text);
  }

  /** Tells how loud this line is, for so long from now: for whoever looks on. */
  meter(callId: string, forMs: number): void {
    this.#lines.get(callId)?.meter(this.#deps.clock.now() + forMs);
  }

  close(callId: string): void {
    const line = this.#lines.get(callId);
    this.#lines.delete(callId);
    line?.close();
  }

  /** May connection `n` of this call come now? It must be newer than all before it. */
  isExpected(callId: string, n: number): boolean {
    return this.#lines.get(callId)?.isExpected(n) ?? false;
  }

  /** Null: we know no such call. */
  codecOf(callId: string): MediaCodec | null {
    return this.#lines.get(callId)?.codec ?? null;
  }

  /** Null: not known yet, or no such call. */
  carrierCallIdOf(callId: string): string | null {
    return this.#lines.get(callId)?.carrierCallId ?? null;
  }

  /** A stream that was checked at the door. One that is not expected is closed with 1008. */
  attach(callId: string, n: number, outlet: Outlet): void {
    const line = this.#lines.get(callId);
    if (line) line.attach(n, outlet);
    else outlet.socket.close(1008, 'Not expected');
  }

  /** What came on stream `n`; ignored once a newer one took over. */
  message(callId: string, n: number, message: MediaMessage): void {
    this.#lines.get(callId)?.message(n, message);
  }

  /** The socket of stream `n` is gone. `why` is safe to log. */
  detached(callId: string, n: number, why: string): void {
    this.#lines.get(callId)?.detached(n, why);
  }
}
