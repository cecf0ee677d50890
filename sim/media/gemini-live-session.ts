// GeminiLiveSession: one connection to the stand-in for Gemini's live voice API.
//
// The messages are those of ai.google.dev/api/live (BidiGenerateContent), as far as the host's provider sends and reads
// them. The service itself sends JSON in binary frames, and refuses a key with a close after the handshake.
import type { Cancel } from '../../src/lib/clock.ts';
import type { GeminiLive } from './gemini-live.ts';
import { GeminiSetup, textsIn } from './gemini-live-setup.ts';
import { codeOf, silence } from './mulaw.ts';
import type { Prompt, Reply, Said } from './voice-model-script.ts';
import type { Connected } from './voice-model-server.ts';
import { type Message, VoiceModelSession } from './voice-model-session.ts';
import { pcmOf, samplesOf } from './wav.ts';
import { base64, bytesIn, fieldsOf } from './wire.ts';
import { wordSamples } from './word-code.ts';

/** From the notice to the end of a session, ms. */
const NOTICE_MS = 1000;
const RATE_HZ = 24_000;

/** A result the client gave for a call. */
export interface ToolResponse {
  readonly id: string;
  readonly name: string;
  readonly response: unknown;
  /** The real one follows. */
  readonly isPreliminary: boolean;
  /** False: nobody waited for it (any more). */
  readonly isExpected: boolean;
}

/** One turn of the model that goes on until all of it could have been heard. */
interface Turn {
  said: Said | undefined;
  stop: Cancel;
  firstSoundAt: number | undefined;
}

export class GeminiLiveSession extends VoiceModelSession {
  readonly toolResponses: ToolResponse[] = [];
  /** The handle this session was taken up again with. */
  resumedFrom: string | undefined;
  protected override readonly isBinary = true;
  readonly #gemini: GeminiLive;
  /** Calls without a result: whether the model goes on without it. */
  readonly #pending = new Map<string, { readonly name: string; readonly isAsync: boolean }>();
  #setup = new GeminiSetup({});
  #isSetUp = false;
  #turn: Turn | undefined;
  readonly #next: Prompt[] = [];

  constructor(house: GeminiLive, about: Connected) {
    super(house, about);
    this.#gemini = house;
  }

  /** The client's first message. */
  get setup(): Message {
    return this.#setup.all;
  }

  get instructions(): string {
    return this.#setup.instructions;
  }

  get tools(): readonly string[] {
    return this.#setup.tools;
  }

  override fail(): void {
    this.hangUp(1011, 'Internal error encountered.');
  }

  override end(): void {
    this.tell({ goAway: { timeLeft: `${NOTICE_MS / 1000}s` } });
    this.later(NOTICE_MS, () => this.hangUp(1001, 'The session is over.'));
  }

  protected override withoutSound(message: Message): Message | undefined {
    const turn = fieldsOf(fieldsOf(message['serverContent'])?.['modelTurn']);
    if (turn) return { serverContent: { modelTurn: { parts: [] } } };
    return fieldsOf(message['realtimeInput'])?.['audio'] === undefined ? undefined : { realtimeInput: {} };
  }

  protected override receive(message: Message): void {
    const { setup, realtimeInput, clientContent, toolResponse } = message;
    if (!this.#isSetUp) {
      this.#setUp(fieldsOf(setup));
      return;
    }
    const input = fieldsOf(realtimeInput);
    if (input) this.#input(input);
    const content = fieldsOf(clientContent);
    if (content) this.#content(content);
    const responses = fieldsOf(toolResponse)?.['functionResponses'];
    if (Array.isArray(responses)) for (const one of responses) this.#responded(fieldsOf(one) ?? {});
  }

  #setUp(setup: Message | undefined): void {
    if (this.url.searchParams.get('key') !== this.house.apiKey) {
      this.hangUp(1007, 'API key not valid. Please pass a valid API key.');
      return;
    }
    if (!String(setup?.['model']).startsWith('models/')) {
      this.hangUp(1007, 'setup must be the first message and name a model');
      return;
    }
    this.#setup = new GeminiSetup(setup ?? {});
    const { handle } = this.#setup;
    if (handle !== undefined && !this.#resume(handle)) return;
    this.#isSetUp = true;
    this.#listen();
    this.tell({ setupComplete: {} });
    this.#tellHandle();
  }

