// FakeVoiceModel: a voice model and the agent behind it that do what a test says, and remember what was asked.
import type {
  Consult,
  Consultant,
  VoiceModel,
  VoiceModelCall,
  VoiceModelListener,
  VoiceModelSession,
} from '../src/conversation/voice-model.ts';

export interface ToolResult {
  readonly id: string;
  readonly result: Readonly<Record<string, unknown>>;
  readonly isProgress: boolean;
}

/** One session: the test says when it is ready, and speaks for the model through `provider`. */
export class FakeVoiceSession implements VoiceModelSession {
  readonly ready: Promise<void>;
  readonly interruptsItself: boolean;
  readonly call: VoiceModelCall;
  /** Through it the provider tells us. */
  readonly provider: VoiceModelListener;
  /** `instruct ...`, `tell ...`, `interrupted 120`, `close`, in order. */
  readonly asked: string[] = [];
  /** The first byte of each piece of the caller's sound, and when it was. */
  readonly heard: { readonly byte: number; readonly streamMs: number }[] = [];
  readonly results: ToolResult[] = [];
  isClosed = false;
  connect: () => void = () => undefined;
  refuse: (why: Error) => void = () => undefined;
  #replies = 0;

  constructor(call: VoiceModelCall, listener: VoiceModelListener, interruptsItself: boolean) {
    this.call = call;
    this.provider = listener;
    this.interruptsItself = interruptsItself;
    this.ready = new Promise((resolve, reject) => {
      this.connect = resolve;
      this.refuse = reject;
    });
  }

  hear(mulaw: Uint8Array, streamMs: number): void {
    if (this.isClosed) throw new Error('heard something after its close');
    this.heard.push({ byte: mulaw[0] ?? -1, streamMs });
  }

  instruct(instruction: string): void {
    this.asked.push(`instruct ${instruction}`);
  }

  tell(words: string): void {
    this.asked.push(`tell ${words}`);
  }

  toolResult(id: string, result: Readonly<Record<string, unknown>>, isProgress: boolean): void {
    this.results.push({ id, result, isProgress });
  }

  interrupted(heardMs: number): void {
    this.asked.push(`interrupted ${Math.round(heardMs)}`);
  }

  close(): void {
    this.isClosed = true;
    this.asked.push('close');
  }

  /** A whole reply at once, faster than it is heard: its sound, its words, its end. */
  says(text: string, ms = text.length * 50): string {
    const id = this.begins(text, ms);
    this.provider.onSaid(text, true);
    this.provider.onReplyOver(id);
    return id;
  }

  /** The beginning of a reply. */
  begins(text: string, ms: number): string {
    const id = `r${++this.#replies}`;
    this.provider.onSaid(text, false);
    this.provider.onSound(id, new Uint8Array(ms * 8).fill(text.length));
    return id;
  }

  /** What was asked of it since the last time. */
  take(): readonly string[] {
    return this.asked.splice(0);
  }
}

export class FakeVoiceModel implements VoiceModel {
  readonly provider = 'fake';
  readonly sessions: FakeVoiceSession[] = [];
  /** True: sessions connect at once. */
  connectsAtOnce = true;
  interruptsItself = true;
  /** Opening fails with this; null: it works. */
  refuses: string | null = null;

  open(call: VoiceModelCall, listener: VoiceModelListener): FakeVoiceSession {
    if (this.refuses !== null) throw new Error(this.refuses);
    const session = new FakeVoiceSession(call, listener, this.interruptsItself);
    if (this.connectsAtOnce) session.connect();
    this.sessions.push(session);
    return session;
  }

  get latest(): FakeVoiceSession {
    const session = this.sessions.at(-1);
    if (!session) throw new Error('no session was opened');
    return session;
  }
}

/** One question to the fake agent: the test answers it. */
export class FakeConsult {
  readonly asked: Consult;
  readonly answer: Promise<string>;
  /** It was answered, or failed. */
  isOver = false;
  resolve: (text: string) => void = () => undefined;
  fail: (why: Error) => void = () => undefined;

  /** `stubborn`: it goes on although nobody wants the answer any more. */
  constructor(asked: Consult, stubborn: boolean) {
    this.asked = asked;
    this.answer = new Promise((resolve, reject) => {
      this.resolve = (text) => {
        this.isOver = true;
        resolve(text);
      };
      this.fail = (why) => {
        this.isOver = true;
        reject(why);
      };
      if (!stubborn)
        asked.signal.addEventListener('abort', () => reject(asked.signal.reason), { once: true });
    });
  }
}

export class FakeConsultant implements Consultant {
  readonly consults: FakeConsult[] = [];
  about = '';
  isStubborn = false;

  ask(asked: Consult): Promise<string> {
    const consult = new FakeConsult(asked, this.isStubborn);
    this.consults.push(consult);
    return consult.answer;
  }

  capsule(): Promise<string> {
    return Promise.resolve(this.about);
  }

  get latest(): FakeConsult {
    const consult = this.consults.at(-1);
    if (!consult) throw new Error('the agent was not asked');
    return consult;
  }
}
