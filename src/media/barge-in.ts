// BargeIn: does the caller interrupt us? Voice stops us at once; words, or enough of it, decide. Pure, time is told.
import { meaningOf } from './backchannel.ts';
import type { Sensitivity } from './lines.ts';

/** How long a caller must speak, without a word being understood, until we take it for an interruption. */
const ENOUGH_VOICE_MS: Readonly<Record<Sensitivity, number>> = { low: 700, medium: 450, high: 200 };
/** A detector tells the end of a voice this much later, so of one that still goes on the last part is not proven. */
const DETECTOR_END_MS = 280;
/** After the voice has ended a transcriber has this long to understand something. */
const UNDERSTAND_WITHIN_MS = 400;
/** Words may come even later, when we speak again: they still are about what we stopped for. */
const LATE_WORDS_MS = 1_500;
/** No hold is longer: by then it is a noise that comes and goes. */
const LONGEST_HOLD_MS = 2_000;
/** A voice this long without one word understood is a noise: a radio, a street. */
const NOISE_AFTER_MS = 3_000;
/** A noise is over when it was quiet for so long. */
const QUIET_MS = 400;

/** What a voice would interrupt: nothing, something that was begun, or something that is just about to begin. */
export type Target = 'none' | 'begun' | 'waiting';
/** What to do now. `hold`: stop at once, and keep the place; `resume`: go on from there; `cut`: forget it all. */
export type Decision = 'hold' | 'resume' | 'cut' | null;

interface Voice {
  readonly since: number;
  hasWords: boolean;
  isNoise: boolean;
}

interface Hold {
  readonly startedAt: number;
  /** Something was heard already; else we only wait until we may begin. */
  readonly wasBegun: boolean;
  /** The voice counts from here. */
  countsFrom: number;
  /** What we stopped for has been explained: a backchannel. */
  isExcused: boolean;
}

/**
 * Why a voice alone can cut: a transcriber that is slow, or understands nothing of this caller, must not make us talk
 * on. Why it can do so once only: what goes on and on and is never understood is a noise, and a noise must not keep
 * us silent. So a noise costs one sentence at most; then we listen, and after that we speak over it until it ends.
 */
export class BargeIn {
  readonly #enoughMs: number;
  #voice: Voice | null = null;
  #hold: Hold | null = null;
  #voiceEndedAt = Number.NEGATIVE_INFINITY;
  /** When we were told of it, which is a little later. */
  #endToldAt = Number.NEGATIVE_INFINITY;
  /** A noise that comes and goes, until it stays away. */
  #isNoisy = false;
  #lateUntil = Number.NEGATIVE_INFINITY;
  /** What was understood last without a voice. */
  #soft = { at: Number.NEGATIVE_INFINITY, words: 0 };

  constructor(sensitivity: Sensitivity) {
    this.#enoughMs = ENOUGH_VOICE_MS[sensitivity];
  }

  get isHolding(): boolean {
    return this.#hold !== null;
  }

  /** May something begin that can be interrupted? Not while the caller is speaking. */
  mayBegin(now: number): boolean {
    return !this.#isSpeaking(now);
  }

  /** The caller began or stopped speaking at `at`, as we learn at `now`. */
  voice(isSpeaking: boolean, { at, now }: { at: number; now: number }, target: Target): Decision {
    return isSpeaking ? this.#begins(at, now, target) : this.#ends(at, now);
  }

