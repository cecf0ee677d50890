// AudioLine: the audio of one call: its media stream, what is played on it, and the caller who may interrupt.
import type { Cancel, Clock } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import { BargeIn, type Decision, type Target } from './barge-in.ts';
import type { MediaCodec, MediaMessage } from './codec.ts';
import { Ear } from './ear.ts';
import { BYTES_PER_MS } from './frame.ts';
import type { LineEvent, LineInit, LineListener, LineUtterance, Sensitivity, Sound } from './lines.ts';
import { Meter } from './meter.ts';
import type { Paced, Pacer } from './pacer.ts';
import { type Outlet, Playout } from './playout.ts';
import type { SoundReader } from './sound.ts';
import { Utterance } from './utterance.ts';
import type { VoiceActivity, VoiceChange } from './voice.ts';

/** Ten minutes of sound, 4.8 MB: what a call may have waiting. */
const MAX_QUEUED_BYTES = 10 * 60_000 * BYTES_PER_MS;
const MAX_QUEUED = 200;
/** Our voice comes back as an echo until this long after we have sent the last of it. */
const ECHO_MS = 300;

/** What all lines of an engine share. */
export interface LineDeps {
  readonly clock: Clock;
  /** Must not call the engine from within; what it is told has happened already. */
  readonly listen: LineListener;
  readonly pacer: Pacer;
  readonly activityFor: (sensitivity: Sensitivity) => VoiceActivity;
  readonly soundReader: () => SoundReader;
  readonly keyTones: (digits: string) => Uint8Array;
}

interface Stream extends Outlet {
  readonly n: number;
  readonly ear: Ear;
  readonly activity: VoiceActivity;
}

type Fact<E> = E extends LineEvent ? Omit<E, 'callId' | 'at'> & { readonly at?: number } : never;

