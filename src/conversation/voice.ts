// Voice: our voice on one call: utterances become sound, in order, a little before it is needed.
import type { Call, Utterance } from '../call/call.ts';
import { CLIP_MS } from '../call/deadline.ts';
import { background } from '../lib/background.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Lines, Sound } from '../media/lines.ts';
import { wordsHeard } from './heard.ts';
import type { Synthesizer } from './ports.ts';
import { aheadMs, newSaying, type Piece, piecesOf, type Saying, spokenPieces } from './saying.ts';
import type { SoundCache } from './sound-cache.ts';
import { soundMs, synthesise, TooSlow, type Wanted } from './synthesis.ts';

/** Sound is made so far ahead of what is heard: more would be paid for and thrown away by an interruption. */
const AHEAD_MS = 10_000;
/** One is made while the one before is still coming. */
const AT_ONCE = 2;
const CLIP_ID = 'clip';

export interface VoiceDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly synthesizer: Synthesizer;
  readonly lines: Lines;
  readonly cache: SoundCache;
  /** A sentence that needs no synthesizer, for when it fails: "One moment, please." null when there is none. */
  readonly clip: (language: string) => Sound | null;
}

interface VoiceListener {
  /** The first sound of an utterance is there. */
  readonly onSound: (utteranceId: string) => void;
  /** We cannot speak on this call any more. Told once; `why` is safe to log. */
  readonly onFailed: (why: string) => void;
}

export class Voice {
  readonly #deps: VoiceDeps;
  readonly #call: Call;
  readonly #listener: VoiceListener;
  /** Given to the line and not over yet, in order. */
  readonly #sayings = new Map<string, Saying>();
  /** All that was ever given to it. */
  readonly #given = new Set<string>();
  #state: 'well' | 'clip' | 'failed' | 'closed' = 'well';
  #why = '';
  #cancel: Cancel = () => undefined;

  /** Only the id and the settings of `call` are used: they never change. */
  constructor(deps: VoiceDeps, call: Call, listener: VoiceListener) {
    this.#deps = deps;
    this.#call = call;
    this.#listener = listener;
  }

