// DeepgramSession: one connection to the stand-in transcriber: sound in, results out, in Deepgram's messages.
import { randomUUID } from 'node:crypto';
import { type RawData, WebSocket } from 'ws';
import type { Cancel } from '../../src/lib/clock.ts';
import type { Deepgram, TranscriberFault } from './deepgram.ts';
import { Understanding, type Understood } from './understanding.ts';
import { objectIn } from './wire.ts';

/** Without sound or a KeepAlive for so long Deepgram closes, ms. */
const IDLE_MS = 10_000;
/** Of an utterance, so much at once becomes final, ms. */
const LONGEST_INTERIM_MS = 5000;
/** A noise shorter than this is no utterance of a script. */
const SHORTEST_MS = 300;
const CONFIDENCE = 0.98;

export class DeepgramSession {
  readonly query: URLSearchParams;
  /** What was told as final, one entry per utterance. */
  readonly finals: string[] = [];
  /** All messages sent. */
  readonly sent: Readonly<Record<string, unknown>>[] = [];
  /** The close code, once it is over. */
  closed: number | undefined;
  readonly #house: Deepgram;
  readonly #socket: WebSocket;
  readonly #fault: TranscriberFault;
  readonly #id = randomUUID();
  readonly #understanding: Understanding;
  readonly #cancels = new Set<Cancel>();
  #words: Understood[] = [];
  /** Final words of the running utterance that are told already. */
  #told: string[] = [];
  #begunAt = 0;
  #interimAt = 0;
  #interim = '';
  #isBroken = false;
  #idle: Cancel | undefined;

  constructor(
    house: Deepgram,
    about: { readonly socket: WebSocket; readonly query: URLSearchParams; readonly fault: TranscriberFault },
  ) {
    this.#house = house;
    this.#socket = about.socket;
    this.query = about.query;
    this.#fault = about.fault;
    const endMs = Number(about.query.get('endpointing') ?? 10);
    this.#understanding = new Understanding(
      {
        began: (at) => this.#began(at),
        word: (word) => this.#words.push(word),
        ended: (last) => this.#ended(last),
      },
      { endMs },
    );
    about.socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    about.socket.on('error', () => undefined);
    about.socket.once('close', (code) => this.#over(code));
    this.#awaitSound();
  }

  /** How much sound came, ms. */
  get soundMs(): number {
    return this.#understanding.ms;
  }

  /** The socket breaks. */
  destroy(): void {
    this.#socket.terminate();
    this.#over(1006);
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#house.activity.touch();
    this.#awaitSound();
    if (!isBinary) {
      this.#control(objectIn(String(data))?.['type']);
      return;
    }
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
    this.#understanding.push(bytes);
    this.#goWrong();
    this.#tellInterim();
  }

  #control(type: unknown): void {
    if (type === 'Finalize') this.#tellFinal({ fromFinalize: true, isOver: true });
    if (type !== 'CloseStream') return;
    this.#tellFinal({ fromFinalize: false, isOver: true });
    const duration = this.soundMs / 1000;
    this.#tell({ type: 'Metadata', request_id: this.#id, created: '', duration, channels: 1 });
    this.#later(() => this.#socket.close(1000));
  }

  #goWrong(): void {
    const { dropAfterMs, stallAfterMs, errorAfterMs } = this.#fault;
    const has = (afterMs: number | undefined): boolean => afterMs !== undefined && this.soundMs >= afterMs;
    if (this.#isBroken) return;
    if (has(errorAfterMs)) {
      this.#tell({
        type: 'Error',
        description: 'the stand-in was told to fail',
        message: 'failed',
        variant: 'X',
      });
      this.#isBroken = true;
    }
    if (has(dropAfterMs)) this.#socket.close(1011, 'the stand-in was told to drop');
    if (has(dropAfterMs) || has(stallAfterMs)) this.#isBroken = true;
  }

  #began(at: number): void {
    this.#begunAt = at;
    this.#interimAt = at;
    if (this.query.get('vad_events') === 'true') {
      this.#tell({ type: 'SpeechStarted', channel: [0], timestamp: at / 1000 });
    }
  }

  #ended(last: number): void {
    const isOurs = this.#words.length > 0 || this.#told.length > 0;
    if (!isOurs && last - this.#begunAt >= SHORTEST_MS) {
      const text = this.#house.script.shift();
      if (text !== undefined) this.#words.push({ text, from: this.#begunAt, to: last });
    }
    this.#tellFinal({ fromFinalize: false, isOver: true });
  }

  #tellInterim(): void {
    if (!this.#understanding.isOn || this.soundMs - this.#interimAt < this.#house.interimMs) return;
    this.#interimAt = this.soundMs;
    const [first] = this.#words;
    if (first && this.soundMs - first.from >= LONGEST_INTERIM_MS) {
      this.#tellFinal({ fromFinalize: false, isOver: false });
      return;
    }
    const text = this.#text();
    const isNew = text !== '' && text !== this.#interim;
    if (!isNew || this.query.get('interim_results') !== 'true') return;
    this.#interim = text;
    this.#tell(this.#result({ isFinal: false, isOver: false, fromFinalize: false }));
  }

  #tellFinal({ isOver, fromFinalize }: { readonly isOver: boolean; readonly fromFinalize: boolean }): void {
    const text = this.#text();
    this.#tell(this.#result({ isFinal: true, isOver, fromFinalize }));
    if (text !== '') this.#told.push(text);
    this.#words = [];
    this.#interim = '';
    if (!isOver) return;
    if (this.#told.length > 0) this.finals.push(this.#told.join(' '));
    this.#told = [];
  }

  #text(): string {
    return this.#house.mishears(this.#words.map(({ text }) => text).join(' '));
  }

  #result(about: {
    readonly isFinal: boolean;
    readonly isOver: boolean;
    readonly fromFinalize: boolean;
  }): Readonly<Record<string, unknown>> {
    const start = (this.#words[0]?.from ?? this.soundMs) / 1000;
    const words = this.#words.map(({ text, from, to }) => ({
      word: text.toLowerCase().replaceAll(/[.,?!]/g, ''),
      start: from / 1000,
      end: to / 1000,
      confidence: CONFIDENCE,
      punctuated_word: text,
    }));
    return {
      type: 'Results',
      channel_index: [0, 1],
      duration: this.soundMs / 1000 - start,
      start,
      is_final: about.isFinal,
      speech_final: about.isOver,
      from_finalize: about.fromFinalize,
      channel: { alternatives: [{ transcript: this.#text(), confidence: CONFIDENCE, words }] },
      metadata: { request_id: this.#id, model_info: { name: this.query.get('model') ?? '' } },
    };
  }

  #tell(message: Readonly<Record<string, unknown>>): void {
    if (this.#isBroken) return;
    this.sent.push(message);
    this.#later(() => this.#send(message));
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const transit = this.#house.activity.begin('a transcript');
    this.#socket.send(JSON.stringify(message), () => transit.settled());
  }

  #later(run: () => void): void {
    const { clock, latencyMs } = this.#house;
    const cancel = clock.at(clock.now() + latencyMs, () => {
      this.#cancels.delete(cancel);
      run();
    });
    this.#cancels.add(cancel);
  }

  #awaitSound(): void {
    this.#idle?.();
    const { clock } = this.#house;
    this.#idle = clock.at(clock.now() + IDLE_MS, () => this.#socket.close(1011, 'NET-0001'));
  }

  #over(code: number): void {
    this.closed ??= code;
    this.#idle?.();
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    this.#house.activity.touch();
  }
}
