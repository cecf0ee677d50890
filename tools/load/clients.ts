// Clients: our ends of the services behind the voices: the ports of a conversation over real sockets.
import { Agent as Connections, type IncomingMessage, request } from 'node:http';
import { WebSocket } from 'ws';
import type { LiveAudio } from '../../src/app.ts';
import type { RealtimeSettings } from '../../src/config/realtime.ts';
import type { Agent, Synthesizer, Transcriber, TranscriberListener } from '../../src/conversation/ports.ts';
import type { Consultant, VoiceModel, VoiceModelListener } from '../../src/conversation/voice-model.ts';
import { steadyClock } from '../../src/lib/clock.ts';
import { startLastingLine } from '../../src/line/lasting.ts';
import type { FromModel, ToModel } from './service-model.ts';
import type { Services } from './wire.ts';

/** Frames travel together, as providers advise: so much sound in one message. */
const MESSAGE_BYTES = 800;
const FRAME_BYTES = 160;
/** A turn of the agent keeps the Gateway's own loop busy for so long, ms. */
const BLOCK_MS = 5;

/** The number of the person on a call, by our id of it. */
export type PersonOf = (callId: string) => string;

export class Clients {
  readonly #services: Services;
  readonly #personOf: PersonOf;
  readonly #connections = new Connections({ keepAlive: true, maxSockets: 400 });

  constructor(services: Services, personOf: PersonOf) {
    this.#services = services;
    this.#personOf = personOf;
  }

  close(): void {
    this.#connections.destroy();
  }

  readonly agent: Agent = {
    reply: async ({ callId, words, onText, onModelAsked, signal }) => {
      block();
      onModelAsked?.();
      const text = await this.#ask({ callId, words, signal }, onText);
      return { payloads: [{ text, isError: false, isReasoning: false }] };
    },
    prewarm: async () => block(),
    release: async () => undefined,
  };

  readonly consultant: Consultant = {
    ask: ({ callId, question, signal }) => this.#ask({ callId, words: question, signal }),
    capsule: async () => '',
  };

  ownVoice(): LiveAudio {
    const { transcriber, synthesizer } = this;
    return {
      provider: 'stand-in',
      steady: steadyClock,
      openLine: startLastingLine,
      transcriber,
      synthesizer,
    };
  }

  voiceModel(settings: RealtimeSettings): LiveAudio {
    const { consultant } = this;
    const model = { voiceModel: this.model, consultant, settings };
    return { provider: 'stand-in', steady: steadyClock, openLine: startLastingLine, model };
  }

  readonly transcriber: Transcriber = {
    provider: 'stand-in',
    open: ({ callId }, { onPartial, onFinal, onBroken }: TranscriberListener) => {
      const socket = this.#socket('ear', callId, onBroken);
      socket.wire.on('message', (data) => {
        const { kind, text } = JSON.parse(String(data)) as { readonly kind: string; readonly text: string };
        if (kind === 'final') onFinal(text);
        else onPartial(text);
      });
      return { ready: socket.ready, hear: (mulaw) => socket.hear(mulaw), close: () => socket.close() };
    },
  };

  readonly synthesizer: Synthesizer = {
    provider: 'stand-in',
    speak: ({ callId, text, signal }) => this.#speak(callId, text, signal),
  };

  readonly model: VoiceModel = {
    provider: 'stand-in',
    open: ({ callId }, listener) => {
      const socket = this.#socket('model', callId, (why) => listener.onGone(why, false));
      socket.wire.on('message', (data: Buffer, isBinary) => {
        if (isBinary) listener.onSound(String(data.readUInt32BE()), data.subarray(4));
        else take(JSON.parse(String(data)) as FromModel, listener);
      });
      const tell = (message: ToModel): void => socket.tell(message);
      return {
        ready: socket.ready,
        interruptsItself: true,
        hear: (mulaw) => socket.hear(mulaw),
        instruct: (instruction) => tell({ kind: 'say', instruction }),
        tell: (words) => tell({ kind: 'say', instruction: words }),
        toolResult: (_id, { text, error }, isProgress) => {
          if (!isProgress) tell({ kind: 'result', text: String(text ?? error ?? '') });
        },
        interrupted: () => undefined,
        close: () => socket.close(),
      };
    },
  };

  async #ask(
    {
      callId,
      words,
      signal,
    }: { readonly callId: string; readonly words: string; readonly signal: AbortSignal },
    onText?: (text: string) => void,
  ): Promise<string> {
    let text = '';
    for await (const chunk of await this.#post('agent', { callId, text: words }, signal)) {
      text += String(chunk);
      onText?.(text);
    }
    return text;
  }

  async *#speak(callId: string, text: string, signal: AbortSignal): ReturnType<Synthesizer['speak']> {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of await this.#post('voice', { callId, text }, signal)) {
      const bytes = Buffer.concat([rest, chunk as Buffer]);
      const whole = bytes.length - (bytes.length % FRAME_BYTES);
      rest = bytes.subarray(whole);
      if (whole > 0) yield { encoding: 'mulaw', sampleRate: 8_000, bytes: bytes.subarray(0, whole) };
    }
  }

  #post(
    service: 'agent' | 'voice',
    { callId, text }: { readonly callId: string; readonly text: string },
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sent = request(
      { host: '127.0.0.1', port: this.#services[service], method: 'POST', agent: this.#connections, signal },
      (response) => {
        if (response.statusCode === 200) return resolve(response);
        response.resume();
        reject(new Error(`the ${service} answered ${response.statusCode}`));
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify({ person: this.#personOf(callId), text }));
    return promise;
  }

  #socket(service: 'ear' | 'model', callId: string, onBroken: (why: string) => void): Session {
    const url = `ws://127.0.0.1:${this.#services[service]}/${this.#personOf(callId)}`;
    return new Session(new WebSocket(url, { perMessageDeflate: false }), onBroken);
  }
}

/** A connection that hears the caller. */
class Session {
  readonly ready: Promise<void>;
  readonly wire: WebSocket;
  #isOver = false;
  #waiting: Uint8Array[] = [];
  #bytes = 0;

  constructor(wire: WebSocket, onBroken: (why: string) => void) {
    this.wire = wire;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    promise.catch(() => undefined);
    let why = 'the connection was closed';
    let isOpen = false;
    wire.once('open', () => {
      isOpen = true;
      resolve();
    });
    wire.on('error', (error) => {
      why = error.message;
    });
    wire.once('close', () => {
      reject(new Error(why));
      if (isOpen && !this.#isOver) onBroken(why);
      this.#isOver = true;
    });
  }

  hear(mulaw: Uint8Array): void {
    this.#waiting.push(mulaw);
    this.#bytes += mulaw.length;
    if (this.#bytes < MESSAGE_BYTES || this.#isOver) return;
    this.wire.send(Buffer.concat(this.#waiting));
    this.#waiting = [];
    this.#bytes = 0;
  }

  tell(message: ToModel): void {
    if (!this.#isOver) this.wire.send(JSON.stringify(message));
  }

  close(): void {
    this.#isOver = true;
    this.wire.terminate();
  }
}

function take(message: FromModel, listener: VoiceModelListener): void {
  switch (message.kind) {
    case 'heard':
      listener.onHeard(message.text, message.isFinal);
      break;
    case 'said':
      listener.onSaid(message.text, true);
      break;
    case 'over':
      listener.onReplyOver(String(message.reply));
      break;
    case 'interrupted':
      listener.onInterrupted();
      break;
    case 'tool':
      listener.onTool(message);
      break;
  }
}

function block(): void {
  const until = performance.now() + BLOCK_MS;
  while (performance.now() < until);
}
