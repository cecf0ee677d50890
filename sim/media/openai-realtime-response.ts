// OpenAiResponse: one response of the stand-in for OpenAI's realtime voice API, from `created` to `done`.
import type { Cancel } from '../../src/lib/clock.ts';
import type { Reply, Said } from './voice-model-script.ts';
import type { Message, Speech } from './voice-model-session.ts';
import { pcmOf } from './wav.ts';
import { base64 } from './wire.ts';
import { wordSamples, wordSound } from './word-code.ts';

/** What a response needs of its session. */
export interface ResponseHouse {
  event(type: string, fields: Message): void;
  newId(kind: string): string;
  speak(speech: Speech): Cancel;
  later(run: () => void): Cancel;
  called(callId: string, name: string): void;
  /** `done` was told. */
  over(): void;
  readonly isMulaw: boolean;
}

export class OpenAiResponse {
  readonly id: string;
  readonly #house: ResponseHouse;
  readonly #reply: Reply;
  /** Items that are done. */
  readonly #output: Message[] = [];
  readonly #stop: Cancel;
  /** The words told so far of the item that is being said. */
  #told = '';
  #saying: Said | undefined;

  constructor(house: ResponseHouse, reply: Reply | null) {
    this.#house = house;
    this.#reply = reply ?? {};
    this.id = house.newId('resp');
    house.event('response.created', { response: this.#response('in_progress') });
    this.#stop = this.#reply.say === undefined ? house.later(() => this.#call()) : this.#say(this.#reply.say);
  }

  /** Ends at once; `reason`: `turn_detected` or `client_cancelled`. */
  cancel(reason: string): void {
    this.#stop();
    if (this.#saying) this.#said(this.#saying, 'incomplete');
    this.#done('cancelled', { type: 'cancelled', reason });
  }

  #response(status: string, details: Message | null = null): Message {
    return {
      object: 'realtime.response',
      id: this.id,
      status,
      status_details: details,
      output: this.#output,
    };
  }

  /** An item of the model appears. */
  #begin(item: Message): void {
    const at = { response_id: this.id, output_index: this.#output.length };
    this.#house.event('response.output_item.added', { ...at, item });
    this.#house.event('conversation.item.added', { previous_item_id: null, item });
  }

  #finish(item: Message): void {
    const at = { response_id: this.id, output_index: this.#output.length };
    this.#output.push(item);
    this.#house.event('response.output_item.done', { ...at, item });
    this.#house.event('conversation.item.done', { previous_item_id: null, item });
  }

  #say(text: string): Cancel {
    const said: Said = {
      id: this.#house.newId('item'),
      text,
      soundMs: 0,
      heardMs: null,
      isWhole: false,
    };
    const { isMulaw } = this.#house;
    const sound = isMulaw ? wordSound(text) : pcmOf(wordSamples(text, 24_000));
    this.#begin(message(said.id, 'in_progress', []));
    this.#house.event('response.content_part.added', {
      ...this.#place(said.id),
      part: { type: 'audio', transcript: '' },
    });
    this.#saying = said;
    return this.#house.speak({
      said,
      sound,
      bytesPerMs: isMulaw ? 8 : 48,
      onPiece: (part, words) => this.#piece(said.id, part, words),
      onOver: () => this.#spoken(said),
    });
  }

  #place(item_id: string): Message {
    return { response_id: this.id, item_id, output_index: this.#output.length, content_index: 0 };
  }

  #piece(item: string, sound: Uint8Array, words: readonly string[]): void {
    for (const word of words) {
      const delta = this.#told === '' ? word : ` ${word}`;
      this.#told += delta;
      this.#house.event('response.output_audio_transcript.delta', { ...this.#place(item), delta });
    }
    this.#house.event('response.output_audio.delta', { ...this.#place(item), delta: base64(sound) });
  }

  #spoken(said: Said): void {
    this.#said(said, 'completed');
    this.#call();
  }

  #said({ id }: Said, status: string): void {
    this.#saying = undefined;
    const transcript = this.#told;
    this.#house.event('response.output_audio.done', this.#place(id));
    this.#house.event('response.output_audio_transcript.done', { ...this.#place(id), transcript });
    const part = { type: 'audio', transcript };
    this.#house.event('response.content_part.done', { ...this.#place(id), part });
    this.#finish(message(id, status, [{ type: 'output_audio', transcript }]));
  }

  #call(): void {
    const { call } = this.#reply;
    if (call) {
      const call_id = this.#house.newId('call');
      const item = { id: this.#house.newId('item'), object: 'realtime.item', type: 'function_call' };
      const text = JSON.stringify(call.args);
      const named = { ...item, call_id, name: call.name };
      this.#begin({ ...named, status: 'in_progress', arguments: '' });
      const { content_index: _, ...place } = this.#place(item.id);
      this.#house.event('response.function_call_arguments.delta', { ...place, call_id, delta: text });
      this.#house.event('response.function_call_arguments.done', {
        ...place,
        call_id,
        name: call.name,
        arguments: text,
      });
      this.#finish({ ...named, status: 'completed', arguments: text });
      this.#house.called(call_id, call.name);
    }
    this.#done('completed');
  }

  #done(status: string, details: Message | null = null): void {
    this.#house.event('response.done', { response: this.#response(status, details) });
    this.#house.over();
  }
}

function message(id: string, status: string, content: readonly Message[]): Message {
  return { id, object: 'realtime.item', type: 'message', role: 'assistant', status, content };
}
