// MediaStage: an engine with one call whose carrier plays, returns marks and has a caller, all on a hand-moved clock.
import type { MediaCodec, MediaMessage, MediaWriter } from '../src/media/codec.ts';
import { Engine } from '../src/media/engine.ts';
import { FRAME_BYTES, FRAME_MS } from '../src/media/frame.ts';
import type { LineEvent, Sensitivity, Sound } from '../src/media/lines.ts';
import type { VoiceActivity, VoiceChange } from '../src/media/voice.ts';
import { HandClock } from './hand-clock.ts';

/** How a carrier's media stream behaves; the three styles of the real ones are below. */
export interface Manners {
  readonly mayReorder: boolean;
  readonly clearReturnsMarks: boolean;
  readonly returnsMarks: boolean;
  /** One way, ms. */
  readonly delayMs: number;
}
export const LIKE_TWILIO: Manners = {
  mayReorder: false,
  clearReturnsMarks: true,
  returnsMarks: true,
  delayMs: 40,
};
export const LIKE_TELNYX: Manners = { ...LIKE_TWILIO, mayReorder: true };
export const LIKE_PLIVO: Manners = { ...LIKE_TWILIO, clearReturnsMarks: false };

const writer: MediaWriter = {
  audio: (mulaw) => `a${Buffer.from(mulaw).toString('latin1')}`,
  mark: (name) => `m${name}`,
  clear: () => 'c',
};

export function codecOf({ mayReorder }: Manners): MediaCodec {
  return { carrier: 'any', mayReorder, read: () => null, writer: () => writer };
}

/** Sound whose frames tell which utterance they are of, and which frame of it: 20 ms each. */
export function soundOf(utterance: number, ms: number, fromFrame = 0): Sound {
  const bytes = new Uint8Array((ms / FRAME_MS) * FRAME_BYTES);
  for (let frame = 0; frame * FRAME_BYTES < bytes.length; frame++) {
    const index = fromFrame + frame;
    bytes.set([utterance, index >> 8, index & 255], frame * FRAME_BYTES);
  }
  return { encoding: 'mulaw', sampleRate: 8_000, bytes };
}

/** A frame the caller heard, or would have. `at`: when it began to sound, ms since the epoch. */
export interface Heard {
  readonly utterance: number;
  readonly frame: number;
  readonly at: number;
}

/** A frame of the caller: this byte first when they speak. */
const VOICE = 1;

/** A detector as sure and as slow as a real one: 60 ms for a beginning, 240 ms for an end. */
class FrameVoice implements VoiceActivity {
  isSpeaking = false;
  isOurVoiceOn = false;
  readonly #seen: (isOurVoiceOn: boolean) => void;
  #others = 0;

  constructor(seen: (isOurVoiceOn: boolean) => void) {
    this.#seen = seen;
  }

  push(mulaw: Uint8Array, at: number): VoiceChange | null {
    const isVoice = mulaw[0] === VOICE;
    this.#seen(this.isOurVoiceOn);
    this.#others = isVoice === this.isSpeaking ? 0 : this.#others + 1;
    if (this.#others < (this.isSpeaking ? 12 : 3)) return null;
    const change = { isSpeaking: isVoice, at: at - this.#others * FRAME_MS };
    this.isSpeaking = isVoice;
    this.#others = 0;
    return change;
  }
}

/** The carrier's end of one media stream: plays what arrives, at the pace of sound. */
export class CarrierStream {
  readonly socket: {
    send(frames: readonly string[]): void;
    bufferedBytes: number;
    close(code: number, reason: string): void;
  };
  /** Everything that was sent on this stream, in order, with its moment. */
  readonly sent: { readonly text: string; readonly at: number }[] = [];
  closed: number | null = null;
  returnsMarks: boolean;
  #sounds: Heard[] = [];
  #marks: { readonly name: string; readonly at: number }[] = [];
  #endsAt = Number.NEGATIVE_INFINITY;
  #cancelMark: () => void = () => undefined;
  readonly #clock: HandClock;
  readonly #manners: Manners;
  readonly #say: (message: MediaMessage) => void;

  constructor(clock: HandClock, manners: Manners, say: (message: MediaMessage) => void) {
    this.#clock = clock;
    this.#manners = manners;
    this.#say = say;
    this.returnsMarks = manners.returnsMarks;
    this.socket = {
      bufferedBytes: 0,
      send: (frames) => {
        for (const text of frames) {
          this.sent.push({ text, at: clock.now() });
          clock.at(clock.now() + manners.delayMs, () => this.#arrives(text));
        }
      },
      close: (code) => {
        this.closed = code;
      },
    };
  }

  /** What the caller has heard so far. */
  get heard(): readonly Heard[] {
    return this.#sounds.filter(({ at }) => at < this.#clock.now());
  }

  /** Frames sent, without marks and clears. */
  get frames(): readonly { readonly text: string; readonly at: number }[] {
    return this.sent.filter(({ text }) => text.startsWith('a'));
  }

  get clears(): number {
    return this.sent.filter(({ text }) => text === 'c').length;
  }

  /** The line breaks: what was not heard never will be. */
  breaks(): void {
    this.#sounds = this.#sounds.filter(({ at }) => at < this.#clock.now());
    this.#marks = [];
    this.closed = 1006;
  }

  #arrives(text: string): void {
    if (this.closed === 1006) return;
    const now = this.#clock.now();
    if (text === 'c') this.#clear(now);
    else if (text.startsWith('m')) this.#marks.push({ name: text.slice(1), at: Math.max(now, this.#endsAt) });
    else this.#play(text, now);
    this.#returnMarks();
  }

  #play(text: string, now: number): void {
    const at = Math.max(now, this.#endsAt);
    this.#endsAt = at + FRAME_MS;
    const frame = text.charCodeAt(2) * 256 + text.charCodeAt(3);
    this.#sounds.push({ utterance: text.charCodeAt(1), frame, at });
  }

  #clear(now: number): void {
    this.#sounds = this.#sounds.filter(({ at }) => at < now);
    this.#endsAt = now;
    const marks = this.#marks;
    this.#marks = [];
    if (this.#manners.clearReturnsMarks) for (const { name } of marks) this.#return(name);
  }

  #returnMarks(): void {
    this.#cancelMark();
    const first = this.#marks[0];
    if (!first) return;
    this.#cancelMark = this.#clock.at(first.at, () => {
      if (this.#marks[0] !== first) return;
      this.#marks.shift();
      this.#return(first.name);
      this.#returnMarks();
    });
  }