  /** Makes the sound of `text` before it is to be said. */
  prepare(text: string): void {
    background(this.#prepare(piecesOf(text, true)), 'preparing speech', this.#deps.log);
  }

  async #prepare(pieces: readonly string[]): Promise<void> {
    // Not stopped with the call: the next one will say the same.
    const { signal } = new AbortController();
    for (const piece of pieces) {
      const make = (): AsyncIterable<Sound> => synthesise(this.#deps, this.#wanted(piece, signal));
      await this.#deps.cache.prepare(this.#key(piece), make);
    }
  }

  /** Says it after everything that was given before; what was given once is not said again. */
  say({ id, text, digits }: Utterance, interruptible: boolean): void {
    if (this.#state !== 'well' || this.#given.has(id)) return;
    const { lines } = this.#deps;
    const isFirst = this.#pieces.length === 0;
    const saying = newSaying(id, digits === null ? text : null, isFirst);
    this.#given.add(id);
    this.#sayings.set(id, saying);
    lines.say(this.#call.id, { id, interruptible });
    if (digits !== null) lines.keys(this.#call.id, id, digits);
    if (saying.pieces.length === 0) lines.finish(this.#call.id, id);
    this.#pump();
  }

  /** What is given to the line and not over. */
  get sayings(): readonly string[] {
    return [...this.#sayings.keys()];
  }

  /** What is being heard; null when nothing is. */
  get playing(): string | null {
    const [first] = this.#sayings.values();
    return first && first.beganAt !== null ? first.id : null;
  }

  /** These are not wanted any more. */
  drop(ids: readonly string[]): void {
    const known = ids.filter((id) => this.#forget(id));
    if (known.length > 0) this.#deps.lines.drop(this.#call.id, known);
    this.#pump();
  }

  /** The line began to play it. */
  began(id: string): void {
    const saying = this.#sayings.get(id);
    if (saying) saying.beganAt ??= this.#deps.clock.now();
    this.#pump();
  }

  /** How much sound is made of it so far, ms; null when only the line knows, or it is none of the call's utterances. */
  soundMs(id: string): number | null {
    const pieces = this.#sayings.get(id)?.pieces;
    if (!pieces || pieces.length === 0 || pieces.some(({ ms }) => ms === null)) return null;
    return Math.round(pieces.reduce((sum, { ms }) => sum + (ms ?? 0), 0));
  }

  /** It was heard to its end. False: it is none of the call's utterances. */
  played(id: string): boolean {
    if (id === CLIP_ID) this.#fail();
    const isKnown = this.#forget(id);
    this.#pump();
    return isKnown;
  }

  /** It was interrupted after `heardMs`: gives the words that were heard; all that waited is forgotten. */
  cut(id: string, heardMs: number): string {
    const saying = this.#sayings.get(id);
    const gone = this.sayings.filter((one) => this.#forget(one));
    // The line may have been told of some of them after it was interrupted, and would wait for their sound.
    if (gone.length > 0) this.#deps.lines.drop(this.#call.id, gone);
    return saying ? wordsHeard(spokenPieces(saying), heardMs) : '';
  }

  /** The line cannot play what the synthesizer made: neither will it the next time. */
  unplayable(why: string): void {
    const [first] = this.#sayings.values();
    for (const { text } of first?.pieces ?? []) this.#deps.cache.forget(this.#key(text));
    if (this.#state === 'clip') this.#fail();
    else this.#giveUp(why);
  }

  close(): void {
    this.#state = 'closed';
    this.#cancel();
    for (const id of this.sayings) this.#forget(id);
  }

  #forget(id: string): boolean {
    this.#sayings.get(id)?.abort.abort(new Error('not wanted any more'));
    return this.#sayings.delete(id);
  }

  get #pieces(): readonly Piece[] {
    return [...this.#sayings.values()].flatMap(({ pieces }) => pieces);
  }

  /** Starts what may be started; comes back by itself when there will be room for more. */
  #pump(): void {
    if (this.#state !== 'well') return;
    this.#cancel();
    const { clock } = this.#deps;
    for (;;) {
      const pieces = this.#pieces;
      const next = pieces.find(({ state }) => state === 'waiting');
      if (!next || pieces.filter(({ state }) => state === 'making').length >= AT_ONCE) break;
      const tooFarMs = aheadMs(this.#sayings.values(), clock.now()) - AHEAD_MS;
      if (tooFarMs >= 0) {
        if (this.playing !== null) this.#cancel = clock.at(clock.now() + tooFarMs + 1, () => this.#pump());
        break;
      }
      next.state = 'making';
      background(this.#make(next), 'making speech', this.#deps.log);
    }
    this.#checkFailure();
  }

  /** Makes one piece; what failed is tried once more, from the word where it broke off. */
  async #make(piece: Piece): Promise<void> {
    const { signal } = piece.saying.abort;
    const { log } = this.#deps;
    let why = '';
    for (let tried = 1; tried <= 2 && piece.state === 'making'; tried++) {
      try {
        await this.#fill(piece, signal);
        piece.state = 'made';
      } catch (error) {
        if (signal.aborted) return;
        why = reasonOf(error);
        log.warn('a sentence could not be spoken', { callId: this.#call.id, why, tried });
        // Who has waited that long is not made to wait as long again.
        if (error instanceof TooSlow) break;
      }
    }
    if (signal.aborted) return;
    if (piece.state !== 'made') {
      piece.state = 'failed';
      this.#why = why;
    }
    this.#hand(piece.saying);
    this.#pump();
  }

  /** What is still missing of it. */
  async #fill(piece: Piece, signal: AbortSignal): Promise<void> {
    const said = wordsHeard([{ text: piece.text, ms: null }], piece.ms ?? 0);
    const text = piece.text.slice(said.length).trim();
    if (text !== '') for await (const sound of this.#soundsOf(text, signal)) this.#sound(piece, sound);
  }

  #soundsOf(text: string, signal: AbortSignal): AsyncIterable<Sound> {
    const { cache, clock, synthesizer } = this.#deps;
    const wanted = this.#wanted(text, signal);
    const cached = cache.find(this.#key(text));
    // What is still being prepared has the same deadlines as what is made now.
    return synthesise(
      { clock, synthesizer: cached === null ? synthesizer : { speak: () => cached } },
      wanted,
    );
  }

  #wanted(text: string, signal: AbortSignal): Wanted {
    const { language, tts, numberRoute } = this.#call.settings;
    return { callId: this.#call.id, text, language, tts, numberRoute, signal };
  }

  #key(text: string): string {
    const { language, tts, numberRoute } = this.#call.settings;
    return JSON.stringify([text, language, tts, numberRoute]);
  }

  #sound(piece: Piece, sound: Sound): void {
    const { saying } = piece;
    if (saying.abort.signal.aborted) return;
    const ms = soundMs(sound);
    piece.ms = piece.ms === null || ms === null ? null : piece.ms + ms;
    piece.early.push(sound);
    if (!saying.hasSound) {
      saying.hasSound = true;
      this.#listener.onSound(saying.id);
    }
    this.#hand(saying);
  }

  /** Hands the line what is there of an utterance, up to the first piece that is not complete. */
  #hand({ id, pieces }: Saying): void {
    const { lines } = this.#deps;
    for (const piece of pieces) {
      for (const sound of piece.early.splice(0)) lines.sound(this.#call.id, id, sound);
      if (piece.state !== 'made') return;
    }
    lines.finish(this.#call.id, id);
  }

  /** A piece failed: what was made before it is still heard, then we cannot go on. */
  #checkFailure(): void {
    const [first] = this.#sayings.values();
    if (first?.pieces.some(({ state }) => state === 'failed')) this.#giveUp(this.#why);
  }

  #giveUp(why: string): void {
    if (this.#state !== 'well') return;
    const { lines, clock, clip } = this.#deps;
    this.#why = why;
    this.#state = 'clip';
    this.#cancel();
    const ids = this.sayings.filter((id) => this.#forget(id));
    if (ids.length > 0) lines.drop(this.#call.id, ids);
    const sound = clip(this.#call.settings.language);
    if (sound === null) {
      this.#fail();
      return;
    }
    lines.say(this.#call.id, { id: CLIP_ID, interruptible: false });
    lines.sound(this.#call.id, CLIP_ID, sound);
    lines.finish(this.#call.id, CLIP_ID);
    this.#cancel = clock.at(clock.now() + CLIP_MS, () => this.#fail());
  }

  #fail(): void {
    if (this.#state !== 'clip') return;
    this.#state = 'failed';
    this.#cancel();
    this.#listener.onFailed(this.#why);
  }
}