  /** There is something to say, and the caller may be speaking already. Cheap: ask before anything is sent. */
  meets(target: Target, now: number): Decision {
    if (target === 'none' || this.#hold || !this.#isSpeaking(now)) return null;
    return this.#begin(now, now, target);
  }

  /** The transcriber understood `text`. */
  understood(text: string, now: number, target: Target): Decision {
    const meaning = meaningOf(text);
    if (meaning === 'nothing') return null;
    if (meaning === 'backchannel') return this.#excuse(now);
    const isAboutUs = this.#hold || (target === 'begun' && (now < this.#lateUntil || this.#isNoise(now)));
    const isSoft = !this.#voice && target === 'begun' && this.#softly(text, now);
    // Asked before, as a voice with words is no noise any more.
    if (this.#voice) this.#voice.hasWords = true;
    this.#isNoisy = false;
    if (!isAboutUs && !isSoft) return null;
    // The rest of these words is about nothing that we say next.
    this.#soft = { at: now, words: Number.POSITIVE_INFINITY };
    return this.#cut();
  }

  /** The caller typed words: nobody does that by accident. */
  typed(target: Target): Decision {
    return target === 'none' && !this.#hold ? null : this.#cut();
  }

  /**
   * Words without a voice: the caller is too soft for the detector, or the transcriber is late with words that we are
   * answering already. Who is speaking right now says more and more.
   */
  #softly(text: string, now: number): boolean {
    const words = text.trim().split(/\s+/).length;
    const isMore = now - this.#soft.at <= LATE_WORDS_MS;
    const before = isMore ? this.#soft.words : 0;
    this.#soft = { at: now, words: Math.max(before, words) };
    return words >= 2 && before > 0 && words > before;
  }

  /** What time alone decides; ask at `deadline`. */
  wake(now: number): Decision {
    const hold = this.#hold;
    if (!hold) return null;
    if (this.#voice) {
      if (this.#isNoise(now)) return this.#resume(hold, now);
      if (now >= this.#enoughAt(hold, this.#voice)) return this.#cutByVoice(this.#voice);
    } else if (now >= this.#resumeAt(hold)) return this.#resume(hold, now);
    if (now < hold.startedAt + LONGEST_HOLD_MS) return null;
    this.#isNoisy = true;
    return this.#resume(hold, now);
  }

  /** When `wake` will decide something; null when nothing is pending. A hold always has one. */
  get deadline(): number | null {
    const hold = this.#hold;
    if (!hold) return null;
    const longest = hold.startedAt + LONGEST_HOLD_MS;
    if (!this.#voice) return Math.min(longest, this.#resumeAt(hold));
    const noiseAt = this.#voice.hasWords ? longest : this.#voice.since + NOISE_AFTER_MS;
    return Math.min(longest, noiseAt, this.#enoughAt(hold, this.#voice));
  }

  /** What was held is not wanted any more. */
  release(): void {
    this.#hold = null;
  }

  #begins(at: number, now: number, target: Target): Decision {
    if (this.#voice) return null;
    if (at - this.#voiceEndedAt >= QUIET_MS) this.#isNoisy = false;
    this.#voice = { since: at, hasWords: false, isNoise: false };
    if (target === 'none' || this.#hold || this.#isNoise(now)) return null;
    return this.#begin(at, now, target);
  }

  #ends(at: number, now: number): Decision {
    const voice = this.#voice;
    if (!voice) return null;
    // There may have been words in the noise.
    if (this.#isNoise(now)) this.#lateUntil = now + LATE_WORDS_MS;
    this.#voice = null;
    this.#voiceEndedAt = at;
    this.#endToldAt = now;
    const hold = this.#hold;
    if (!hold) return null;
    const spokeMs = at - Math.max(voice.since, hold.countsFrom);
    return spokeMs >= this.#enoughMs ? this.#cut() : this.wake(now);
  }

  #begin(countsFrom: number, now: number, target: Target): Decision {
    this.#hold = { startedAt: now, wasBegun: target === 'begun', countsFrom, isExcused: false };
    return 'hold';
  }

  /** The voice so far was a "yes, go on"; what follows it counts anew, once. */
  #excuse(now: number): Decision {
    const hold = this.#hold;
    if (!hold) return null;
    if (!hold.isExcused) hold.countsFrom = now;
    hold.isExcused = true;
    return this.wake(now);
  }

  #resume(hold: Hold, now: number): Decision {
    this.#hold = null;
    if (hold.wasBegun) this.#lateUntil = now + LATE_WORDS_MS;
    return 'resume';
  }

  #cut(): Decision {
    this.#hold = null;
    this.#lateUntil = Number.NEGATIVE_INFINITY;
    return 'cut';
  }

  #cutByVoice(voice: Voice): Decision {
    voice.isNoise = true;
    return this.#cut();
  }

  #enoughAt(hold: Hold, voice: Voice): number {
    return Math.max(voice.since, hold.countsFrom) + this.#enoughMs + DETECTOR_END_MS;
  }

  /** Where nothing was interrupted there is nothing to explain: we begin as soon as the caller is silent. */
  #resumeAt(hold: Hold): number {
    return hold.wasBegun && !hold.isExcused ? this.#endToldAt + UNDERSTAND_WITHIN_MS : this.#endToldAt;
  }

  #isSpeaking(now: number): boolean {
    return this.#voice !== null && !this.#isNoise(now);
  }

  /** A voice that is on, but does not count. */
  #isNoise(now: number): boolean {
    const voice = this.#voice;
    if (!voice) return false;
    if (this.#isNoisy) return true;
    return !voice.hasWords && (voice.isNoise || now - voice.since >= NOISE_AFTER_MS);
  }
}
