// FakeVoices: a transcriber, a synthesizer and an agent that do what a test says, and remember what was asked.
import type {
  Agent,
  AgentAnswer,
  AgentTurn,
  Synthesizer,
  Transcriber,
  TranscriberListener,
} from '../src/conversation/ports.ts';
import type { Clock } from '../src/lib/clock.ts';
import { wait } from '../src/lib/clock.ts';
import type { Lines, Sound } from '../src/media/lines.ts';

/** One session of the fake transcriber: the test says when it is ready and what it understood. */
export class FakeSession {
  readonly ready: Promise<void>;
  readonly heard: Uint8Array[] = [];
  isClosed = false;
  readonly tell: TranscriberListener;
  connect: () => void = () => undefined;
  refuse: (why: Error) => void = () => undefined;

  constructor(listener: TranscriberListener) {
    this.tell = listener;
    this.ready = new Promise((resolve, reject) => {
      this.connect = resolve;
      this.refuse = reject;
    });
  }

  hear(mulaw: Uint8Array): void {
    if (this.isClosed) throw new Error('heard something after its close');
    this.heard.push(mulaw);
  }

  close(): void {
    this.isClosed = true;
  }

  /** The first byte of each piece it heard: tests number their sound. */
  get numbers(): readonly number[] {
    return this.heard.map((mulaw) => mulaw[0] ?? -1);
  }
}

export class FakeTranscriber implements Transcriber {
  readonly provider = 'fake';
  readonly sessions: FakeSession[] = [];
  /** True: sessions connect at once. */
  connectsAtOnce = true;

  open(_call: Parameters<Transcriber['open']>[0], listener: TranscriberListener): FakeSession {
    const session = new FakeSession(listener);
    if (this.connectsAtOnce) session.connect();
    this.sessions.push(session);
    return session;
  }

  get latest(): FakeSession {
    const session = this.sessions.at(-1);
    if (!session) throw new Error('no session was opened');
    return session;
  }
}

/** What the fake synthesizer does for one text. */
export interface Speech {
  /** Before the first piece, then before each next one, ms. */
  readonly afterMs?: number;
  readonly gapMs?: number;
  /** How the sound is cut; by default one piece of mu-law, 50 ms a letter. */
  readonly pieces?: readonly Sound[];
  /** Fails after the pieces. */
  readonly fails?: string;
  /** Never ends after the pieces. */
  readonly hangs?: boolean;
}

/** Speaks 50 ms of mu-law a letter unless told otherwise; the bytes are all the length of the text. */
export class FakeSynthesizer implements Synthesizer {
  readonly provider = 'fake';
  readonly asked: string[] = [];
  readonly aborted: string[] = [];
  readonly #clock: Clock;
  readonly #plan: (text: string, nth: number) => Speech;

  constructor(clock: Clock, plan: (text: string, nth: number) => Speech = () => ({})) {
    this.#clock = clock;
    this.#plan = plan;
  }

  async *speak({ text, signal }: Parameters<Synthesizer['speak']>[0]): AsyncGenerator<Sound> {
    const nth = this.asked.filter((one) => one === text).length;
    this.asked.push(text);
    signal.addEventListener('abort', () => this.aborted.push(text), { once: true });
    const {
      afterMs = 0,
      gapMs = 0,
      pieces = [mulawOf(text.length * 50, text.length)],
      ...end
    } = this.#plan(text, nth);
    for (const [index, piece] of pieces.entries()) {
      const pauseMs = index === 0 ? afterMs : gapMs;
      if (pauseMs > 0) await wait(this.#clock, pauseMs, signal);
      yield piece;
    }
    if (pieces.length === 0 && afterMs > 0) await wait(this.#clock, afterMs, signal);
    if (end.fails !== undefined) throw new Error(end.fails);
    if (end.hangs) await wait(this.#clock, 3_600_000, signal);
  }
}

/** Sound of a length, all its bytes alike. */
export function mulawOf(ms: number, byte = 0xff): Sound {
  return { encoding: 'mulaw', sampleRate: 8_000, bytes: new Uint8Array(ms * 8).fill(byte) };
}

/** Writes down what is asked of the lines: `say u1`, `sound u1 4` (the first byte), `finish u1`. */
export class FakeLines implements Lines {
  readonly asked: string[] = [];

  open({ sensitivity }: Parameters<Lines['open']>[0]): void {
    this.asked.push(`open ${sensitivity}`);
  }

  identify(_callId: string, carrierCallId: string): void {
    this.asked.push(`identify ${carrierCallId}`);
  }

  say(_callId: string, { id, interruptible }: Parameters<Lines['say']>[1]): void {
    this.asked.push(`say ${id}${interruptible ? '' : ' to its end'}`);
  }

  sound(_callId: string, utteranceId: string, { bytes }: Sound): void {
    this.asked.push(`sound ${utteranceId} ${bytes[0]}`);
  }

  keys(_callId: string, utteranceId: string, digits: string): void {
    this.asked.push(`keys ${utteranceId} ${digits}`);
  }

  finish(_callId: string, utteranceId: string): void {
    this.asked.push(`finish ${utteranceId}`);
  }

  drop(_callId: string, utteranceIds: readonly string[]): void {
    this.asked.push(`drop ${utteranceIds.join(' ')}`);
  }

  understood(_callId: string, text: string): void {
    this.asked.push(`understood ${text}`);
  }

  close(): void {
    this.asked.push('close');
  }

  /** What was asked since the last time. */
  take(): readonly string[] {
    return this.asked.splice(0);
  }
}

/** One run of the fake agent: the test writes its answer, letter by letter if it likes. */
export class FakeRun {
  readonly turn: AgentTurn;
  readonly answer: Promise<AgentAnswer>;
  #text = '';
  #end: (answer: AgentAnswer) => void = () => undefined;
  fail: (why: Error) => void = () => undefined;

  constructor(turn: AgentTurn) {
    this.turn = turn;
    this.answer = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.fail = reject;
      turn.signal.addEventListener('abort', () => reject(turn.signal.reason), { once: true });
    });
  }

  /** Begins a new message when `isNew`. */
  write(text: string, isNew = false): void {
    this.#text = isNew ? text : this.#text + text;
    this.turn.onText?.(this.#text);
  }

  /** The run is over; the answer is what was written last unless told otherwise. */
  end(...texts: readonly string[]): void {
    const all = texts.length === 0 ? [this.#text] : texts;
    this.#end({ payloads: all.map((text) => ({ text, isError: false, isReasoning: false })) });
  }
}

export class FakeAgent implements Agent {
  readonly runs: FakeRun[] = [];
  readonly released: string[] = [];

  reply(turn: AgentTurn): Promise<AgentAnswer> {
    const run = new FakeRun(turn);
    this.runs.push(run);
    return run.answer;
  }

  prewarm(): Promise<void> {
    return Promise.resolve();
  }

  release(callId: string): Promise<void> {
    this.released.push(callId);
    return Promise.resolve();
  }

  get latest(): FakeRun {
    const run = this.runs.at(-1);
    if (!run) throw new Error('the agent was not asked');
    return run;
  }
}