  #resume(handle: string): boolean {
    const remembered = this.#gemini.remembered.get(handle);
    if (remembered) {
      this.heard.push(...remembered.heard);
      this.said.push(...remembered.said);
      this.resumedFrom = handle;
    } else this.hangUp(1008, 'BidiGenerateContent session not found');
    return remembered !== undefined;
  }

  #tellHandle(): void {
    if (!this.#setup.isResumable) return;
    const newHandle = this.house.newId('handle');
    this.#gemini.remembered.set(newHandle, { heard: [...this.heard], said: [...this.said] });
    this.tell({ sessionResumptionUpdate: { newHandle, resumable: true } });
  }

  #listen(): void {
    if (!this.#setup.listens) return;
    this.listen(
      {
        callerBegan: () => this.#callerBegan(),
        callerSays: (word) => this.#callerSays(word),
        callerEnded: (words) => this.#callerEnded(words),
      },
      this.#setup.silenceMs,
    );
  }

  #input({ audio, audioStreamEnd, text }: Message): void {
    const { data, mimeType } = fieldsOf(audio) ?? {};
    const pcm = bytesIn(data);
    if (pcm && /^audio\/pcm(;rate=16000)?$/.test(String(mimeType))) this.push(half(pcm));
    else if (audio !== undefined) this.hangUp(1007, 'Unsupported audio.');
    // The client sends no more of the silence: as if it had gone on.
    if (audioStreamEnd === true) this.push(silence(this.#setup.silenceMs));
    if (typeof text === 'string') this.#told(text);
  }

  #content({ turns, turnComplete }: Message): void {
    const texts = Array.isArray(turns) ? turns.flatMap(textsIn) : [];
    if (turnComplete !== false) this.#told(texts.join(' '));
  }

  /** What the client writes interrupts the model. */
  #told(words: string): void {
    this.#interrupt();
    this.#respond({ from: 'client', words });
  }

  #callerBegan(): void {
    if (!this.#setup.isInterruptible) return;
    this.#interrupt();
    const ids = [...this.#pending].filter(([, { isAsync }]) => !isAsync).map(([id]) => id);
    for (const id of ids) this.#pending.delete(id);
    if (ids.length > 0) this.tell({ toolCallCancellation: { ids } });
  }

  #callerSays(word: string): void {
    if (!this.#setup.hearsWholeTurns) this.#transcribe('input', { text: ` ${word}` });
  }

  #callerEnded(words: string): void {
    if (this.#setup.hearsWholeTurns && words !== '') this.#transcribe('input', { text: words });
    if (!this.#setup.hearsWholeTurns) this.#transcribe('input', { finished: true });
    this.#answer({ from: 'caller', words });
  }

  #transcribe(way: 'input' | 'output', transcription: Message): void {
    if (!this.#setup.transcribes(way)) return;
    this.tell({ serverContent: { [`${way}Transcription`]: transcription } });
  }

  #interrupt(): void {
    const turn = this.#turn;
    if (!turn) return;
    turn.stop();
    this.#turn = undefined;
    const { said, firstSoundAt } = turn;
    if (said && firstSoundAt !== undefined) {
      said.heardMs = Math.min(said.soundMs, this.house.clock.now() - firstSoundAt);
    }
    this.tell({ serverContent: { interrupted: true } });
    this.#turnOver();
  }

  #turnOver(): void {
    this.tell({ serverContent: { turnComplete: true } });
    this.#tellHandle();
  }

  /** Now, or when the model is silent. */
  #answer(prompt: Prompt): void {
    if (this.#turn) this.#next.push(prompt);
    else this.#respond(prompt);
  }

  #respond(prompt: Prompt): void {
    const reply = this.house.script(prompt) ?? {};
    const turn: Turn = { said: undefined, stop: () => undefined, firstSoundAt: undefined };
    this.#turn = turn;
    if (reply.say === undefined) {
      turn.stop = this.later(this.house.latencyMs, () => this.#generated(turn, reply));
      return;
    }
    const said: Said = {
      id: this.house.newId('turn'),
      text: reply.say,
      soundMs: 0,
      heardMs: null,
      isWhole: false,
    };
    turn.said = said;
    turn.stop = this.speak({
      said,
      sound: pcmOf(wordSamples(reply.say, RATE_HZ)),
      bytesPerMs: (RATE_HZ / 1000) * 2,
      onPiece: (sound, words) => this.#piece(turn, sound, words),
      onOver: () => this.#generated(turn, reply),
    });
  }

  #piece(turn: Turn, sound: Uint8Array, words: readonly string[]): void {
    turn.firstSoundAt ??= this.house.clock.now();
    if (words.length > 0) this.#transcribe('output', { text: ` ${words.join(' ')}` });
    const inlineData = { mimeType: `audio/pcm;rate=${RATE_HZ}`, data: base64(sound) };
    this.tell({ serverContent: { modelTurn: { parts: [{ inlineData }] } } });
  }

  /** All is made; the turn itself lasts until the sound could have been heard. */
  #generated(turn: Turn, { call }: Reply): void {
    const { said, firstSoundAt = this.house.clock.now() } = turn;
    if (said) this.tell({ serverContent: { generationComplete: true } });
    const overAt = firstSoundAt + (said?.soundMs ?? 0);
    turn.stop = this.later(overAt - this.house.clock.now(), () => this.#complete());
    if (call) this.#call(call);
  }

  #call({ name, args }: NonNullable<Reply['call']>): void {
    const id = this.house.newId('call');
    this.#pending.set(id, { name, isAsync: this.#setup.isAsync(name) });
    this.tell({ toolCall: { functionCalls: [{ id, name, args }] } });
  }

  #complete(): void {
    this.#turn = undefined;
    const waits = [...this.#pending.values()].some(({ isAsync }) => !isAsync);
    // While it waits for a result its turn is not over.
    if (!waits) this.#turnOver();
    const [next] = this.#next.splice(0, 1);
    if (next) this.#respond(next);
  }

  #responded({ id, name, response, willContinue, scheduling }: Message): void {
    const call = this.#pending.get(String(id));
    const isPreliminary = willContinue === true;
    const about = { id: String(id), name: String(name), response, isPreliminary };
    this.toolResponses.push({ ...about, isExpected: call !== undefined });
    if (!call || isPreliminary) return;
    this.#pending.delete(String(id));
    if (scheduling === 'SILENT') return;
    if (scheduling === 'INTERRUPT') this.#interrupt();
    this.#answer({ from: 'tool', name: call.name, result: response });
  }
}

/** Samples at 16 kHz as mu-law at 8 kHz. */
function half(pcm: Uint8Array): Uint8Array {
  const samples = samplesOf(pcm);
  return Uint8Array.from({ length: samples.length >> 1 }, (_, at) => codeOf(samples[at * 2] ?? 0));
}
