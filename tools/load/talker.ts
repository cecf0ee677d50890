// Talker: a person on one call under load: asks, waits for what they are owed, breaks in at times, and remembers how it was.
import { clip } from '../../sim/media/clips.ts';
import type { Ear } from '../../sim/media/ear.ts';
import type { Mouth } from '../../sim/media/mouth.ts';
import type { MediaStream } from '../../sim/media/stream.ts';
import type { Reply } from '../../sim/twilio/caller.ts';
import type { Heard, Said } from '../../sim/twilio/ledger.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Random } from '../random.ts';
import { isEnd, settles } from './speech.ts';
import type { Sound, Story, Words } from './story.ts';
import type { Line } from './wire.ts';

const QUESTION = { text: 'a question', sound: clip('yes').mulaw };
const INTERRUPTION = clip('stop').mulaw;
/** Too short for words: nothing comes of it. */
const GRUNT = clip('yes').mulaw.subarray(0, 350 * 8);
/** Sounds so close are one. */
const JOINED_MS = 60;

/** A call as any of the carriers keeps it. */
interface KeptCall {
  readonly isAlive: boolean;
  readonly answeredAt: number | undefined;
  readonly end: { readonly at: number; readonly by: Story['endedBy']; readonly why: string } | undefined;
  readonly heard: readonly Heard[];
  readonly said: readonly Said[];
  readonly ear: Ear;
  readonly mouth: Mouth;
  readonly stream: MediaStream | undefined;
}

export interface Leg {
  readonly call: KeptCall;
  /** The carrier's id of it. */
  readonly id: string;
  readonly isInbound: boolean;
  /** E.164. */
  readonly person: string;
}

export class Talker {
  readonly line: Line;
  /** When we were asked to end the call. */
  endAskedAt: number | null = null;
  readonly #random: Random;
  readonly #questions: number;
  readonly #voices: { from: number; to: number; isLast: boolean }[] = [];
  readonly #interruptions: Words[] = [];
  #leg: Leg | null = null;
  #settledAt = 0;
  #interruptAt = Number.POSITIVE_INFINITY;
  #isGrunt = false;

  constructor(line: Line, random: Random) {
    this.line = line;
    this.#random = random;
    this.#questions = random.between(3, 9);
  }

  get leg(): Leg | null {
    return this.#leg;
  }

  on(leg: Leg): void {
    this.#leg = leg;
    leg.call.ear.listen({
      voiceBegan: (at) => this.#mayInterrupt(at),
      passed: (at, quietMs, mulaw) => this.#hears(at, quietMs, mulaw),
    });
  }

  /** What they do when it is quiet: nothing as long as they are owed something. */
  reply(): Reply {
    const leg = this.#leg;
    if (!leg || this.#isOwed(leg.call)) return null;
    if (leg.call.said.length >= this.#questions)
      return { hangsUp: true, afterMs: this.#random.between(200, 4_000) };
    const { text, sound } = QUESTION;
    return { says: text, sound, afterMs: this.#random.between(200, 2_500) };
  }

  /** Once it is over. */
  story(leg: Leg, end: NonNullable<KeptCall['end']>): Story {
    const { call } = leg;
    const asked = call.said.filter(({ kind, caught }) => kind === 'speech' && caught);
    const words: Words[] = asked.map(({ from, to }) => ({ from, to, isInterruption: false }));
    return {
      ...this.line,
      id: leg.id,
      person: leg.person,
      isInbound: leg.isInbound,
      answeredAt: call.answeredAt ?? null,
      endedAt: end.at,
      endedBy: end.by,
      why: end.why,
      endAskedAt: this.endAskedAt,
      sounds: [...this.#voices, ...spoken(call)].sort((a, b) => a.from - b.from),
      words: [...words, ...this.#interruptions].sort((a, b) => a.from - b.from),
    };
  }

  #isOwed({ said, heard }: KeptCall): boolean {
    const spokeAt = Math.max(said.at(-1)?.from ?? 0, this.#interruptions.at(-1)?.from ?? 0);
    const last = heard.findLast(({ text }) => text !== VOICE);
    const settledAt = last && settles(last.whole) && !last.cut ? last.to : 0;
    return Math.max(this.#settledAt, settledAt) <= spokeAt;
  }

  /** Twenty milliseconds of the line. */
  #hears(at: number, quietMs: number, mulaw: Uint8Array): void {
    if (quietMs > 0) return;
    const last = this.#voices.at(-1);
    if (last && at - last.to <= JOINED_MS && !last.isLast) last.to = at + 20;
    else if (last?.isLast && at - last.to <= JOINED_MS && isEnd(mulaw)) last.to = at + 20;
    else this.#voices.push({ from: at, to: at + 20, isLast: false });
    const sound = this.#voices.at(-1);
    if (sound && isEnd(mulaw)) {
      sound.isLast = true;
      this.#settledAt = at + 20;
    }
    if (at >= this.#interruptAt) this.#interrupt(at);
  }

  /** Some break in on what they hear, some only grunt. */
  #mayInterrupt(at: number): void {
    this.#isGrunt = this.#random.once(3);
    this.#interruptAt = this.#random.once(4)
      ? at + this.#random.between(1_500, 5_000)
      : Number.POSITIVE_INFINITY;
  }

  #interrupt(at: number): void {
    this.#interruptAt = Number.POSITIVE_INFINITY;
    const call = this.#leg?.call;
    const isTalking = (call?.said.at(-1)?.to ?? 0) > at;
    if (!call?.stream?.isOpen || isTalking) return;
    const from = systemClock.now();
    const to = call.mouth.play(this.#isGrunt ? GRUNT : INTERRUPTION, from);
    if (!this.#isGrunt) this.#interruptions.push({ from, to, isInterruption: true });
  }
}

/** What an ear calls a voice without words. */
const VOICE = '(voice)';

/** What the carrier said for us. */
function spoken({ heard }: KeptCall): readonly Sound[] {
  return heard
    .filter(({ text, kind }) => kind !== 'digits' && text !== VOICE)
    .map(({ from, to, whole, cut }) => ({ from, to, isLast: settles(whole) && !cut }));
}
