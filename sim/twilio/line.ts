// Line: runs TwiML on one call, on the clock: speaks, waits, listens, fetches the next document, hangs up.
import { listening } from '../media/listening.ts';
import type { MediaStream } from '../media/stream.ts';
import { openTwilioStream } from '../media/twilio-stream.ts';
import { lengthMs, wordSound } from '../media/word-code.ts';
import { pause, unlessAborted } from '../pause.ts';
import { Attendance, type Mouthpiece, type Utterance } from './attendance.ts';
import { gatherRules, isTrue, playedMs, seconds, times } from './attributes.ts';
import type { TwinCall, World } from './call.ts';
import type { Caller } from './caller.ts';
import { Gather, type GatherResult } from './gather.ts';
import type { Heard } from './ledger.ts';
import { ApplicationError, type Desk, openPage, type Page, type Program, resolveUrl } from './page.ts';
import type { Params } from './signature.ts';
import { type Element, UNSIMULATED_VERBS } from './twiml.ts';

/** What a verb leads to: another document, the end of the call, or (nothing) the next verb. */
type Outcome = Program | 'ended' | undefined;

/** Documents fetched without any time passing before it is called a loop. */
const MOST_AT_ONE_INSTANT = 50;
const APOLOGY = 'We are sorry, an application error has occurred. Goodbye.';

export class Line implements Mouthpiece {
  readonly #world: World;
  readonly #call: TwinCall;
  readonly #person: Attendance;
  #run = new AbortController();
  #gather: Gather | undefined;
  #stream: MediaStream | undefined;
  #speech: Utterance | undefined;
  #pages = { at: 0, count: 0 };

  constructor(world: World, call: TwinCall, caller: Caller) {
    this.#world = world;
    this.#call = call;
    this.#person = new Attendance(world, { call, caller }, this);
  }

  /** The person picked up, or the call was answered. */
  connected(): void {
    this.#person.connected();
  }

  /** Runs a program; whatever ran before is interrupted. */
  run(program: Program): void {
    this.#run.abort(new Error('the running TwiML was replaced'));
    this.#run = new AbortController();
    const signal = AbortSignal.any([this.#run.signal, this.#call.ended]);
    this.#program(program, signal).catch((error: unknown) => {
      if (!signal.aborted) this.#world.ledger.problem('unexpected', String(error), this.#call.sid);
    });
  }

  /** Keys sent into the line right after the answer. */
  async sendDigits(digits: string): Promise<void> {
    if (digits !== '') await this.#playDigits(digits, this.#call.ended);
  }

  speechMs(text: string, sound: Uint8Array | undefined): number | undefined {
    if (!this.#stream) return undefined;
    return sound ? sound.length / 8 : lengthMs(text);
  }

  speechBegan(speech: Utterance): void {
    this.#speech = speech;
    this.#gather?.speechBegan(speech);
    if (this.#stream) this.#call.mouth.play(speech.sound ?? wordSound(speech.text), speech.from);
  }

  speechEnded(speech: Utterance): void {
    this.#speech = undefined;
    this.#gather?.speechEnded(speech);
    if (this.#stream?.isOpen) speech.said.caught = true;
  }

  pressed(digit: string): boolean {
    if (this.#stream?.isOpen) {
      this.#stream.press(digit);
      return true;
    }
    return this.#gather?.pressed(digit) ?? false;
  }

  get #desk(): Desk {
    return { world: this.#world, call: this.#call };
  }

  async #program(first: Program, signal: AbortSignal): Promise<void> {
    try {
      let next: Outcome = first;
      while (next !== undefined && next !== 'ended') next = await this.#document(next, signal);
      if (next === undefined) this.#answer();
      this.#call.finish({ status: 'completed', by: 'plugin', why: 'the TwiML document ended' });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApplicationError)) throw error;
      await this.#apologize(error, signal);
    }
  }

  async #apologize(error: ApplicationError, signal: AbortSignal): Promise<void> {
    this.#answer();
    await this.#utter({ kind: 'say', text: APOLOGY, ms: this.#speechMs(APOLOGY) }, signal).catch(
      () => undefined,
    );
    if (signal.aborted) return;
    this.#call.finish({ status: 'completed', by: 'carrier', why: error.message, code: error.code });
  }

