// Line: runs Plivo XML on one call, on the clock: speaks, waits, listens, presses, fetches the next document.
import { listening } from '../media/listening.ts';
import { openPlivoStream } from '../media/plivo-stream.ts';
import type { MediaStream } from '../media/stream.ts';
import { lengthMs, wordSound } from '../media/word-code.ts';
import { pause, unlessAborted } from '../pause.ts';
import type { Mouthpiece, Utterance } from '../twilio/attendance.ts';
import { Attendance, keysMs } from './attendance.ts';
import type { PlivoCall, World } from './call.ts';
import { CAUSES } from './causes.ts';
import { Input, type InputResult } from './input.ts';
import { inputParams, rulesOf } from './input-attributes.ts';
import type { Heard } from './ledger.ts';
import { type Desk, DocumentError, openPage, type Program } from './page.ts';
import type { Person } from './person.ts';
import { type Element, UNSIMULATED } from './plivo-xml.ts';
import type { Params } from './signature.ts';

/** What an element leads to: another document, the end of the call, or (nothing) the next element. */
type Outcome = Program | 'ended' | undefined;

/** Documents fetched without any time passing before it is called a loop of ours. */
const MOST_AT_ONE_INSTANT = 50;
/** These may stand first without a call that comes in being picked up. */
const UNANSWERING = ['Wait', 'Redirect', 'Hangup'];

const LONGEST_STREAM_S = 86_400;

interface Sound {
  readonly kind: Heard['kind'];
  readonly text: string;
  readonly ms: number;
}

export class Line implements Mouthpiece {
  readonly #world: World;
  readonly #call: PlivoCall;
  readonly #person: Attendance;
  #run = new AbortController();
  #input: Input | undefined;
  #stream: MediaStream | undefined;
  #speech: Utterance | undefined;
  #pages = { at: 0, count: 0 };

  constructor(world: World, call: PlivoCall, person: Person) {
    this.#world = world;
    this.#call = call;
    this.#person = new Attendance(world, { call, person }, this);
    call.ended.addEventListener('abort', () => this.#stream?.stop('the call ended'), { once: true });
  }

  /** The person picked up, or the call was answered. */
  connected(): void {
    this.#person.connected();
  }

  /** Runs a document; whatever ran before is interrupted. */
  run(program: Program): void {
    const stream = this.#stream?.isOpen ? this.#stream : undefined;
    if (stream && this.#world.media.transferWaits) {
      stream.ended.then(() => this.run(program)).catch(() => undefined);
      return;
    }
    stream?.stop('the call was sent to another document');
    this.#run.abort(new Error('the running document was replaced'));
    this.#run = new AbortController();
    const signal = AbortSignal.any([this.#run.signal, this.#call.ended]);
    this.#program(program, signal).catch((error: unknown) => {
      if (!signal.aborted) this.#world.ledger.problem('unexpected', String(error), this.#call.uuid);
    });
  }

  /** Words or keys sent into the line beside whatever the document does. */
  aside(kind: 'say' | 'digits', text: string): void {
    const { msPerChar, digitMs } = this.#world.settings;
    const ms = kind === 'say' ? text.length * msPerChar : keysMs(text, digitMs);
    this.#utter({ kind, text, ms }, this.#call.ended).catch(() => undefined);
  }

  speechMs(text: string, sound: Uint8Array | undefined): number | undefined {
    if (!this.#stream?.isOpen) return undefined;
    return sound ? sound.length / 8 : lengthMs(text);
  }

  speechBegan(speech: Utterance): void {
    this.#speech = speech;
    this.#input?.speechBegan(speech);
    if (this.#stream?.isOpen) this.#call.mouth.play(speech.sound ?? wordSound(speech.text), speech.from);
  }

  speechEnded(speech: Utterance): void {
    this.#speech = undefined;
    this.#input?.speechEnded(speech);
    if (this.#stream?.isOpen) speech.said.caught = true;
  }

  pressed(digit: string): boolean {
    if (this.#stream?.isOpen) {
      this.#stream.press(digit);
      return true;
    }
    return this.#input?.pressed(digit) ?? false;
  }

  get #desk(): Desk {
    return { world: this.#world, call: this.#call };
  }

  async #program(first: Program, signal: AbortSignal): Promise<void> {
    try {
      let next: Outcome = first;
      while (next !== undefined && next !== 'ended') next = await this.#document(next, signal);
      if (next === 'ended') return;
      this.#answer();
      this.#hangUp(CAUSES.endOfXml, 'the document ended');
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof DocumentError)) throw error;
      const status = this.#call.answeredAt === undefined ? 'failed' : 'completed';
      this.#call.finish({ status, by: 'carrier', why: error.message, cause: error.reason });
    }
  }

  async #document(program: Program, signal: AbortSignal): Promise<Outcome> {
    this.#countPage();
    const elements = await openPage(this.#desk, program, signal);
    for (const element of elements) {
      const outcome = await this.#element(element, signal);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  }

  #countPage(): void {
    const now = this.#world.clock.now();
    this.#pages = { at: now, count: this.#pages.at === now ? this.#pages.count + 1 : 1 };
    if (this.#pages.count > MOST_AT_ONE_INSTANT) {
      throw new DocumentError(CAUSES.loop, 'documents loop without pause');
    }
  }

  async #element(element: Element, signal: AbortSignal): Promise<Outcome> {
    if (UNSIMULATED.includes(element.name)) return this.#refuse(`<${element.name}>`);
    if (!UNANSWERING.includes(element.name)) this.#answer();
    switch (element.name) {
      case 'GetInput':
        return this.#listen(element, signal);
      case 'Redirect':
        return this.#fetch('redirect', element.text, element.attributes['method']);
      case 'Hangup':
        return this.#goodbye(element);
      case 'Stream':
        await this.#carry(element, signal);
        return undefined;
      case 'DTMF':
        await this.#press(element, signal);
        return undefined;
      default:
        await this.#voice(element, signal);
        return undefined;
    }
  }

  /** A call that comes in is picked up by the first element that needs it. */
  #answer(): void {
    if (this.#call.direction !== 'inbound' || this.#call.status !== 'ringing') return;
    this.#call.answer();
    this.connected();
  }

  #hangUp(cause: (typeof CAUSES)[keyof typeof CAUSES], why: string): 'ended' {
    this.#call.finish({ status: 'completed', by: 'plugin', why, cause });
    return 'ended';
  }

