// Hearing: what the caller says on one call: the ear's words and the detector's voice become turns.
import type { Cancel } from '../lib/clock.ts';
import { Ear, type EarDeps } from './ear.ts';
import type { Transcriber } from './ports.ts';
import {
  isUnheard,
  listen,
  newTurn,
  type Turn,
  type TurnEnd,
  type TurnInput,
  type TurnSettings,
} from './turn.ts';

/** How often it is told that the caller still speaks: less than any wait for a silent caller. */
const SPEAKS_EVERY_MS = 3_000;
/** A voice as long as this is one that says something, ms. */
const VOICE_MS = 1_000;
/** A transcriber that tells nothing of it for so long, from its beginning, does not hear it. */
const DEAF_MS = 7_000;
/** A voice without a word for so long is none that speaks to us. */
const NO_WORDS_MS = 15_000;

interface HearingListener {
  readonly onTurn: (end: TurnEnd) => void;
  /** They are speaking: told when they begin, and again while it lasts. */
  readonly onSpeaks: () => void;
  /** What they seem to be saying right now. */
  readonly onWords: (text: string) => void;
  /** We cannot hear on this call any more. Told once; `why` is safe to log. */
  readonly onFailed: (why: string) => void;
}

/** `clock` is the one the line's events are timed by. */
export class Hearing {
  readonly #deps: EarDeps;
  readonly #settings: TurnSettings;
  readonly #listener: HearingListener;
  readonly #ear: Ear;
  #turn: Turn = newTurn;
  #cancelDue: Cancel = () => undefined;
  #cancelDeaf: Cancel = () => undefined;
  #voiceAt = 0;
  #deafness = 0;
  #hasUnderstood = false;
  #cancelSpeaks: Cancel = () => undefined;

  constructor(
    deps: EarDeps,
    call: Parameters<Transcriber['open']>[0] & TurnSettings,
    listener: HearingListener,
  ) {
    this.#deps = deps;
    this.#settings = call;
    this.#listener = listener;
    const { callId, agentId, language } = call;
    this.#ear = new Ear(
      deps,
      { callId, agentId, language },
      {
        onPartial: (text) => this.#words('partial', text),
        onFinal: (text) => this.#words('final', text),
        onFailed: listener.onFailed,
      },
    );
  }

  /** One of us is speaking: what is understood now may be an interruption, also of what waits to begin. */
  get isAnyVoiceOn(): boolean {
    return this.#turn.isOurVoiceOn || this.#turn.isSpeaking;
  }

  /** They wait for an answer to something that was not understood. */
  get isUnheard(): boolean {
    return isUnheard(this.#turn, this.#deps.clock.now());
  }

  /** Sound of the caller. */
  hear(mulaw: Uint8Array): void {
    this.#ear.hear(mulaw);
  }

  /** The caller began or stopped speaking. */
  voice(isSpeaking: boolean, at: number): void {
    this.#watch(isSpeaking, at);
    this.#take({ kind: 'voice', at, isSpeaking });
    this.#cancelSpeaks();
    if (isSpeaking) this.#speaks();
  }

  /** We are being heard, or not any more. */
  ourVoice(isOn: boolean, at: number): void {
    if (isOn !== this.#turn.isOurVoiceOn) this.#take({ kind: 'ourVoice', at, isOn });
  }

  /** They stopped us. */
  interrupted(at: number): void {
    this.#take({ kind: 'interrupted', at });
  }

  close(): void {
    this.#cancelDeaf();
    this.#cancelDue();
    this.#cancelSpeaks();
    this.#ear.close();
  }

  /** Somebody speaks: a transcriber that is well says so before long. */
  #watch(isSpeaking: boolean, at: number): void {
    const { clock } = this.#deps;
    if (isSpeaking) {
      this.#cancelDeaf();
      this.#voiceAt = at;
      this.#cancelDeaf = clock.at(at + DEAF_MS, () => this.#deaf());
    } else if (at - this.#voiceAt < VOICE_MS) this.#cancelDeaf();
  }

  /** Connected, and hears nothing: asked anew once. One that understood nobody on this call is given up. */
  #deaf(): void {
    this.#deafness += 1;
    const why = 'it understands nothing of a voice';
    if (this.#deafness === 1) this.#ear.reopen(why);
    else if (!this.#hasUnderstood) {
      this.close();
      this.#listener.onFailed(why);
    }
  }

  #words(kind: 'partial' | 'final', text: string): void {
    this.#cancelDeaf();
    if (text.trim() !== '') this.#hasUnderstood = true;
    if (text.trim() !== '') this.#listener.onWords(text);
    this.#take({ kind, at: this.#deps.clock.now(), text });
  }

  #speaks(): void {
    const { clock } = this.#deps;
    this.#listener.onSpeaks();
    this.#cancelSpeaks = clock.at(clock.now() + SPEAKS_EVERY_MS, () => {
      const { voiceStartAt, wordsAt } = this.#turn;
      const lastAt = Math.max(voiceStartAt ?? 0, wordsAt ?? 0);
      if (clock.now() - lastAt < NO_WORDS_MS) this.#speaks();
    });
  }

  #take(input: TurnInput): void {
    const { clock } = this.#deps;
    const { turn, end } = listen(this.#turn, input, this.#settings);
    this.#turn = turn;
    this.#cancelDue();
    const { dueAt } = turn;
    const tick = (): void => this.#take({ kind: 'tick', at: Math.max(dueAt ?? 0, clock.now()) });
    if (end) this.#listener.onTurn(end);
    // The caller waits: what is due now is not put off to the next round of the loop.
    else if (dueAt !== null && dueAt <= clock.now() && input.kind !== 'tick') tick();
    else if (dueAt !== null) this.#cancelDue = clock.at(dueAt, tick);
  }
}
