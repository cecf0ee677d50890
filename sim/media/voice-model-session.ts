// VoiceModelSession: one connection to a stand-in voice model: its ear, its voice in pieces, its faults.
import { type RawData, WebSocket } from 'ws';
import type { Cancel } from '../../src/lib/clock.ts';
import { Understanding } from './understanding.ts';
import { type Said, timed } from './voice-model-script.ts';
import type { Connected, VoiceModelServer } from './voice-model-server.ts';
import { objectIn } from './wire.ts';

export type Message = Readonly<Record<string, unknown>>;

/** What the ear of a session tells. */
export interface Attention {
  /** A voice begins; ms of sound since the session began. */
  callerBegan(at: number): void;
  /** A word was understood. */
  callerSays?(word: string): void;
  /** It was quiet for as long as asked for; `words` is '' when there were none in it. */
  callerEnded(words: string, last: number): void;
}

/** A text on its way to the client. */
export interface Speech {
  readonly said: Said;
  /** All of it, as it goes over the wire. */
  readonly sound: Uint8Array;
  readonly bytesPerMs: number;
  /** Some of the sound, with the words that begin in it. */
  readonly onPiece: (sound: Uint8Array, words: readonly string[]) => void;
  readonly onOver: () => void;
}

const STALL_MS = 5000;

export abstract class VoiceModelSession {
  readonly url: URL;
  /** What callers said, one entry per turn. */
  readonly heard: string[] = [];
  /** What the model said, cut or whole. */
  readonly said: Said[] = [];
  /** All messages sent; sound is left out of them. */
  readonly sent: Message[] = [];
  /** All messages received that carry no sound. */
  readonly received: Message[] = [];
  /** The close code, once it is over. */
  closed: number | undefined;
  protected readonly house: VoiceModelServer<VoiceModelSession>;
  readonly #socket: WebSocket;
  readonly #firstSoundMs: number;
  readonly #cancels = new Set<Cancel>();
  #ear: Understanding | undefined;
  #words: string[] = [];
  #soundMs = 0;
  #held: Message[] | undefined;

  constructor(house: VoiceModelServer<VoiceModelSession>, { socket, url, fault }: Connected) {
    this.house = house;
    this.url = url;
    this.#socket = socket;
    this.#firstSoundMs = fault.firstSoundMs ?? house.latencyMs;
    socket.on('message', (data) => this.#receive(data));
    socket.on('error', () => undefined);
    socket.once('close', (code) => this.#over(code));
    this.#plan(fault.dropAfterMs, () => this.drop());
    this.#plan(fault.errorAfterMs, () => this.fail());
    this.#plan(fault.endAfterMs, () => this.end());
    this.#plan(fault.stallAfterMs, () => this.stall(fault.stallMs));
  }

  /** The provider reports a fault of its own. */
  abstract fail(): void;
  /** The provider ends the session on purpose. */
  abstract end(): void;
  protected abstract receive(message: Message): void;
  /** The message as it is remembered when it carries sound; undefined when it carries none. */
  protected abstract withoutSound(message: Message): Message | undefined;
  /** Whether messages go as binary frames. */
  protected abstract readonly isBinary: boolean;

  /** How much sound came from the caller, ms. */
  get soundMs(): number {
    return this.#soundMs;
  }

  /** The socket breaks. */
  drop(): void {
    this.#socket.terminate();
    this.#over(1006);
  }

  /** Nothing is told for so long, ms; then all of it at once. */
  stall(ms = STALL_MS): void {
    if (this.#held) return;
    this.#held = [];
    this.later(ms, () => {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const message of held) this.#send(message);
    });
  }

  /** Begins to listen, or to listen anew with another patience. */
  protected listen(attention: Attention, endMs: number): void {
    const offset = this.#soundMs;
    this.#words = [];
    this.#ear = new Understanding(
      {
        began: (at) => attention.callerBegan(offset + at),
        word: ({ text }) => {
          this.#words.push(text);
          attention.callerSays?.(text);
        },
        ended: (last) => {
          const words = this.#words.join(' ');
          this.#words = [];
          if (words !== '') this.heard.push(words);
          attention.callerEnded(words, offset + last);
        },
      },
      { endMs },
    );
  }

  protected deafen(): void {
    this.#ear = undefined;
  }

  /** Sound of the caller. */
  protected push(mulaw: Uint8Array): void {
    this.#soundMs += mulaw.length / 8;
    this.#ear?.push(mulaw);
  }

  /** Sends a text as sound, piece by piece; the returned function stops it. */
  protected speak({ said, sound, bytesPerMs, onPiece, onOver }: Speech): Cancel {
    const { pieceMs, speed } = this.house;
    const words = timed(said.text);
    const beganAt = this.house.clock.now() + this.#firstSoundMs;
    let cancel: Cancel = () => undefined;
    const wait = (atMs: number): void => {
      cancel = this.later(atMs - this.house.clock.now(), piece);
    };
    const piece = (): void => {
      const fromMs = said.soundMs;
      said.soundMs = Math.min(fromMs + pieceMs, sound.length / bytesPerMs);
      const part = sound.subarray(fromMs * bytesPerMs, said.soundMs * bytesPerMs);
      const begun = words.filter(({ from }) => from >= fromMs && from < said.soundMs);
      said.isWhole = said.soundMs * bytesPerMs >= sound.length;
      if (part.length > 0)
        onPiece(
          part,
          begun.map(({ word }) => word),
        );
      if (said.isWhole) onOver();
      else wait(beganAt + said.soundMs / speed);
    };
    this.said.push(said);
    wait(beganAt);
    return () => cancel();
  }

  protected tell(message: Message): void {
    if (this.closed !== undefined) return;
    this.sent.push(this.withoutSound(message) ?? message);
    if (this.#held) this.#held.push(message);
    else this.#send(message);
  }

  protected hangUp(code: number, why: string): void {
    this.#socket.close(code, why);
  }

  protected later(ms: number, run: () => void): Cancel {
    const { clock } = this.house;
    const stop = clock.at(clock.now() + ms, () => {
      this.#cancels.delete(stop);
      run();
    });
    this.#cancels.add(stop);
    return () => {
      this.#cancels.delete(stop);
      stop();
    };
  }

  #plan(afterMs: number | undefined, run: () => void): void {
    if (afterMs !== undefined) this.later(afterMs, run);
  }

  #receive(data: RawData): void {
    this.house.activity.touch();
    const message = objectIn(String(data)) ?? {};
    const rest = this.withoutSound(message);
    if (!rest) this.received.push(message);
    this.receive(message);
  }

  #send(message: Message): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const transit = this.house.activity.begin('a message of the voice model');
    const text = JSON.stringify(message);
    this.#socket.send(this.isBinary ? Buffer.from(text) : text, () => transit.settled());
  }

  #over(code: number): void {
    this.closed ??= code;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    this.house.activity.touch();
  }
}
