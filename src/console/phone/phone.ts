// Phone: the test phone of the page: its line to the Gateway, as docs/test-phone.md has it, and its sound.
import type { FloorState, FromPhone, OpenedPhone, SpeechInUse, ToPhone } from '../../handset/protocol.ts';
import { type ConsoleHost, sentenceOf } from '../host.ts';

export type PhoneState =
  | { readonly kind: 'off'; readonly why: string | null }
  | { readonly kind: 'opening' }
  | { readonly kind: 'idle' }
  | { readonly kind: 'calling'; readonly callId: string | null }
  | { readonly kind: 'ringing'; readonly callId: string; readonly from: string }
  | { readonly kind: 'connected'; readonly callId: string; readonly hasSound: boolean };

export interface PhoneView {
  readonly state: PhoneState;
  readonly number: string | null;
  readonly speech: SpeechInUse | null;
  /** Null: this phone has no sound. */
  readonly microphone: Sound['microphone'] | null;
  readonly isMuted: boolean;
  /** Who has the floor: `listening` is your turn. */
  readonly floor: FloorState | null;
  /** What could not be done, or how the last call ended. */
  readonly note: string | null;
}

/** Microphone and loudspeaker; sound is mu-law at 8 kHz. */
export interface Sound {
  readonly microphone: { readonly isOpen: true } | { readonly isOpen: false; readonly why: string };
  isMuted: boolean;
  play(mulaw: Uint8Array): void;
  /** `onPlayed` is to be told when everything before it was played. */
  mark(name: string): void;
  clear(): void;
  close(): void;
}

export interface SoundListener {
  /** 20 ms of the microphone. */
  readonly onFrame: (mulaw: Uint8Array<ArrayBuffer>) => void;
  readonly onPlayed: (mark: string) => void;
}

export interface PhoneSocket {
  send(message: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export interface SocketListener {
  readonly onText: (text: string) => void;
  readonly onSound: (mulaw: Uint8Array) => void;
  readonly onClosed: () => void;
}

export interface PhoneDeps {
  readonly host: Pick<ConsoleHost, 'request'>;
  readonly openSocket: (path: string, listener: SocketListener) => PhoneSocket;
  readonly openSound: (listener: SoundListener) => Promise<Sound>;
  readonly onChange: () => void;
  /** A call of this phone begins: it is to be looked at. */
  readonly onCall: (callId: string) => void;
}

const OFF: PhoneView = {
  state: { kind: 'off', why: null },
  number: null,
  speech: null,
  microphone: null,
  isMuted: false,
  floor: null,
  note: null,
};

export class Phone {
  readonly #deps: PhoneDeps;
  #view: PhoneView = OFF;
  #socket: PhoneSocket | null = null;
  #sound: Sound | null = null;

  constructor(deps: PhoneDeps) {
    this.#deps = deps;
  }

  get view(): PhoneView {
    return this.#view;
  }

  /** Switches it on. `withSound` false: words are typed and read. */
  async open(withSound: boolean): Promise<void> {
    if (this.#view.state.kind !== 'off') return;
    this.#set({ ...OFF, state: { kind: 'opening' } });
    try {
      const sound = withSound ? await this.#openSound() : null;
      const opened = await this.#deps.host.request<OpenedPhone>('voicecall.phone.open', {
        sound: sound !== null,
      });
      if (!this.#isOpening) return sound?.close();
      if (!opened.sound) sound?.close();
      this.#sound = opened.sound ? sound : null;
      const { number, speech } = opened;
      this.#set({ number, speech, microphone: this.#sound?.microphone ?? null });
      this.#connect(opened.url);
    } catch (error) {
      this.#off(sentenceOf(error));
    }
  }

  /** False once it was switched off again, which it may be before it is open. */
  get #isOpening(): boolean {
    return this.#view.state.kind === 'opening';
  }

  /** Switches it off; a call on it is over. */
  close(): void {
    this.#off(null);
  }

  call(): void {
    this.#set({ state: { kind: 'calling', callId: null }, note: null });
    this.#send({ type: 'call', to: null });
  }

  answer(): void {
    this.#send({ type: 'answer' });
  }

  hangUp(): void {
    this.#sound?.clear();
    this.#send({ type: 'hangup' });
  }

  press(key: string): void {
    this.#send({ type: 'key', key });
  }

  say(text: string): void {
    this.#send({ type: 'words', text });
  }

  mute(isMuted: boolean): void {
    if (this.#sound) this.#sound.isMuted = isMuted;
    this.#set({ isMuted });
  }

  /** Without loudspeaker or worklet it is a phone to type on: better than none. */
  async #openSound(): Promise<Sound | null> {
    try {
      return await this.#deps.openSound({
        onFrame: (mulaw) => {
          const { state } = this.#view;
          if (state.kind === 'connected' && state.hasSound) this.#socket?.send(mulaw);
        },
        onPlayed: (mark) => this.#send({ type: 'played', mark }),
      });
    } catch (error) {
      this.#set({ note: `There is no sound in this browser: ${sentenceOf(error)} Type instead.` });
      return null;
    }
  }

  #connect(path: string): void {
    const socket = this.#deps.openSocket(path, {
      onText: (text) => {
        if (this.#socket === socket) this.#told(JSON.parse(text) as ToPhone);
      },
      onSound: (mulaw) => {
        if (this.#socket === socket) this.#sound?.play(mulaw);
      },
      onClosed: () => {
        if (this.#socket === socket) this.#off('The line to the Gateway broke.');
      },
    });
    this.#socket = socket;
  }

  #told(message: ToPhone): void {
    switch (message.type) {
      case 'ready':
        this.#set({ state: { kind: 'idle' } });
        break;
      case 'calling':
      case 'ringing':
      case 'connected':
        this.#set({ state: stateOf(message), note: null });
        this.#deps.onCall(message.callId);
        break;
      case 'mark':
        this.#marked(message.name);
        break;
      case 'clear':
        this.#sound?.clear();
        break;
      case 'state':
        this.#set({ floor: message.state });
        break;
      case 'ended':
        this.#sound?.clear();
        this.#set({ state: { kind: 'idle' }, floor: null, note: endNote(message.reason) });
        break;
      case 'error':
        this.#failed(message);
        break;
      case 'said':
      case 'turn':
        // The call that is looked at has them too.
        break;
    }
  }

  #marked(name: string): void {
    if (this.#sound) this.#sound.mark(name);
    else this.#send({ type: 'played', mark: name });
  }

  #failed({ message, cure }: Extract<ToPhone, { type: 'error' }>): void {
    const { state } = this.#view;
    const isNoCall = state.kind === 'calling' && state.callId === null;
    this.#set({ note: `${message}. ${cure}`, ...(isNoCall && { state: { kind: 'idle' } }) });
  }

  #off(why: string | null): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#sound?.close();
    this.#sound = null;
    this.#set({ ...OFF, state: { kind: 'off', why } });
  }

  #send(message: FromPhone): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #set(changes: Partial<PhoneView>): void {
    this.#view = { ...this.#view, ...changes };
    this.#deps.onChange();
  }
}

function stateOf(message: Extract<ToPhone, { type: 'calling' | 'ringing' | 'connected' }>): PhoneState {
  const { type: kind, callId } = message;
  if (kind === 'calling') return { kind, callId };
  if (kind === 'ringing') return { kind, callId, from: message.from };
  return { kind, callId, hasSound: message.sound };
}

function endNote(reason: string): string {
  if (reason === 'hangup-user') return 'You hung up.';
  if (reason === 'hangup-bot' || reason === 'completed') return 'The agent hung up.';
  return `The call is over: ${reason}.`;
}