  #goodbye({ attributes }: Element): Outcome {
    const { reason, schedule } = attributes;
    if (schedule !== undefined) {
      this.#later(Number(schedule) * 1000);
      return undefined;
    }
    if (reason === undefined) this.#answer();
    else if (this.#call.status !== 'ringing') {
      this.#world.ledger.problem('xml', `<Hangup reason="${reason}"> of an answered call`, this.#call.uuid);
    } else {
      const cause = reason === 'busy' ? CAUSES.xmlBusy : CAUSES.xmlRejected;
      const status = reason === 'busy' ? 'busy' : 'failed';
      this.#call.finish({ status, by: 'plugin', why: `<Hangup reason="${reason}">`, cause });
      return 'ended';
    }
    return this.#hangUp(CAUSES.xml, '<Hangup>');
  }

  #later(ms: number): void {
    pause(this.#world.clock, ms, this.#call.ended)
      .then(() => this.#hangUp(CAUSES.timeLimit, '<Hangup schedule>'))
      .catch(() => undefined);
  }

  #refuse(what: string): 'ended' {
    const why = `${what} is not simulated by this twin`;
    this.#world.ledger.problem('not-simulated', why, this.#call.uuid);
    this.#call.finish({ status: 'completed', by: 'carrier', why, cause: CAUSES.endOfXml });
    return 'ended';
  }

  #fetch(kind: 'redirect' | 'action', url: string, method: string | undefined, more: Params = []): Program {
    return { kind, url, method: method === 'GET' ? 'GET' : 'POST', more };
  }

  /** Speak, Play and Wait: what may also stand in a GetInput. */
  async #voice({ name, attributes, text }: Element, signal: AbortSignal): Promise<void> {
    const { clock, settings } = this.#world;
    if (name === 'Wait') return pause(clock, Number(attributes['length'] ?? 1) * 1000, signal);
    if (text === '') return;
    const sound: Sound =
      name === 'Play'
        ? { kind: 'play', text, ms: settings.playMs }
        : { kind: 'say', text, ms: text.length * settings.msPerChar };
    const loop = Number(attributes['loop'] ?? 1);
    const rounds = loop === 0 ? Number.POSITIVE_INFINITY : loop;
    for (let round = 0; round < rounds; round++) await this.#utter(sound, signal);
  }

  /** Unless told otherwise, Plivo goes on while the keys are still being pressed. */
  async #press({ text, attributes }: Element, signal: AbortSignal): Promise<void> {
    if (!/^[0-9*#wW]+$/.test(text)) return;
    if (attributes['async'] !== 'false') return this.aside('digits', text);
    await this.#utter({ kind: 'digits', text, ms: keysMs(text, this.#world.settings.digitMs) }, signal);
  }

  /** The person hears it, whole or up to where it was cut. */
  async #utter({ kind, text: whole, ms }: Sound, signal: AbortSignal): Promise<void> {
    const { clock } = this.#world;
    const from = clock.now();
    try {
      await pause(clock, ms, signal);
      this.#person.hears({ kind, text: whole, whole, from, to: clock.now(), cut: false });
    } catch (reason) {
      const to = clock.now();
      const text = kind === 'play' ? whole : whole.slice(0, Math.floor((whole.length * (to - from)) / ms));
      if (to > from) this.#person.hears({ kind, text, whole, from, to, cut: true });
      throw reason;
    }
  }

  async #listen(element: Element, signal: AbortSignal): Promise<Outcome> {
    const { clock, settings } = this.#world;
    const prompts = new AbortController();
    const rules = rulesOf(element, settings);
    const input = new Input(clock, rules, () => prompts.abort(new Error('the person interrupted')));
    this.#input = input;
    const close = (): void => this.#deaf(input);
    signal.addEventListener('abort', close, { once: true });
    try {
      await this.#prompt(element, { prompts: prompts.signal, signal });
      input.listen(this.#speech);
      this.#person.listenedTo();
      const result = await Promise.race([input.result, aborted(signal)]);
      return this.#collected(element, result);
    } finally {
      signal.removeEventListener('abort', close);
      close();
    }
  }

  /** Connects the stream. Unless the call is to be kept alive for it, the next element runs at once. */
  async #carry(element: Element, signal: AbortSignal): Promise<void> {
    const { contentType = '', keepCallAlive, streamTimeout } = element.attributes;
    if (contentType !== 'audio/x-mulaw;rate=8000') {
      this.#world.ledger.problem('not-simulated', `a stream of "${contentType}"`, this.#call.uuid);
      return;
    }
    const press = (digits: string): void => this.aside('digits', digits);
    const stream = openPlivoStream({ world: this.#world, call: this.#call, press }, element);
    if (!stream) return;
    this.#stream = stream;
    const unfollow = listening(this.#call.ear, this.#person);
    const { clock } = this.#world;
    const late = clock.at(clock.now() + Number(streamTimeout ?? LONGEST_STREAM_S) * 1000, () =>
      stream.stop('the stream timeout'),
    );
    const over = stream.ended.finally(() => {
      late();
      unfollow();
    });
    if (keepCallAlive === 'true') await unlessAborted(over, signal);
    else over.catch(() => undefined);
  }

  #deaf(input: Input): void {
    input.close();
    if (this.#input !== input) return;
    this.#input = undefined;
    this.#person.unheeded();
  }

  async #prompt(
    element: Element,
    signals: { readonly prompts: AbortSignal; readonly signal: AbortSignal },
  ): Promise<void> {
    const either = AbortSignal.any([signals.prompts, signals.signal]);
    try {
      for (const child of element.children) await this.#voice(child, either);
    } catch (reason) {
      if (signals.signal.aborted || !signals.prompts.aborted) throw reason;
    }
  }

  /** With redirect="false" the address is told, and the next element runs whatever it answers. */
  #collected({ attributes }: Element, result: InputResult): Outcome {
    const { action, method, redirect, interimSpeechResultsCallback: interim } = attributes;
    if (interim) this.#world.ledger.problem('not-simulated', 'interim speech results', this.#call.uuid);
    if (result.kind === 'nothing' || action === undefined) return undefined;
    const program = this.#fetch('action', action, method, inputParams(result));
    if (redirect !== 'false') return program;
    const { kind, url, method: by, more } = program;
    const hook = { kind, url, method: by, callUuid: this.#call.uuid, params: this.#call.params(more) };
    this.#world.postman.send(hook).catch(() => undefined);
    return undefined;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
