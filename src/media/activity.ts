// Activity: from the probability of speech, frame by frame, to when the caller began and stopped speaking.
import { FRAME_BYTES, FRAME_MS, SILENCE } from './frame.ts';
import { levelOf, NoiseFloor } from './level.ts';
import type { Sensitivity } from './lines.ts';
import type { VoiceActivity, VoiceChange } from './voice.ts';

/** Tells how much the sound so far is like speech. Follows one caller; makes no objects per frame. */
export interface SpeechModel {
  /** Takes the next 20 ms, 160 bytes of mu-law; the probability, 0 to 1, for the latest of it that was looked at. */
  push(mulaw: Uint8Array): number;
  /** How much later than the sound the probability rises and falls: what is taken off to tell when it was. */
  readonly delayMs: { readonly begin: number; readonly end: number };
}

interface Tuning {
  /** From here on it may be speech. */
  readonly threshold: number;
  /** For so long, ms. */
  readonly onsetMs: number;
}

const TUNING: Readonly<Record<Sensitivity, Tuning>> = {
  low: { threshold: 0.65, onsetMs: 100 },
  medium: { threshold: 0.5, onsetMs: 60 },
  high: { threshold: 0.4, onsetMs: 40 },
};
/** While we are heard an echo of us may come back: so much more is asked for ... */
const OUR_VOICE: Tuning = { threshold: 0.2, onsetMs: 40 };
/** ... and at least this loudness, dB below full scale. An echo is softer; a caller who is, is found by their words. */
const OUR_VOICE_DB = -42;
/** How fast a loudness is forgotten: between two syllables it is quiet. */
const FADE_DB = 3;
/** Speech that goes on may be so much less certain than speech that begins. */
const HYSTERESIS = 0.15;
/** With the delay of the detector, a pause of some 250 ms ends it. Pauses between words are shorter. */
const END_MS = 180;
/** A frame of no speech inside the onset does not start it anew: consonants have gaps. */
const ONSET_GAP_MS = 20;

export interface ActivityInit {
  readonly sensitivity: Sensitivity;
  readonly model: SpeechModel;
}

export function voiceActivity(init: ActivityInit): VoiceActivity {
  return new Activity(init);
}

class Activity implements VoiceActivity {
  isOurVoiceOn = false;
  readonly #tuning: Tuning;
  readonly #model: SpeechModel;
  readonly #gate: Gate;
  #isSpeaking = false;
  #changedAt = Number.NEGATIVE_INFINITY;
  /** Since when it has been the other way round; null while it is as it was. */
  #since: number | null = null;
  #forMs = 0;
  #gapMs = 0;
  #loudness = Number.NEGATIVE_INFINITY;

  constructor({ sensitivity, model }: ActivityInit) {
    this.#tuning = TUNING[sensitivity];
    this.#model = model;
    this.#gate = new Gate(model);
  }

  get isSpeaking(): boolean {
    return this.#isSpeaking;
  }

  push(mulaw: Uint8Array, at: number): VoiceChange | null {
    const db = levelOf(mulaw);
    this.#loudness = Math.max(db, this.#loudness - FADE_DB);
    const probability = this.#gate.push(mulaw, db, this.#isSpeaking || this.#since !== null);
    return this.#isSpeaking ? this.#goesOn(probability, at) : this.#begins(probability, at);
  }

  #begins(probability: number, at: number): VoiceChange | null {
    const { threshold, onsetMs } = this.#asked();
    if (probability < threshold || (this.isOurVoiceOn && this.#loudness < OUR_VOICE_DB)) {
      this.#gapMs += FRAME_MS;
      if (this.#gapMs > ONSET_GAP_MS) this.#since = null;
      return null;
    }
    this.#gapMs = 0;
    return this.#lasts(at - FRAME_MS - this.#model.delayMs.begin, onsetMs);
  }

  #goesOn(probability: number, at: number): VoiceChange | null {
    if (probability >= this.#asked().threshold - HYSTERESIS) {
      this.#since = null;
      return null;
    }
    return this.#lasts(at - FRAME_MS - this.#model.delayMs.end, END_MS);
  }

  /** One more frame that is the other way round, since `since` if it is the first. */
  #lasts(since: number, neededMs: number): VoiceChange | null {
    if (this.#since === null) this.#forMs = 0;
    this.#since ??= since;
    this.#forMs += FRAME_MS;
    if (this.#forMs < neededMs) return null;
    // The delays differ, so the end of a very short word could come to lie before its beginning.
    this.#changedAt = Math.max(this.#since, this.#changedAt);
    this.#since = null;
    this.#isSpeaking = !this.#isSpeaking;
    return { isSpeaking: this.#isSpeaking, at: this.#changedAt };
  }

  #asked(): Tuning {
    const { threshold, onsetMs } = this.#tuning;
    if (!this.isOurVoiceOn) return this.#tuning;
    return { threshold: threshold + OUR_VOICE.threshold, onsetMs: onsetMs + OUR_VOICE.onsetMs };
  }
}

/** So little above the noise there is no speech to be found. */
const GATE_DB = 3;
/** After the last louder frame the model still listens, ms. */
const GATE_OPEN_MS = 200;
/** What the model is told of the time it did not listen, so that it has heard how the word begins. */
const PREROLL_FRAMES = 8;

/** Spares the model what is nothing but the noise of the line. */
class Gate {
  readonly #model: SpeechModel;
  readonly #floor = new NoiseFloor();
  readonly #preroll = new Uint8Array(PREROLL_FRAMES * FRAME_BYTES).fill(SILENCE);
  readonly #frames: readonly Uint8Array[];
  #skipped = 0;
  #openMs = GATE_OPEN_MS;

  constructor(model: SpeechModel) {
    this.#model = model;
    this.#frames = Array.from({ length: PREROLL_FRAMES }, (_, i) =>
      this.#preroll.subarray(i * FRAME_BYTES, (i + 1) * FRAME_BYTES),
    );
  }

  push(mulaw: Uint8Array, db: number, isNeeded: boolean): number {
    const isLoud = db > this.#floor.db + GATE_DB;
    this.#floor.push(db);
    this.#openMs = isLoud || isNeeded ? GATE_OPEN_MS : this.#openMs - FRAME_MS;
    if (this.#openMs <= 0) {
      this.#frames[this.#skipped % PREROLL_FRAMES]?.set(mulaw);
      this.#skipped += 1;
      return 0;
    }
    this.#catchUp();
    return this.#model.push(mulaw);
  }

  #catchUp(): void {
    for (let i = Math.max(0, this.#skipped - PREROLL_FRAMES); i < this.#skipped; i++) {
      const frame = this.#frames[i % PREROLL_FRAMES];
      if (frame) this.#model.push(frame);
    }
    this.#skipped = 0;
  }
}
