// ModelSession: a voice model that stays: opened while the phone rings, opened again when it breaks, fed without loss.
import { background } from '../lib/background.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { BYTES_PER_MS } from '../media/frame.ts';
import type { ToolCall, VoiceModel, VoiceModelCall, VoiceModelSession } from './voice-model.ts';
import { WaitingSound } from './waiting-sound.ts';

/** How long a session may take to connect: it is opened while the phone rings. */
const CONNECT_MS = 6_000;
/** A caller who is on the line waits no longer for a session; then we do without. */
const PATIENCE_MS = 6_000;
/** Pauses before the next session. After the last one we do without. */
const RETRY_MS: readonly number[] = [0, 500];
/** One that lived so long was well: what breaks now is not what broke before. */
const WELL_MS = 60_000;
/** What the caller says while there is no session is heard by the next one. */
const WAITING_MS = 15_000;
/** What a caller can press while there is no session. */
const MAX_TELLS = 20;

interface SessionDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly model: VoiceModel;
}

/** What it is opened with; the instructions are made anew each time. */
export interface SessionInit extends Omit<VoiceModelCall, 'instructions'> {
  readonly instructions: () => Promise<string>;
}

/** `session` counts the sessions of the call, from 1. Nothing of an older session is told once a newer one is wanted. */
export interface SessionListener {
  /** It can hear and speak. `isAgain`: after one that broke. */
  readonly onReady: (isAgain: boolean) => void;
  /** The ids of replies are unique within the call. */
  readonly onSound: (replyId: string, mulaw: Uint8Array) => void;
  readonly onReplyOver: (replyId: string) => void;
  readonly onInterrupted: () => void;
  readonly onHeard: (text: string, isFinal: boolean) => void;
  readonly onSaid: (text: string, isFinal: boolean) => void;
  readonly onTool: (call: ToolCall, session: number) => void;
  readonly onToolWithdrawn: (id: string, session: number) => void;
  /** It broke and is opened again. */
  readonly onBroken: () => void;
  /** There will be no session any more: it broke too often, or the provider ended it on purpose. */
  readonly onGone: (why: string, isOver: boolean) => void;
}

export class ModelSession {
  readonly #deps: SessionDeps;
  readonly #init: SessionInit;
  readonly #listener: SessionListener;
  readonly #waiting = new WaitingSound(WAITING_MS);
  readonly #tells: string[] = [];
  #session: VoiceModelSession | null = null;
  #state: 'opening' | 'ready' | 'gone' = 'opening';
  #nth = 0;
  #breaks = 0;
  #openedAt = 0;
  /** Sound of the caller since their first media stream began. */
  #heardBytes = 0;
  #cancel: Cancel = () => undefined;
  #isNeeded = false;
  #cancelPatience: Cancel = () => undefined;

  /** Opens the first session at once. */
  constructor(deps: SessionDeps, init: SessionInit, listener: SessionListener) {
    this.#deps = deps;
    this.#init = init;
    this.#listener = listener;
    this.#open();
  }

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  get isGone(): boolean {
    return this.#state === 'gone';
  }

  /** The provider notices interruptions by itself; false as long as it is not known. */
  get interruptsItself(): boolean {
    return this.#session?.interruptsItself ?? false;
  }