  #return(name: string): void {
    if (!this.returnsMarks) return;
    this.#clock.at(this.#clock.now() + this.#manners.delayMs, () => {
      if (this.closed === null) this.#say({ kind: 'mark', name });
    });
  }
}

export class MediaStage {
  readonly callId = 'call-1';
  readonly clock = new HandClock();
  readonly events: LineEvent[] = [];
  readonly engine: Engine;
  readonly streams: CarrierStream[] = [];
  isCallerSpeaking = false;
  readonly #manners: Manners;
  #chunk = 0;
  #isCallerOn = false;

  /** `seen` is told with each frame of the caller whether the detector believes that our voice is on. */
  constructor(
    manners: Manners = LIKE_TWILIO,
    sensitivity: Sensitivity = 'medium',
    seen: (isOurVoiceOn: boolean) => void = () => undefined,
  ) {
    this.#manners = manners;
    this.engine = new Engine({
      clock: this.clock,
      listen: (event) => this.events.push(event),
      codecs: new Map([['any', codecOf(manners)]]),
      activityFor: () => new FrameVoice(seen),
      soundReader: () => ({
        push: ({ encoding, bytes }) => {
          if (encoding === 'mp3') throw new Error('not an mp3 file');
          return bytes;
        },
        end: () => new Uint8Array(0),
      }),
      keyTones: (digits) => soundOf(99, digits.length * 100).bytes,
    });
    this.engine.open({ callId: this.callId, carrier: 'any', sensitivity });
  }

  /** The carrier connects, for the first time or again. */
  connect(n = this.streams.length + 1): CarrierStream {
    const stream = new CarrierStream(this.clock, this.#manners, (message) =>
      this.engine.message(this.callId, n, message),
    );
    this.streams.push(stream);
    this.#chunk = 0;
    this.engine.attach(this.callId, n, { writer, socket: stream.socket });
    return stream;
  }

  /** The caller's side of the line begins: a frame every 20 ms from now on. */
  callerOn(): void {
    if (this.#isCallerOn) return;
    this.#isCallerOn = true;
    const tick = (at: number): void => {
      this.#callerFrame();
      this.clock.at(at + FRAME_MS, () => tick(at + FRAME_MS));
    };
    this.clock.at(this.clock.now() + FRAME_MS, () => tick(this.clock.now()));
  }

  say(id: number, ms: number, interruptible = true): void {
    this.begin(id, interruptible);
    this.engine.sound(this.callId, `u${id}`, soundOf(id, ms));
    this.engine.finish(this.callId, `u${id}`);
  }

  begin(id: number, interruptible = true): void {
    this.engine.say(this.callId, { id: `u${id}`, interruptible });
  }

  drop(...ids: number[]): void {
    this.engine.drop(
      this.callId,
      ids.map((id) => `u${id}`),
    );
  }

  understood(text: string): void {
    this.engine.understood(this.callId, text);
  }

  /** The caller speaks for `ms`. */
  async callerSpeaks(ms: number): Promise<void> {
    this.callerOn();
    this.isCallerSpeaking = true;
    await this.clock.advance(ms);
    this.isCallerSpeaking = false;
  }

  breaks(): void {
    const n = this.streams.length;
    this.stream.breaks();
    this.engine.detached(this.callId, n, 'it broke');
  }

  get stream(): CarrierStream {
    return this.streams.at(-1)!;
  }

  /** What the caller heard on all streams, as `[utterance, frame]`. */
  get heard(): readonly Heard[] {
    return this.streams.flatMap(({ heard }) => heard);
  }

  /** The kinds of what was reported, without the caller's audio. */
  get story(): readonly string[] {
    return this.events
      .filter(({ kind }) => kind !== 'audio')
      .map((event) => {
        const id = 'utteranceId' in event ? ` ${event.utteranceId}` : '';
        const flag = 'isOver' in event && event.kind === 'held' ? ` ${event.isOver ? 'over' : 'on'}` : '';
        const voice = event.kind === 'voice' ? ` ${event.isSpeaking ? 'on' : 'off'}` : '';
        return `${event.kind}${id}${flag}${voice}`;
      });
  }

  event<K extends LineEvent['kind']>(kind: K, id?: number): Extract<LineEvent, { kind: K }> | undefined {
    return this.events.find(
      (event): event is Extract<LineEvent, { kind: K }> =>
        event.kind === kind &&
        (id === undefined || ('utteranceId' in event && event.utteranceId === `u${id}`)),
    );
  }

  #callerFrame(): void {
    const n = this.streams.length;
    if (n === 0 || this.stream.closed !== null) return;
    const mulaw = new Uint8Array(FRAME_BYTES).fill(0xff);
    if (this.isCallerSpeaking) mulaw[0] = VOICE;
    this.#chunk += 1;
    this.engine.message(this.callId, n, { kind: 'audio', chunk: this.#chunk, mulaw });
  }
}
