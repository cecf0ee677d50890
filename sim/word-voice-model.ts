// WordVoiceModel: a full-duplex voice model that hears and speaks word-code, on the clock of the test.
import type {
  Consult,
  Consultant,
  VoiceModel,
  VoiceModelCall,
  VoiceModelListener,
  VoiceModelSession,
} from '../src/conversation/voice-model.ts';
import { type Cancel, type Clock, wait } from '../src/lib/clock.ts';
import { Understanding } from './media/understanding.ts';
import { type Prompt, parrot, type Reply, type Script, timed } from './media/voice-model-script.ts';
import { wordSound } from './media/word-code.ts';

/** Sound in one piece, ms, and how many times as fast as it sounds it is made. */
const PIECE_MS = 100;
const SPEED = 4;
/** From a prompt to the first sound of its reply. */
const LATENCY_MS = 300;
/** The caller is over after so much quiet. */
const END_MS = 500;

export interface WordModelOptions {
  /** Default: it repeats what it hears, and says what it is told to. */
  readonly script?: Script;
  /** Default true. */
  readonly interruptsItself?: boolean;
  /** Whether sessions that are opened now connect, and how late, ms; at once when absent. */
  readonly connects?: () => number | null;
}

/** One session; `prompts` are what it was given to answer. */
export class WordSession implements VoiceModelSession {
  readonly ready: Promise<void>;
  readonly interruptsItself: boolean;
  readonly call: VoiceModelCall;
  readonly prompts: Prompt[] = [];
  readonly progress: unknown[] = [];
  readonly truncated: number[] = [];
  isClosed = false;
  readonly #clock: Clock;
  readonly #listener: VoiceModelListener;
  readonly #script: Script;
  readonly #ear: Understanding;
  readonly #left = new AbortController();
  readonly #waiting: Prompt[] = [];
  readonly #tools = new Map<string, string>();
  #words: string[] = [];
  #count = 0;
  /** Makes a reply, or is about to. */
  #isBusy = false;
  #cancel: Cancel = () => undefined;

