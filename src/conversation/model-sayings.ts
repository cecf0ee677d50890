// ModelSayings: what the call wants said on a line that a voice model speaks on: one thing at a time, each followed.
import type { Call, Utterance } from '../call/call.ts';
import { isInterruptible, utterancesToPlay } from '../call/instruction.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Lines } from '../media/lines.ts';
import { guessedMs, wordsHeard } from './heard.ts';
import { instruct } from './model-prompt.ts';
import type { Reply } from './model-reply.ts';
import { resembles } from './model-words.ts';

/** A model that says nothing so long after it was told to does not speak. */
const MUTE_MS = 4_000;
/** And for a word in between, after which somebody else says one. */
const NOTE_MUTE_MS = 2_000;
/** The model may finish what it says, for so long; then the call takes the floor. */
const FINISH_MS = 8_000;
/** So long is a caller who speaks not spoken over. */
const POLITE_MS = 3_000;
const MAX_TRIES = 2;

interface SayingsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly lines: Lines;
  readonly callId: string;
}

export interface SayingsStage {
  readonly isReady: () => boolean;
  /** Nothing of the model is being heard or made. */
  readonly isIdle: () => boolean;
  readonly isCallerSpeaking: () => boolean;
  /** The agent is being asked: some models cannot speak until they have its answer. */
  readonly isAsking: () => boolean;
  readonly instruct: (instruction: string) => void;
  /** Stops what the model says. */
  readonly takeFloor: () => void;
  readonly onPlayed: (utteranceId: string) => void;
  /** `heard`: its words that were heard; '' when none were. */
  readonly onCut: (utteranceId: string, heard: string) => void;
  /** The model was told to say something, and does not. */
  readonly onMute: () => void;
  /** It does not even say that one has to wait. */
  readonly onSilent: () => void;
}

/** Something the model is to say: words of the call, or an instruction of ours. */
type Wish =
  | { readonly kind: 'utterance'; readonly utterance: Utterance; readonly since: number }
  | { readonly kind: 'note'; readonly instruction: string; readonly since: number; readonly must: boolean };

export class ModelSayings {
  readonly #deps: SayingsDeps;
  readonly #stage: SayingsStage;
  #call: Call;
  #wanted: readonly Utterance[] = [];
  #notes: readonly Extract<Wish, { kind: 'note' }>[] = [];
  readonly #done = new Set<string>();
  readonly #tries = new Map<string, number>();
  /** When each was wanted first. */
  readonly #since = new Map<string, number>();
  /** What the model was told to say, or the keys that sound; `isBegun`: its reply has. */
  #current: { readonly wish: Wish; isBegun: boolean } | null = null;
  #cancelMute: Cancel = () => undefined;
  #cancelWait: Cancel = () => undefined;

  constructor(deps: SayingsDeps, stage: SayingsStage, call: Call) {
    this.#deps = deps;
    this.#stage = stage;
    this.#call = call;
  }

  /** Keys are being pressed before anything was said: what is heard is a machine that asks for them. */
  get isDialling(): boolean {
    const [first] = this.#wanted;
    return (
      first !== undefined && first.digits !== null && this.#call.turns.length === 0 && !this.#hasSpoken()
    );
  }

  /** Something waits to be said, or is being said. */
  get isBusy(): boolean {
    return this.#current !== null || this.#next() !== null;
  }