  /** Somebody is on the line now. */
  needed(): void {
    if (this.#isNeeded) return;
    this.#isNeeded = true;
    if (this.#state === 'opening') this.#wait();
  }

  /** Sound of the caller, in order. */
  hear(mulaw: Uint8Array): void {
    if (this.#state === 'gone') return;
    this.#heardBytes += mulaw.length;
    if (this.#state === 'ready') this.#hear(mulaw, this.#heardBytes - mulaw.length);
    else this.#waiting.push(mulaw);
  }

  /** Only once it is ready. */
  instruct(instruction: string): void {
    this.#use((session) => session.instruct(instruction));
  }

  /** What the caller did that cannot be heard; waits for a session. */
  tell(words: string): void {
    if (this.#state === 'ready') this.#use((session) => session.tell(words));
    else if (this.#state === 'opening' && this.#tells.length < MAX_TELLS) this.#tells.push(words);
  }

  /** False: the session that asked is gone. */
  toolResult(
    session: number,
    id: string,
    result: Readonly<Record<string, unknown>>,
    isProgress: boolean,
  ): boolean {
    if (session !== this.#nth || this.#state !== 'ready') return false;
    this.#use((present) => present.toolResult(id, result, isProgress));
    return true;
  }

  interrupted(heardMs: number): void {
    this.#use((session) => session.interrupted(heardMs));
  }

  /** It does not do what it should, which has taken its time to notice: one more is tried. */
  giveUp(why: string): void {
    if (this.#state !== 'gone') this.#broken(why, Math.max(this.#breaks, RETRY_MS.length - 1));
  }

  close(): void {
    this.#state = 'gone';
    this.#cancel();
    this.#cancelPatience();
    this.#session?.close();
    this.#session = null;
  }

  #wait(): void {
    const { clock } = this.#deps;
    this.#cancelPatience();
    this.#cancelPatience = clock.at(clock.now() + PATIENCE_MS, () =>
      this.#end('it did not connect while the caller waited', false),
    );
  }

  #open(): void {
    const { clock, log } = this.#deps;
    const nth = ++this.#nth;
    const isPresent = (): boolean => nth === this.#nth && this.#state !== 'gone';
    this.#state = 'opening';
    this.#openedAt = clock.now();
    this.#cancel = clock.at(clock.now() + CONNECT_MS, () => this.#broken('it did not connect in time'));
    background(this.#opened(nth, isPresent), 'opening a voice model', log);
  }

  async #opened(nth: number, isPresent: () => boolean): Promise<void> {
    try {
      await this.#connect(nth, isPresent);
    } catch (error) {
      if (isPresent()) this.#broken(reasonOf(error));
      return;
    }
    if (isPresent()) this.#ready(nth);
  }

  async #connect(nth: number, isPresent: () => boolean): Promise<void> {
    const instructions = await this.#init.instructions();
    if (!isPresent()) return;
    const told = (tell: () => void): void => {
      if (isPresent()) tell();
    };
    const { onSound, onReplyOver, onInterrupted, onHeard, onSaid, onTool, onToolWithdrawn } = this.#listener;
    this.#session = this.#deps.model.open(
      { ...this.#init, instructions },
      {
        onSound: (replyId, mulaw) => told(() => onSound(`${nth}:${replyId}`, mulaw)),
        onReplyOver: (replyId) => told(() => onReplyOver(`${nth}:${replyId}`)),
        onInterrupted: () => told(onInterrupted),
        onHeard: (text, isFinal) => told(() => onHeard(text, isFinal)),
        onSaid: (text, isFinal) => told(() => onSaid(text, isFinal)),
        onTool: (call) => told(() => onTool(call, nth)),
        onToolWithdrawn: (id) => told(() => onToolWithdrawn(id, nth)),
        onGone: (why, isOver) => told(() => this.#gone(why, isOver)),
      },
    );
    await this.#session.ready;
  }

  #ready(nth: number): void {
    this.#cancel();
    this.#cancelPatience();
    this.#state = 'ready';
    if (this.#waiting.lostMs > 0) {
      const lostMs = Math.round(this.#waiting.lostMs);
      this.#deps.log.warn('some of the caller was not heard', { callId: this.#init.callId, lostMs });
    }
    const waiting = this.#waiting.take();
    let from = this.#heardBytes - waiting.reduce((bytes, { length }) => bytes + length, 0);
    for (const mulaw of waiting) {
      // It may break while it is told.
      if (this.#state === 'ready') this.#hear(mulaw, from);
      else this.#waiting.push(mulaw);
      from += mulaw.length;
    }
    for (const words of this.#tells.splice(0)) this.tell(words);
    if (nth === this.#nth && this.#state === 'ready') this.#listener.onReady(nth > 1);
  }

  #hear(mulaw: Uint8Array, fromBytes: number): void {
    this.#use((session) => session.hear(mulaw, fromBytes / BYTES_PER_MS));
  }

  /** A session that throws is a broken one. */
  #use(what: (session: VoiceModelSession) => void): void {
    const session = this.#session;
    if (!session || this.#state !== 'ready') return;
    try {
      what(session);
    } catch (error) {
      this.#broken(reasonOf(error));
    }
  }

  /** What ends on purpose before it was ready, or while nobody is on the line yet, is opened again like any other. */
  #gone(why: string, isOver: boolean): void {
    if (!isOver || this.#state !== 'ready' || this.#heardBytes === 0) this.#broken(why);
    else this.#end(why, true);
  }

  #broken(why: string, before = this.#wasWell ? 0 : this.#breaks): void {
    const { clock, log } = this.#deps;
    const wasReady = this.#state === 'ready';
    this.#drop();
    this.#breaks = before + 1;
    log.warn('the voice model broke', { callId: this.#init.callId, why, count: this.#breaks });
    const pauseMs = RETRY_MS[this.#breaks - 1];
    if (pauseMs === undefined) {
      this.#end(why, false);
      return;
    }
    if (this.#isNeeded && wasReady) this.#wait();
    this.#cancel = clock.at(clock.now() + pauseMs, () => this.#open());
    this.#listener.onBroken();
  }

  get #wasWell(): boolean {
    return this.#state === 'ready' && this.#deps.clock.now() - this.#openedAt >= WELL_MS;
  }

  /** Whatever this session still tells is about a past. */
  #drop(): void {
    this.#cancel();
    this.#nth += 1;
    this.#state = 'opening';
    this.#session?.close();
    this.#session = null;
  }

  #end(why: string, isOver: boolean): void {
    this.#drop();
    this.#cancelPatience();
    this.#state = 'gone';
    this.#waiting.take();
    this.#listener.onGone(why, isOver);
  }
}