  constructor(clock: Clock, call: VoiceModelCall, listener: VoiceModelListener, options: WordModelOptions) {
    const { script = parrot, interruptsItself = true, connects = () => 0 } = options;
    this.call = call;
    this.interruptsItself = interruptsItself;
    this.#clock = clock;
    this.#listener = listener;
    this.#script = script;
    this.ready = this.#connect(connects());
    this.ready.catch(() => undefined);
    this.#ear = new Understanding(
      {
        began: () => {
          if (interruptsItself) this.#interrupt();
        },
        word: ({ text }) => {
          this.#words.push(text);
          this.#tell(() => listener.onHeard(this.#words.join(' '), false));
        },
        ended: () => this.#heard(),
      },
      { endMs: END_MS },
    );
  }

  hear(mulaw: Uint8Array): void {
    if (this.isClosed) throw new Error('heard something after its close');
    this.#ear.push(mulaw);
  }

  instruct(words: string): void {
    this.#prompt({ from: 'client', words });
  }

  tell(words: string): void {
    this.#prompt({ from: 'client', words });
  }

  toolResult(id: string, result: Readonly<Record<string, unknown>>, isProgress: boolean): void {
    const name = this.#tools.get(id) ?? '';
    if (isProgress) this.progress.push(result);
    else this.#prompt({ from: 'tool', name, result });
  }

  interrupted(heardMs: number): void {
    this.truncated.push(heardMs);
    this.#stop();
  }

  close(): void {
    this.isClosed = true;
    this.#left.abort(new Error('not wanted any more'));
    this.#stop();
  }

  /** The socket breaks. */
  drop(): void {
    if (this.isClosed) return;
    this.close();
    this.#listener.onGone('the socket broke', false);
  }

  /** The provider ends the session on purpose. */
  end(): void {
    if (this.isClosed) return;
    this.close();
    this.#listener.onGone('the session is over', true);
  }

  async #connect(afterMs: number | null): Promise<void> {
    if (afterMs === null) throw new Error('no provider answers');
    if (afterMs > 0) await wait(this.#clock, afterMs, this.#left.signal);
  }

  #tell(what: () => void): void {
    if (!this.isClosed) what();
  }

  #heard(): void {
    const words = this.#words.join(' ');
    this.#words = [];
    if (words === '') return;
    this.#tell(() => this.#listener.onHeard(words, true));
    this.#prompt({ from: 'caller', words });
  }

  #interrupt(): void {
    this.#stop();
    this.#tell(() => this.#listener.onInterrupted());
  }

  #stop(): void {
    this.#cancel();
    this.#waiting.length = 0;
    this.#isBusy = false;
  }

  #prompt(prompt: Prompt): void {
    if (this.isClosed) return;
    this.prompts.push(prompt);
    this.#waiting.push(prompt);
    this.#next();
  }

  #next(): void {
    const prompt = this.#isBusy ? undefined : this.#waiting.shift();
    if (!prompt) return;
    const reply = this.#script(prompt);
    if (!reply) {
      this.#next();
      return;
    }
    this.#isBusy = true;
    this.#later(LATENCY_MS, () => this.#speak(reply));
  }

  #speak(reply: Reply): void {
    const { say = '' } = reply;
    const id = `r${++this.#count}`;
    const sound = say === '' ? new Uint8Array(0) : wordSound(say);
    const words = timed(say);
    let atMs = 0;
    const piece = (): void => {
      const toMs = atMs + PIECE_MS;
      const part = sound.subarray(atMs * 8, toMs * 8);
      if (part.length === 0) {
        this.#over(id, reply);
        return;
      }
      const begun = words.filter(({ from }) => from < toMs).map(({ word }) => word);
      this.#listener.onSound(id, part);
      this.#listener.onSaid(begun.join(' '), false);
      atMs = toMs;
      this.#later(PIECE_MS / SPEED, piece);
    };
    piece();
  }

  #over(id: string, { say = '', call }: Reply): void {
    this.#isBusy = false;
    if (say !== '') {
      this.#listener.onSaid(say, true);
      this.#listener.onReplyOver(id);
    }
    if (call) {
      const toolId = `t${++this.#count}`;
      this.#tools.set(toolId, call.name);
      this.#tell(() => this.#listener.onTool({ id: toolId, ...call }));
    }
    this.#next();
  }

  #later(ms: number, run: () => void): void {
    this.#cancel = this.#clock.at(this.#clock.now() + ms, () => this.#tell(run));
  }
}

export class WordVoiceModel implements VoiceModel {
  readonly provider = 'word-code';
  readonly sessions: WordSession[] = [];
  readonly #clock: Clock;
  readonly #options: WordModelOptions;

  constructor(clock: Clock, options: WordModelOptions = {}) {
    this.#clock = clock;
    this.#options = options;
  }

  open(call: VoiceModelCall, listener: VoiceModelListener): WordSession {
    const session = new WordSession(this.#clock, call, listener, this.#options);
    this.sessions.push(session);
    return session;
  }

  get latest(): WordSession {
    const session = this.sessions.at(-1);
    if (!session) throw new Error('no session was opened');
    return session;
  }
}

/** An agent that takes its time on the clock of the test, and stops when it is told to. */
export class WordConsultant implements Consultant {
  readonly asked: Consult[] = [];
  readonly #clock: Clock;
  readonly #answer: (consult: Consult) => { readonly afterMs: number; readonly text: string };

  constructor(
    clock: Clock,
    answer: (consult: Consult) => { readonly afterMs: number; readonly text: string },
  ) {
    this.#clock = clock;
    this.#answer = answer;
  }

  async ask(consult: Consult): Promise<string> {
    this.asked.push(consult);
    const { afterMs, text } = this.#answer(consult);
    await wait(this.#clock, afterMs, consult.signal);
    return text;
  }

  capsule(): Promise<string> {
    return Promise.resolve('');
  }
}
