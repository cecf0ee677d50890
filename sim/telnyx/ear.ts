// Ear: transcribes what the person says, once it runs, and tells the plugin when the words are final.
import type { Cancel } from '../../src/lib/clock.ts';
import type { Utterance } from '../twilio/attendance.ts';
import type { TwinCall, World } from './call.ts';

export interface Hearing {
  readonly engine: string;
  readonly language: string | undefined;
  readonly interim: boolean;
}

/** What an engine reports for speech whose script does not say. */
const CONFIDENCE = 0.95;

export class Ear {
  readonly #world: World;
  readonly #call: TwinCall;
  #hearing: Hearing | undefined;
  /** Said since the last final words, in order. */
  #words: Utterance[] = [];
  /** Speech that began before the ear did is lost. */
  #following: Utterance | undefined;
  #timer: Cancel | undefined;

  constructor(world: World, call: TwinCall) {
    this.#world = world;
    this.#call = call;
    call.ended.addEventListener('abort', () => this.close(), { once: true });
  }

  get isOpen(): boolean {
    return this.#hearing !== undefined;
  }

  open(hearing: Hearing): void {
    this.#hearing = hearing;
  }

  close(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#hearing = undefined;
    this.#following = undefined;
    this.#words = [];
  }

  speechBegan(speech: Utterance): void {
    this.#timer?.();
    this.#timer = undefined;
    if (this.#hearing) this.#following = speech;
  }

  speechEnded(speech: Utterance): void {
    if (!this.#hearing || this.#following !== speech) return;
    this.#following = undefined;
    this.#words.push(speech);
    if (this.#hearing.interim) this.#tell(false);
    const { clock, settings } = this.#world;
    this.#timer = clock.at(clock.now() + settings.speechEndMs, () => this.#final());
  }

  #final(): void {
    this.#timer = undefined;
    for (const { said } of this.#words) said.caught = true;
    this.#tell(true);
    this.#words = [];
  }

  #tell(isFinal: boolean): void {
    const transcript = this.#words.map(({ text }) => text).join(' ');
    const confidence = this.#words.at(-1)?.confidence ?? CONFIDENCE;
    const data = { transcript, confidence, is_final: isFinal, transcription_track: 'inbound' };
    this.#call.report('call.transcription', { transcription_data: data });
  }
}
