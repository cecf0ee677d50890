// TerminalPhone: a test phone in a terminal: what is typed is said, what is said is read, with the times of each turn.
import type { ToPhone } from '../handset/protocol.ts';
import type { Clock } from '../lib/clock.ts';
import { PhoneClient } from './phone-client.ts';

export interface TerminalPhoneDeps {
  /** With its ticket. */
  readonly url: string;
  /** Sound is played by it, in silence: it should never jump. */
  readonly clock: Clock;
  readonly write: (text: string) => void;
  /** What is typed, line by line. */
  readonly lines: AsyncIterable<string>;
  /** A person types, and sees what they type: lines are said at once. Else each waits for its turn. */
  readonly isPerson: boolean;
  /** Aborted: the person hangs up. */
  readonly stop: AbortSignal;
  /** Waits to be called instead of calling. */
  readonly waits: boolean;
}

type MessageOf<T extends ToPhone['type']> = Extract<ToPhone, { type: T }>;
type Said = MessageOf<'said'>;

const HELP = 'Type what you say. "/5#" presses keys, Ctrl-C hangs up.';
const INDENT = '       ';

/** Resolves when the call is over, or the line was lost. Throws VC_PHONE_REFUSED. */
export async function talk(deps: TerminalPhoneDeps): Promise<void> {
  const terminal = new TerminalPhone(deps);
  await terminal.run();
}

class TerminalPhone {
  readonly #deps: TerminalPhoneDeps;
  readonly #over = Promise.withResolvers<void>();
  readonly #connected = Promise.withResolvers<void>();
  /** What was shown of each line of the transcript. */
  readonly #shown = new Map<string, string>();
  readonly #timed = new Set<number>();
  readonly #typed: string[] = [];
  #phone: PhoneClient | null = null;
  #hasSound = false;
  #state = '';
  #listening: (() => void) | null = null;

  constructor(deps: TerminalPhoneDeps) {
    this.#deps = deps;
  }

  async run(): Promise<void> {
    const { url, clock, stop, waits } = this.#deps;
    const { phone, ready } = await PhoneClient.open({
      url,
      clock,
      onMessage: (message) => this.#take(message),
      onClosed: () => this.#end('the line was lost'),
    });
    this.#phone = phone;
    stop.addEventListener('abort', () => this.#hangUp(), { once: true });
    this.#line(HELP);
    if (!ready.sound) this.#line('Without sound: the answers are read, not heard.');
    if (waits) this.#line(`Waiting to be called at ${ready.number}.`);
    else phone.send({ type: 'call' });
    this.#type().catch(() => this.#hangUp());
    await this.#over.promise;
    phone.close();
  }

  async #type(): Promise<void> {
    const { lines, isPerson } = this.#deps;
    for await (const line of lines) {
      await (isPerson ? this.#connected.promise : this.#untilListening());
      this.#say(line.trim());
    }
    // Nobody types any more: the last answer is heard, then we hang up.
    if (!isPerson) await this.#untilListening();
    this.#hangUp();
  }

  #say(line: string): void {
    if (line === '') return;
    const keys = /^\/([0-9A-Da-d*#]+)$/.exec(line)?.[1];
    if (keys !== undefined) for (const key of keys) this.#phone?.send({ type: 'key', key });
    else {
      this.#typed.push(line);
      this.#phone?.send({ type: 'words', text: line });
    }
    // Until we are told what came of it.
    this.#state = '';
  }

  #untilListening(): Promise<void> {
    if (this.#state === 'listening') return Promise.resolve();
    return new Promise((resolve) => {
      this.#listening = resolve;
    });
  }

  #hangUp(): void {
    this.#phone?.send({ type: 'hangup' });
    // Before it was picked up there may be no call to hang up.
    if (this.#shown.size === 0) this.#end('hung up');
  }

  #end(text: string): void {
    this.#line(text);
    this.#over.resolve();
  }

  #take(message: ToPhone): void {
    switch (message.type) {
      case 'calling':
        this.#line('calling ...');
        break;
      case 'ringing':
        this.#line(`${message.from} calls; picked up`);
        this.#phone?.send({ type: 'answer' });
        break;
      case 'connected':
        this.#hasSound = message.sound;
        this.#connected.resolve();
        break;
      case 'said':
        this.#said(message);
        break;
      case 'state':
        this.#floor(message.state);
        break;
      case 'turn':
        this.#turn(message);
        break;
      case 'error':
        this.#line(`${message.message}. ${message.cure}`);
        break;
      case 'ended':
        this.#end(`The call is over: ${message.cause || message.reason}.`);
        break;
      case 'ready':
      case 'mark':
      case 'clear':
        break;
    }
  }

  #floor(state: string): void {
    this.#state = state;
    if (state !== 'listening') return;
    this.#listening?.();
    this.#listening = null;
  }

  #said({ id, speaker, text, heard }: Said): void {
    const before = this.#shown.get(id);
    this.#shown.set(id, text);
    if (speaker === 'user') {
      const isOurs = this.#deps.isPerson && this.#typed.includes(text);
      if (before === undefined && !isOurs) this.#line(`you    ${text}`);
    } else if (before === undefined) this.#line(`agent  ${text}`);
    else if (heard === false)
      this.#line(`${INDENT}(cut off: heard ${text === '' ? 'nothing' : `"${text}"`})`);
  }

  #turn({ turn, latencyMs, stages }: MessageOf<'turn'>): void {
    if (this.#timed.has(turn)) return;
    if (!this.#hasSound && latencyMs !== undefined) {
      this.#timed.add(turn);
      this.#line(`${INDENT}[turn ${turn}: answered after ${Math.round(latencyMs)} ms]`);
    } else if (stages?.heardAt !== undefined && stages.speechEndAt !== undefined) {
      this.#timed.add(turn);
      this.#line(`${INDENT}[turn ${turn}: ${stageText(stages, stages.speechEndAt)}]`);
    }
  }

  #line(text: string): void {
    this.#deps.write(`${text}\n`);
  }
}

const STAGES = [
  ['firstTokenAt', 'first token'],
  ['firstSentenceAt', 'first sentence'],
  ['firstAudioAt', 'first audio'],
  ['heardAt', 'heard'],
] as const;

/** From the end of the words to each stage. */
function stageText(stages: NonNullable<MessageOf<'turn'>['stages']>, from: number): string {
  return STAGES.flatMap(([key, name]) => {
    const at = stages[key];
    return at === undefined ? [] : [`${name} ${Math.round(at - from)} ms`];
  }).join(', ');
}
