// OpenAiRealtimeSession: one connection to the stand-in for OpenAI's realtime voice API.
//
// The messages and their order are those of the API reference, platform.openai.com/docs/api-reference/realtime
// (client and server events), as far as the host's provider sends and reads them.
import type { Cancel } from '../../src/lib/clock.ts';
import { codeOf } from './mulaw.ts';
import { OpenAiResponse } from './openai-realtime-response.ts';
import { OpenAiSettings } from './openai-realtime-settings.ts';
import type { Prompt } from './voice-model-script.ts';
import type { Connected, VoiceModelServer } from './voice-model-server.ts';
import { type Message, VoiceModelSession } from './voice-model-session.ts';
import { samplesOf } from './wav.ts';
import { bytesIn, fieldsOf } from './wire.ts';

/** A result the client gave for a call; of several for one call all but the last are preliminary. */
export interface ToolOutput {
  readonly callId: string;
  readonly name: string;
  readonly output: unknown;
}

export class OpenAiRealtimeSession extends VoiceModelSession {
  readonly toolOutputs: ToolOutput[] = [];
  protected override readonly isBinary = false;
  readonly #id: string;
  readonly #readers: Readonly<Record<string, (message: Message) => void>> = {
    'session.update': (message) => this.#update(message),
    'input_audio_buffer.append': (message) => this.#hear(message),
    'conversation.item.create': (message) => this.#create(message),
    'conversation.item.truncate': (message) => this.#truncate(message),
    'response.create': (message) => this.#requested(message),
    'response.cancel': (message) => this.#cancelled(message),
  };
  readonly #calls = new Map<string, string>();
  readonly #settings = new OpenAiSettings();
  #silenceMs = 0;
  #response: OpenAiResponse | undefined;
  /** The latest item nobody answered yet. */
  #unanswered: Prompt | undefined;
  /** A turn of the caller that ended while the model spoke on. */
  #next: Prompt | undefined;
  #callerItem = '';

  constructor(house: VoiceModelServer<VoiceModelSession>, about: Connected) {
    super(house, about);
    this.#id = house.newId('sess');
    this.#listenAsAsked();
    this.event('session.created', { session: this.config });
  }

  /** What `session.update` made of the session. */
  get config(): Message {
    return { ...this.#settings.all, id: this.#id, object: 'realtime.session' };
  }

  get instructions(): string {
    return this.#settings.instructions;
  }

  get tools(): readonly string[] {
    return this.#settings.tools;
  }

  override fail(): void {
    this.#error('server_error', 'The server had an error while processing your request.', {
      type: 'server_error',
    });
  }

  override end(): void {
    this.#error('session_expired', 'Your session hit the maximum duration of 60 minutes.');
    this.hangUp(1001, 'session expired');
  }

  /** Tells a server event. */
  event(type: string, fields: Message): void {
    this.tell({ type, event_id: this.house.newId('event'), ...fields });
  }

  protected override withoutSound(message: Message): Message | undefined {
    const field = { 'input_audio_buffer.append': 'audio', 'response.output_audio.delta': 'delta' }[
      String(message['type'])
    ];
    return field === undefined ? undefined : { ...message, [field]: '' };
  }

  protected override receive(message: Message): void {
    const type = String(message['type']);
    const read = this.#readers[type];
    if (read) read(message);
    else this.#error('invalid_value', `Invalid value: '${type}'.`, { message });
  }

  #update(message: Message): void {
    const asked = fieldsOf(message['session']);
    if (asked?.['type'] !== 'realtime') {
      this.#error('missing_required_parameter', "Missing required parameter: 'session.type'.", { message });
      return;
    }
    this.#settings.update(asked);
    this.#listenAsAsked();
    this.event('session.updated', { session: this.config });
  }

  #listenAsAsked(): void {
    const detection = this.#settings.turnDetection;
    const silenceMs = detection ? Number(detection['silence_duration_ms'] ?? 200) : 0;
    if (silenceMs === this.#silenceMs) return;
    this.#silenceMs = silenceMs;
    if (silenceMs === 0) this.deafen();
    else this.#listen(silenceMs);
  }

  #listen(silenceMs: number): void {
    this.listen(
      {
        callerBegan: (at) => this.#callerBegan(at),
        callerEnded: (words, last) => this.#callerEnded(words, last),
      },
      silenceMs,
    );
  }

  #hear(message: Message): void {
    const bytes = bytesIn(message['audio']);
    if (!bytes) {
      this.#error('invalid_value', "Invalid 'audio'. Expected base64-encoded audio bytes.", { message });
      return;
    }
    this.push(this.#settings.isMulaw('input') ? bytes : third(bytes));
  }

  #callerBegan(at: number): void {
    const padding = Number(this.#settings.turnDetection?.['prefix_padding_ms'] ?? 0);
    this.#callerItem = this.house.newId('item');
    const audio_start_ms = Math.max(0, at - padding);
    this.event('input_audio_buffer.speech_started', { audio_start_ms, item_id: this.#callerItem });
    if (this.#settings.turnDetection?.['interrupt_response'] === true) this.#cancel('turn_detected');
  }

  #callerEnded(words: string, last: number): void {
    const item_id = this.#callerItem;
    this.event('input_audio_buffer.speech_stopped', { audio_end_ms: last, item_id });
    this.event('input_audio_buffer.committed', { previous_item_id: null, item_id });
    this.#added({
      id: item_id,
      type: 'message',
      role: 'user',
      content: [{ type: 'input_audio', transcript: null }],
    });
    this.#transcribe(item_id, words);
    if (this.#settings.turnDetection?.['create_response'] !== true) return;
    const prompt: Prompt = { from: 'caller', words };
    if (this.#response) this.#next = prompt;
    else this.#respond(prompt);
  }

  #transcribe(item_id: string, words: string): void {
    if (!this.#settings.transcribes) return;
    const type = 'conversation.item.input_audio_transcription';
    for (const [index, word] of words.split(' ').entries()) {
      if (word === '') continue;
      this.event(`${type}.delta`, { item_id, content_index: 0, delta: index === 0 ? word : ` ${word}` });
    }
    this.event(`${type}.completed`, { item_id, content_index: 0, transcript: words });
  }

  #create(message: Message): void {
    const item = fieldsOf(message['item']) ?? {};
    const id = String(item['id'] ?? this.house.newId('item'));
    if (item['type'] === 'function_call_output') {
      const callId = String(item['call_id']);
      const name = this.#calls.get(callId);
      if (name === undefined) {
        this.#error('invalid_tool_call_id', `Tool call ID '${callId}' not found in conversation.`, {
          message,
        });
        return;
      }
      const output = parsed(String(item['output']));
      this.toolOutputs.push({ callId, name, output });
      this.#unanswered = { from: 'tool', name, result: output };
    } else {
      this.#unanswered = { from: 'client', words: textOf(item) };
    }
    this.#added({ ...item, id });
  }

  #added(item: Message): void {
    const whole = { object: 'realtime.item', status: 'completed', ...item };
    this.event('conversation.item.added', { previous_item_id: null, item: whole });
    this.event('conversation.item.done', { previous_item_id: null, item: whole });
  }

  #truncate(message: Message): void {
    const { item_id, audio_end_ms, content_index } = message;
    const said = this.said.find(({ id }) => id === item_id);
    if (!said) {
      this.#error('invalid_value', `Item with item_id not found: ${String(item_id)}`, { message });
      return;
    }
    if (typeof audio_end_ms !== 'number' || audio_end_ms > said.soundMs) {
      const why = `Audio content of ${said.soundMs}ms is already shorter than ${String(audio_end_ms)}ms`;
      this.#error('invalid_value', why, { message });
      return;
    }
    said.heardMs = audio_end_ms;
    this.event('conversation.item.truncated', { item_id, content_index, audio_end_ms });
  }

  #requested(message: Message): void {
    const active = this.#response;
    if (active) {
      const why = `Conversation already has an active response in progress: ${active.id}. Wait until the response is finished before creating a new one.`;
      this.#error('conversation_already_has_active_response', why, { message });
      return;
    }
    const asked = fieldsOf(message['response']) ?? {};
    const own = Array.isArray(asked['input']) ? asked['input'].map((item) => textOf(fieldsOf(item))) : [];
    const instruction = asked['instructions'] ?? own.at(-1);
    const given: Prompt | undefined =
      instruction === undefined ? this.#unanswered : { from: 'client', words: String(instruction) };
    const forced = fieldsOf(asked['tool_choice'])?.['name'];
    this.#respond(given ?? { from: 'client', words: '' }, forced === undefined ? undefined : String(forced));
  }

  #respond(prompt: Prompt, forced?: string): void {
    const scripted = this.house.script(prompt);
    const args = prompt.from === 'tool' ? {} : { question: prompt.words };
    const reply = forced === undefined || scripted?.call ? scripted : { call: { name: forced, args } };
    this.#unanswered = undefined;
    this.#response = new OpenAiResponse(
      {
        event: (type, fields) => this.event(type, fields),
        newId: (kind) => this.house.newId(kind),
        speak: (speech): Cancel => this.speak(speech),
        later: (run): Cancel => this.later(this.house.latencyMs, run),
        called: (callId, name) => this.#calls.set(callId, name),
        over: () => this.#responded(),
        isMulaw: this.#settings.isMulaw('output'),
      },
      reply,
    );
  }

  #responded(): void {
    this.#response = undefined;
    const next = this.#next;
    this.#next = undefined;
    if (next) this.#respond(next);
  }

  #cancelled(message: Message): void {
    if (this.#response) this.#cancel('client_cancelled');
    else
      this.#error('response_cancel_not_active', 'Cancellation failed: no active response found', { message });
  }

  #cancel(reason: string): void {
    this.#response?.cancel(reason);
  }

  #error(
    code: string,
    text: string,
    { message, type = 'invalid_request_error' }: { readonly message?: Message; readonly type?: string } = {},
  ): void {
    const event_id = message?.['event_id'] ?? null;
    this.event('error', { error: { type, code, message: text, param: null, event_id } });
  }
}

function textOf(item: Message | undefined): string {
  const content = item?.['content'];
  return Array.isArray(content) ? content.map((part) => fieldsOf(part)?.['text'] ?? '').join(' ') : '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Samples at 24 kHz as mu-law at 8 kHz; what is told apart lies far below the 4 kHz this can hold. */
function third(pcm: Uint8Array): Uint8Array {
  const samples = samplesOf(pcm);
  return Uint8Array.from({ length: Math.floor(samples.length / 3) }, (_, at) => codeOf(samples[at * 3] ?? 0));
}