  follow(call: Call): void {
    this.#call = call;
    this.#wanted = utterancesToPlay(call);
    const current = this.#utterance;
    if (current && !this.#wanted.some(({ id }) => id === current.id)) this.#forget(current);
    this.pump();
  }

  /** An instruction of ours, said as soon as there is room; `must`: tried again. */
  note(instruction: string, must: boolean): void {
    if (!must && (this.isBusy || !this.#stage.isIdle() || !this.#stage.isReady())) return;
    this.#notes = [...this.#notes, { kind: 'note', instruction, since: this.#deps.clock.now(), must }];
    this.pump();
  }

  /** A reply of the model begins: is it what it was told to say? */
  claim(): { readonly utterance: Utterance | null; readonly isVital: boolean } {
    const current = this.#current;
    if (!current || current.isBegun) return { utterance: null, isVital: false };
    this.#cancelMute();
    if (current.wish.kind === 'note') {
      this.#current = null;
      return { utterance: null, isVital: false };
    }
    current.isBegun = true;
    const { utterance } = current.wish;
    return { utterance, isVital: !isInterruptible(this.#call, utterance) };
  }

  /** A reply is over for the caller. True: it was the call's, and is on record already. */
  ended(reply: Reply, heardMs: number, isCut: boolean): boolean {
    const { utterance, words } = reply;
    if (utterance === null) return false;
    if (this.#utterance?.id !== utterance.id) return true;
    this.#current = null;
    const isGreeting = this.#isGreeting(utterance);
    const isIt = isGreeting || words === '' || resembles(words, utterance.text);
    const heard = isCut ? heardOf(reply, utterance, heardMs) : utterance.text;
    const isLost = !isIt || (heard === '' && !isGreeting && this.#call.leaving === null);
    if (isLost && this.#try(utterance) < MAX_TRIES) return isIt;
    this.#done.add(utterance.id);
    if (isIt && !isCut) this.#stage.onPlayed(utterance.id);
    else this.#stage.onCut(utterance.id, isIt ? heard : '');
    return isIt;
  }

  /** Keys were heard, or could not be played. */
  keysOver(utteranceId: string, wereHeard: boolean): void {
    if (this.#utterance?.id !== utteranceId) return;
    this.#current = null;
    this.#done.add(utteranceId);
    if (wereHeard) this.#stage.onPlayed(utteranceId);
    else this.#stage.onCut(utteranceId, '');
    this.pump();
  }

  /** The session broke: what it was told and has not begun to say is told to the next one. */
  broken(): void {
    this.#cancelMute();
    if (this.#current && !this.#current.isBegun && !isKeys(this.#current.wish)) this.#current = null;
  }

  /** There is no voice any more: what the call wants said, and does not sound already, is given back unheard. */
  giveBack(): void {
    const sounding = this.#current?.isBegun ? this.#current : null;
    this.close();
    this.#current = sounding;
    for (const { id } of this.#wanted) {
      if (id === this.#utterance?.id || this.#done.has(id)) continue;
      this.#done.add(id);
      this.#stage.onCut(id, '');
    }
  }

  close(): void {
    this.#cancelMute();
    this.#cancelWait();
    this.#current = null;
    this.#notes = [];
  }

  /** Says the next thing, if it may be said now; to be asked whenever something has changed. */
  pump(): void {
    this.#cancelWait();
    if (this.#current) return;
    const wish = this.#next();
    if (!wish || (!isKeys(wish) && !this.#stage.isReady())) return;
    const waitMs = this.#waitMs(wish);
    if (waitMs > 0) {
      const { clock } = this.#deps;
      this.#cancelWait = clock.at(clock.now() + waitMs, () => this.pump());
      return;
    }
    this.#current = { wish, isBegun: isKeys(wish) };
    if (!this.#stage.isIdle()) this.#stage.takeFloor();
    this.#begin(wish);
  }

  get #utterance(): Utterance | null {
    return this.#current?.wish.kind === 'utterance' ? this.#current.wish.utterance : null;
  }

  #next(): Wish | null {
    const utterance = this.#wanted.find(({ id }) => !this.#done.has(id));
    if (!utterance) return this.#notes[0] ?? null;
    const since = this.#since.get(utterance.id) ?? this.#deps.clock.now();
    this.#since.set(utterance.id, since);
    return { kind: 'utterance', utterance, since };
  }

  /** How long it has to wait for others to finish, ms; 0: not any more. */
  #waitMs(wish: Wish): number {
    const waitedMs = this.#deps.clock.now() - wish.since;
    const isUrgent =
      this.#call.leaving !== null || (wish.kind === 'utterance' && this.#isGreeting(wish.utterance));
    if (isUrgent) return 0;
    const polite = this.#stage.isCallerSpeaking() && !isKeys(wish) ? POLITE_MS - waitedMs : 0;
    const busy = this.#stage.isIdle() ? 0 : FINISH_MS - waitedMs;
    return Math.max(0, polite, busy);
  }

  #begin(wish: Wish): void {
    const { clock, lines, callId } = this.#deps;
    if (wish.kind === 'note') this.#notes = this.#notes.filter((note) => note !== wish);
    else if (wish.utterance.digits !== null) {
      const { id, digits } = wish.utterance;
      lines.say(callId, { id, interruptible: false });
      lines.keys(callId, id, digits);
      lines.finish(callId, id);
      return;
    }
    const muteMs = wish.kind === 'note' && !wish.must ? NOTE_MUTE_MS : MUTE_MS;
    this.#cancelMute = clock.at(clock.now() + muteMs, () => this.#mute(wish));
    this.#stage.instruct(this.#instruction(wish));
  }

  #instruction(wish: Wish): string {
    if (wish.kind === 'note') return wish.instruction;
    const { utterance } = wish;
    return this.#isGreeting(utterance) ? instruct.greeting(utterance.text) : instruct.words(utterance.text);
  }

  #mute(wish: Wish): void {
    this.#current = null;
    const isAsking = this.#stage.isAsking();
    if (wish.kind === 'note') {
      if (wish.must) this.#notes = [{ ...wish, must: false }, ...this.#notes];
      else if (isAsking) this.#stage.onSilent();
    } else if (isAsking) {
      this.#done.add(wish.utterance.id);
      this.#stage.onCut(wish.utterance.id, '');
    }
    if (isAsking || (wish.kind === 'note' && !wish.must)) this.pump();
    else this.#stage.onMute();
  }

  /** It is not wanted any more. */
  #forget(utterance: Utterance): void {
    const { lines, callId } = this.#deps;
    const isBegun = this.#current?.isBegun ?? false;
    this.#cancelMute();
    this.#current = null;
    this.#done.add(utterance.id);
    if (utterance.digits !== null) lines.drop(callId, [utterance.id]);
    else if (isBegun) this.#stage.takeFloor();
  }

  #try(utterance: Utterance): number {
    const tries = (this.#tries.get(utterance.id) ?? 0) + 1;
    this.#tries.set(utterance.id, tries);
    return tries;
  }

  #isGreeting({ text }: Utterance): boolean {
    const { settings, turns, transcript } = this.#call;
    if (text !== settings.greeting || turns.length > 0) return false;
    return transcript.filter((entry) => entry.speaker === 'agent' && entry.text === text).length <= 1;
  }

  #hasSpoken(): boolean {
    return this.#call.transcript.some((entry) => entry.speaker === 'caller' || entry.outcome !== 'playing');
  }
}

function isKeys(wish: Wish): boolean {
  return wish.kind === 'utterance' && wish.utterance.digits !== null;
}

/** The words of the utterance that were heard; of a reply that broke off only the beginning was ever made. */
function heardOf(reply: Reply, { text }: Utterance, heardMs: number): string {
  const { isOver, isBrokenOff, receivedMs } = reply;
  const ms = isOver && !isBrokenOff ? receivedMs : Math.max(receivedMs, guessedMs(text));
  return wordsHeard([{ text, ms }], heardMs);
}