export class AudioLine implements Paced {
  readonly codec: MediaCodec;
  /** The carrier's own id of the call; null as long as it is not known. */
  carrierCallId: string | null = null;
  readonly #callId: string;
  readonly #sensitivity: Sensitivity;
  readonly #deps: LineDeps;
  readonly #playout: Playout;
  readonly #bargeIn: BargeIn;
  #stream: Stream | null = null;
  #lastN = 0;
  #isCallerSpeaking = false;
  /** Somebody looks on, until then. */
  #meter: Meter | null = null;
  #meteredUntil = Number.NEGATIVE_INFINITY;
  #cancel: Cancel | null = null;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor({ callId, sensitivity }: LineInit, codec: MediaCodec, deps: LineDeps) {
    this.codec = codec;
    this.#callId = callId;
    this.#sensitivity = sensitivity;
    this.#deps = deps;
    this.#bargeIn = new BargeIn(sensitivity);
    this.#playout = new Playout(
      (kind, utteranceId) => this.#tell({ kind, utteranceId }),
      (frame, at) => this.#meter?.agent(frame, at),
    );
  }

  isExpected(n: number): boolean {
    return n > this.#lastN;
  }

  /** A newer stream takes over at once; one that is not newer is turned away, and the line stays as it is. */
  attach(n: number, outlet: Outlet): void {
    if (!this.isExpected(n)) {
      outlet.socket.close(1008, 'Not expected');
      return;
    }
    const now = this.#deps.clock.now();
    this.#lose(now, 'a newer stream took over', [1000, 'Replaced']);
    this.#lastN = n;
    const activity = this.#deps.activityFor(this.#sensitivity);
    const ear = new Ear({
      mayReorder: this.codec.mayReorder,
      activity,
      hear: (frame, at, change) => this.#hear(frame, at, change),
    });
    const { writer, socket } = outlet;
    this.#stream = { n, writer, socket, ear, activity };
    this.#playout.connect(outlet);
    this.#playout.news(now);
    this.#tell({ kind: 'opened', n });
    this.#goOn(now);
  }

  message(n: number, message: MediaMessage): void {
    if (this.#stream?.n !== n) return;
    const now = this.#deps.clock.now();
    this.#playout.news(now);
    switch (message.kind) {
      case 'audio':
        this.#stream.activity.isOurVoiceOn = now < this.#playout.endsAt + ECHO_MS;
        this.#stream.ear.push(message.chunk, message.mulaw, now);
        break;
      case 'digit':
        this.#tell({ kind: 'digit', digit: message.digit });
        break;
      case 'words':
        this.#decided(this.#bargeIn.typed(this.#target()), now);
        this.#tell({ kind: 'words', text: message.text });
        this.#goOn(now);
        break;
      case 'mark':
        this.#playout.returned(message.name, now);
        this.#goOn(now);
        break;
      case 'stop':
        this.#lose(now, 'the carrier ended the stream', [1000, 'Stopped'], true);
        break;
      // The start was checked at the door; the door logs complaints; that it cleared we know, as we asked for it.
      case 'start':
      case 'complaint':
      case 'cleared':
      case 'ignored':
        break;
    }
  }

  detached(n: number, why: string): void {
    if (this.#stream?.n === n) this.#lose(this.#deps.clock.now(), why, null);
  }

  say(utterance: LineUtterance): void {
    if (this.#playout.find(utterance.id)) return;
    if (this.#playout.queued >= MAX_QUEUED)
      this.#tell({ kind: 'unplayable', utteranceId: utterance.id, why: 'too many utterances wait' });
    else this.#playout.add(new Utterance(utterance));
  }

  sound(utteranceId: string, sound: Sound): void {
    this.#extend(utteranceId, (utterance) => {
      utterance.reader ??= this.#deps.soundReader();
      return utterance.reader.push(sound);
    });
  }

  keys(utteranceId: string, digits: string): void {
    this.#extend(utteranceId, () => this.#deps.keyTones(digits));
  }

  finish(utteranceId: string): void {
    this.#extend(utteranceId, ({ reader }) => reader?.end() ?? new Uint8Array(0));
    const utterance = this.#playout.find(utteranceId);
    if (!utterance || utterance.isFinished) return;
    utterance.finish();
    if (utterance.bytes === 0) this.#isUnplayable(utteranceId, 'there is no sound in it');
    else this.#goOn(this.#deps.clock.now());
  }

  drop(utteranceIds: readonly string[]): void {
    const now = this.#deps.clock.now();
    const { head } = this.#playout;
    this.#playout.drop(utteranceIds, now);
    if (this.#bargeIn.isHolding && this.#playout.head !== head) {
      this.#bargeIn.release();
      this.#playout.resume();
    }
    this.#goOn(now);
  }

  understood(text: string): void {
    const now = this.#deps.clock.now();
    this.#decided(this.#bargeIn.understood(text, now, this.#target()), now);
    this.#goOn(now);
  }

  /** Tells how loud it is, until then; `until` in the past: not any more. */
  meter(until: number): void {
    this.#meteredUntil = until;
    this.#meter ??= new Meter();
  }

  /** Sends nothing more and reports nothing more. */
  close(): void {
    const stream = this.#stream;
    this.#stream = null;
    this.#deps.pacer.leave(this);
    this.#disarm();
    stream?.socket.close(1000, 'Done');
  }

  pace(moment: number): void {
    const now = this.#deps.clock.now();
    this.#goOn(now, moment);
    this.#measure(now);
  }

  /** As often as frames come or go: nothing is measured on a line that is still. */
  #measure(now: number): void {
    if (!this.#meter) return;
    const peaks = this.#meter.take(now);
    if (peaks) this.#tell({ kind: 'levels', ...peaks });
    if (now >= this.#meteredUntil) this.#meter = null;
  }

  /** Brings everything to where it should be now: the one place from which frames are sent and timers are set. */
  #goOn(now: number, moment: number | null = null): void {
    if (this.#stream && this.#playout.isHopeless(now)) {
      this.#lose(now, 'what we sent did not get through', [1013, 'Too slow']);
      return;
    }
    this.#decided(this.#bargeIn.meets(this.#target(), now), now);
    this.#playout.mayBegin = this.#bargeIn.mayBegin(now);
    if (this.#playout.pump(now, moment)) this.#deps.pacer.join(this);
    else this.#deps.pacer.leave(this);
    this.#arm(now);
  }

  #lose(
    now: number,
    why: string,
    close: readonly [code: number, reason: string] | null,
    isOver = false,
  ): void {
    const stream = this.#stream;
    if (!stream) return;
    this.#stream = null;
    this.#meter?.cleared(now);
    this.#playout.disconnect(now);
    if (close) stream.socket.close(...close);
    if (this.#isCallerSpeaking) this.#voice({ isSpeaking: false, at: now }, now);
    this.#tell({ kind: 'closed', n: stream.n, isOver, why });
    this.#goOn(now);
  }

  #hear(frame: Uint8Array, at: number, change: VoiceChange | null): void {
    this.#meter?.caller(frame, at);
    this.#deps.listen({ kind: 'audio', callId: this.#callId, at, mulaw: frame });
    this.#measure(at);
    if (!change) return;
    this.#voice(change, at);
    this.#goOn(at);
  }

  #voice({ isSpeaking, at }: VoiceChange, now: number): void {
    this.#isCallerSpeaking = isSpeaking;
    const decision = this.#bargeIn.voice(isSpeaking, { at, now }, this.#target());
    this.#tell({ kind: 'voice', at, isSpeaking });
    this.#decided(decision, now);
  }

  #decided(decision: Decision, now: number): void {
    if (decision === 'hold') {
      this.#meter?.cleared(now);
      this.#playout.hold(now);
      this.#tell({ kind: 'held', isOver: false });
    } else if (decision === 'resume') {
      this.#playout.resume();
      this.#tell({ kind: 'held', isOver: true });
    } else if (decision === 'cut') {
      this.#meter?.cleared(now);
      const cut = this.#playout.cut(now);
      if (cut) this.#tell({ kind: 'cut', ...cut });
    }
  }

  /** What the caller would interrupt now. */
  #target(): Target {
    const { head } = this.#playout;
    if (!this.#stream || !head?.isInterruptible) return 'none';
    if (head.framesOut > 0 || head.heardBytes > 0) return 'begun';
    return head.hasFrame ? 'waiting' : 'none';
  }

  /** More sound for an utterance that we know and that is not complete. */
  #extend(utteranceId: string, more: (utterance: Utterance) => Uint8Array): void {
    const utterance = this.#playout.find(utteranceId);
    if (!utterance || utterance.isFinished) return;
    try {
      utterance.append(more(utterance));
    } catch (error) {
      this.#isUnplayable(utteranceId, reasonOf(error));
      return;
    }
    if (this.#playout.queuedBytes > MAX_QUEUED_BYTES)
      this.#isUnplayable(utteranceId, 'more than ten minutes of sound wait');
    else this.#goOn(this.#deps.clock.now());
  }

  #isUnplayable(utteranceId: string, why: string): void {
    this.drop([utteranceId]);
    this.#tell({ kind: 'unplayable', utteranceId, why });
  }

  #tell(fact: Fact<LineEvent>): void {
    const { clock, listen } = this.#deps;
    listen({ at: clock.now(), ...fact, callId: this.#callId } as LineEvent);
  }

  /** One timer for all that time decides. It is only ever set earlier: one that comes too soon looks again. */
  #arm(now: number): void {
    const never = Number.POSITIVE_INFINITY;
    const deadline = Math.min(this.#bargeIn.deadline ?? never, this.#playout.deadline(now) ?? never);
    if (deadline >= this.#armedFor) return;
    this.#disarm();
    this.#armedFor = deadline;
    this.#cancel = this.#deps.clock.at(deadline, () => this.#wake());
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #wake(): void {
    this.#disarm();
    const now = this.#deps.clock.now();
    this.#decided(this.#bargeIn.wake(now), now);
    this.#playout.settle(now);
    this.#goOn(now);
  }
}