  async #document(program: Program, signal: AbortSignal): Promise<Outcome> {
    this.#countPage();
    const page = await openPage(this.#desk, program, signal);
    for (const verb of page.verbs) {
      const outcome = await this.#verb(verb, page, signal);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  }

  #countPage(): void {
    const now = this.#world.clock.now();
    this.#pages = { at: now, count: this.#pages.at === now ? this.#pages.count + 1 : 1 };
    if (this.#pages.count > MOST_AT_ONE_INSTANT)
      throw new ApplicationError(12400, 'documents loop without pause');
  }

  async #verb(verb: Element, page: Page, signal: AbortSignal): Promise<Outcome> {
    if (UNSIMULATED_VERBS.includes(verb.name)) return this.#refuse(verb);
    if (!['Reject', 'Pause', 'Redirect'].includes(verb.name)) this.#answer();
    switch (verb.name) {
      case 'Gather':
        return this.#listen(verb, page, signal);
      case 'Redirect':
        return this.#fetch('redirect', {
          url: resolveUrl(page, verb.text),
          method: verb.attributes['method'],
        });
      case 'Reject':
        return this.#reject(verb);
      case 'Connect':
        await this.#carry(verb, page, signal);
        return undefined;
      case 'Hangup':
        return this.#end('completed', '<Hangup>');
      default:
        await this.#voice(verb, page, signal);
        return undefined;
    }
  }

  /** An inbound call is answered by the first verb that needs it. */
  #answer(): void {
    if (this.#call.direction !== 'inbound' || this.#call.status !== 'ringing') return;
    this.#call.become('in-progress');
    this.connected();
  }

  #end(status: 'completed' | 'busy' | 'no-answer', why: string): 'ended' {
    this.#call.finish({ status, by: 'plugin', why });
    return 'ended';
  }

  #reject(verb: Element): 'ended' {
    const isBusy = verb.attributes['reason'] === 'busy';
    if (this.#call.status === 'ringing') return this.#end(isBusy ? 'busy' : 'no-answer', '<Reject>');
    this.#world.ledger.problem(
      12200,
      '<Reject> works only as the first verb of an unanswered call',
      this.#call.sid,
    );
    return this.#end('completed', '<Reject> of an answered call');
  }

  #refuse(verb: Element): 'ended' {
    const inner = verb.children.map(({ name }) => `<${name}>`).join('');
    const why = `<${verb.name}>${inner} is not simulated by this twin`;
    this.#world.ledger.problem('not-simulated', why, this.#call.sid);
    this.#call.finish({ status: 'completed', by: 'carrier', why });
    return 'ended';
  }

  #fetch(
    hook: 'redirect' | 'action',
    target: { readonly url: string; readonly method: string | undefined },
    more: Params = [],
  ): Program {
    return { kind: 'fetch', hook, url: target.url, method: target.method === 'GET' ? 'GET' : 'POST', more };
  }

  /** Say, Play and Pause: what may also stand in a Gather. */
  async #voice(verb: Element, page: Page, signal: AbortSignal): Promise<void> {
    if (verb.name === 'Pause') return pause(this.#world.clock, seconds(verb, 'length', 1), signal);
    const digits = verb.attributes['digits'];
    if (digits !== undefined) return this.#playDigits(digits, signal);
    if (verb.text === '') return;
    const isPlay = verb.name === 'Play';
    const text = isPlay ? resolveUrl(page, verb.text) : verb.text;
    const ms = isPlay ? await this.#audioMs(text, signal) : this.#speechMs(text);
    if (ms === undefined) return;
    const kind = isPlay ? 'play' : 'say';
    for (let round = 0; round < times(verb); round++) await this.#utter({ kind, text, ms }, signal);
  }

  #speechMs(text: string): number {
    return text.length * this.#world.settings.msPerChar;
  }

  /** Undefined, with a problem noted, when there is nothing to play. */
  async #audioMs(url: string, signal: AbortSignal): Promise<number | undefined> {
    const hook = { kind: 'play', callSid: this.#call.sid, url, method: 'GET', params: [] } as const;
    const delivery = await this.#world.postman.send(hook);
    signal.throwIfAborted();
    if (delivery.ok) return playedMs(delivery.answer, this.#world.settings.playMs);
    if (!delivery.byFault) this.#world.ledger.problem(delivery.code, delivery.why, this.#call.sid);
    return undefined;
  }

  #playDigits(digits: string, signal: AbortSignal): Promise<void> {
    const gaps: Readonly<Record<string, number>> = { w: 500, W: 1000 };
    const { digitMs } = this.#world.settings;
    const ms = [...digits].reduce((sum, digit) => sum + (gaps[digit] ?? digitMs), 0);
    return this.#utter({ kind: 'digits', text: digits, ms }, signal);
  }

  /** The person hears it, whole or up to where it was cut. */
  async #utter(
    sound: { readonly kind: Heard['kind']; readonly text: string; readonly ms: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#world;
    const { kind, text: whole } = sound;
    const from = clock.now();
    try {
      await pause(clock, sound.ms, signal);
      this.#person.hears({ kind, text: whole, whole, from, to: clock.now(), cut: false });
    } catch (reason) {
      const to = clock.now();
      const text =
        kind === 'play' ? whole : whole.slice(0, Math.floor((whole.length * (to - from)) / sound.ms));
      if (to > from) this.#person.hears({ kind, text, whole, from, to, cut: true });
      throw reason;
    }
  }

  async #listen(verb: Element, page: Page, signal: AbortSignal): Promise<Outcome> {
    const { clock, settings } = this.#world;
    const prompts = new AbortController();
    const gather = new Gather(clock, gatherRules(verb, settings), {
      interrupted: () => prompts.abort(new Error('the person interrupted')),
      partial: (text) => this.#partial(verb, page, text),
    });
    this.#gather = gather;
    const close = (): void => this.#deaf(gather);
    signal.addEventListener('abort', close, { once: true });
    try {
      await this.#prompt(verb, page, { prompts: prompts.signal, signal });
      gather.listen(this.#speech);
      this.#person.listenedTo();
      const result = await Promise.race([gather.result, aborted(signal)]);
      return this.#collected(verb, page, result);
    } finally {
      signal.removeEventListener('abort', close);
      close();
    }
  }

  /** Connects the media stream; the next verb runs when its socket is closed, or could not be opened. */
  async #carry(verb: Element, page: Page, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const stream = openTwilioStream(this.#desk, verb, page.url);
    if (!stream) return;
    this.#stream = stream;
    const unfollow = listening(this.#call.ear, this.#person);
    const stop = (): void => stream.stop('the call ended, or was sent to another document');
    signal.addEventListener('abort', stop, { once: true });
    try {
      await unlessAborted(stream.ended, signal);
    } finally {
      signal.removeEventListener('abort', stop);
      unfollow();
      if (this.#stream === stream) this.#stream = undefined;
    }
  }

  #deaf(gather: Gather): void {
    gather.close();
    if (this.#gather !== gather) return;
    this.#gather = undefined;
    this.#person.unheeded();
  }

  async #prompt(
    verb: Element,
    page: Page,
    signals: { readonly prompts: AbortSignal; readonly signal: AbortSignal },
  ): Promise<void> {
    const either = AbortSignal.any([signals.prompts, signals.signal]);
    try {
      for (const child of verb.children) await this.#voice(child, page, either);
    } catch (reason) {
      if (signals.signal.aborted || !signals.prompts.aborted) throw reason;
    }
  }

  #collected(verb: Element, page: Page, result: GatherResult): Outcome {
    if (result.kind === 'nothing' && !isTrue(verb, 'actionOnEmptyResult')) return undefined;
    const url = resolveUrl(page, verb.attributes['action']);
    return this.#fetch('action', { url, method: verb.attributes['method'] }, inputParams(verb, result));
  }

  #partial(verb: Element, page: Page, text: string): void {
    const written = verb.attributes['partialResultCallback'];
    if (written === undefined) return;
    const method = verb.attributes['partialResultCallbackMethod'] === 'GET' ? 'GET' : 'POST';
    const params = this.#call.params([['UnstableSpeechResult', text]]);
    this.#call.tell('partial', { url: resolveUrl(page, written), method }, params);
  }
}

function inputParams(verb: Element, result: GatherResult): Params {
  if (result.kind === 'digits') return [['Digits', result.digits]];
  if (result.kind === 'nothing') return verb.attributes['input'] === 'speech' ? [] : [['Digits', '']];
  const speech: Params = [['SpeechResult', result.text]];
  return result.confidence === undefined ? speech : [...speech, ['Confidence', `${result.confidence}`]];
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
