// Rehearsal: a scripted caller plays a scenario on a test phone, and what came of each expectation is noted.
import type { ToPhone } from '../handset/protocol.ts';
import { type Clock, wait } from '../lib/clock.ts';
import { PhoneClient } from './phone-client.ts';
import { type Expectation, matcherOf, type Scenario, type Step } from './scenario.ts';

export interface RehearsalDeps {
  /** With its ticket. */
  readonly url: string;
  /** It should never jump. */
  readonly clock: Clock;
  /** Aborted: the caller hangs up, and what is left counts as not held. */
  readonly stop: AbortSignal;
}

export interface Finding {
  /** What was expected, in the words of the scenario. */
  readonly what: string;
  readonly isHeld: boolean;
  /** What came instead, or how long it took. */
  readonly found: string;
  readonly afterMs: number | null;
}

export interface RehearsalReport {
  readonly name: string;
  readonly isPassed: boolean;
  readonly findings: readonly Finding[];
  readonly transcript: readonly string[];
  readonly outcome: string;
  readonly ms: number;
}

type MessageOf<T extends ToPhone['type']> = Extract<ToPhone, { type: T }>;
interface Line {
  readonly message: MessageOf<'said'>;
  /** When it was first told. */
  readonly at: number;
}

/** A caller waits for their turn this long. */
const TURN_MS = 60_000;
/** A call that was hung up is over this soon. */
const OVER_MS = 10_000;
/** The breath before an answer. */
const PAUSE_MS = 300;

/** Plays it to its end. Throws VC_PHONE_REFUSED. */
export async function rehearse(scenario: Scenario, deps: RehearsalDeps): Promise<RehearsalReport> {
  const rehearsal = new Rehearsal(scenario, deps);
  return rehearsal.run();
}

class Rehearsal {
  readonly #scenario: Scenario;
  readonly #deps: RehearsalDeps;
  readonly #lines = new Map<string, Line>();
  readonly #turns = new Map<number, number>();
  readonly #findings: Finding[] = [];
  readonly #looks = new Set<() => void>();
  #state = '';
  #ended: MessageOf<'ended'> | null = null;
  #isLost = false;
  /** Lines of the agent before the last thing the caller did are no answer to it. */
  #from = 0;
  #actedAt = 0;

  constructor(scenario: Scenario, deps: RehearsalDeps) {
    this.#scenario = scenario;
    this.#deps = deps;
  }

  async run(): Promise<RehearsalReport> {
    const { url, clock, stop } = this.#deps;
    const { name, steps, to } = this.#scenario;
    const startedAt = clock.now();
    const { phone } = await PhoneClient.open({
      url,
      clock,
      onMessage: (message) => this.#take(message),
      onClosed: () => {
        this.#isLost = true;
        this.#look();
      },
    });
    stop.addEventListener('abort', () => phone.close(), { once: true });
    this.#acted();
    phone.send({ type: 'call', to: to ?? null });
    for (const step of steps)
      if (!this.#isOver) await this.#step(step, phone);
      else if ('expect' in step) this.#missed(step);
    phone.send({ type: 'hangup' });
    await this.#until(() => this.#isOver, OVER_MS);
    phone.close();
    this.#judge();
    return {
      name,
      isPassed: this.#findings.every(({ isHeld }) => isHeld),
      findings: this.#findings,
      transcript: [...this.#lines.values()].map(({ message }) => lineOf(message)),
      outcome: this.#outcome,
      ms: Math.round(clock.now() - startedAt),
    };
  }

  get #isOver(): boolean {
    return this.#ended !== null || this.#isLost;
  }

  get #outcome(): string {
    return this.#ended?.reason ?? 'the line was lost';
  }

  async #step(step: Step, phone: PhoneClient): Promise<void> {
    const { clock } = this.#deps;
    if ('expect' in step) await this.#expect(step);
    else if ('silent_ms' in step) {
      this.#acted();
      await this.#until(() => this.#isOver, step.silent_ms);
    } else if ('hang_up' in step) {
      phone.send({ type: 'hangup' });
      await this.#until(() => this.#isOver, OVER_MS);
    } else if ('interrupt' in step) {
      await this.#until(() => this.#state === 'speaking', TURN_MS);
      await wait(clock, step.after_ms);
      this.#acted();
      phone.send({ type: 'words', text: step.interrupt });
    } else {
      await this.#until(() => this.#state === 'listening', TURN_MS);
      await wait(clock, 'say' in step ? (step.pause_ms ?? PAUSE_MS) : PAUSE_MS);
      this.#acted();
      if ('say' in step) phone.send({ type: 'words', text: step.say });
      else for (const key of step.keys) phone.send({ type: 'key', key });
    }
  }

  #acted(): void {
    this.#actedAt = this.#deps.clock.now();
    this.#from = this.#lines.size;
    this.#state = '';
  }

  /** What the agent has said since the caller last did something. */
  get #answers(): readonly Line[] {
    return [...this.#lines.values()].slice(this.#from).filter(({ message }) => message.speaker === 'bot');
  }

  async #expect(step: Expectation): Promise<void> {
    const { expect: what, says = [], says_not: not = [], within_ms: withinMs } = step;
    const wanted = says.map(matcherOf);
    const found = (): Line | undefined =>
      wanted.length === 0
        ? this.#answers[0]
        : this.#answers.find((_, index) => {
            const text = textOf(this.#answers.slice(0, index + 1));
            return wanted.every((matches) => matches(text));
          });
    const leftMs = this.#actedAt + withinMs - this.#deps.clock.now();
    await this.#until(() => found() !== undefined || this.#isOver, Math.max(0, leftMs));
    // What must not be said may come later in the same answer.
    if (not.length > 0) await this.#until(() => this.#state === 'listening' || this.#isOver, TURN_MS);
    const answer = found();
    const text = textOf(this.#answers);
    const unwanted = not.find((one) => matcherOf(one)(text));
    const afterMs = answer ? Math.round(answer.at - this.#actedAt) : null;
    const said = text === '' ? 'the agent said nothing' : `the agent said: ${text}`;
    const isHeld = answer !== undefined && unwanted === undefined;
    const reason = unwanted === undefined ? said : `the agent said "${unwanted}": ${text}`;
    this.#findings.push({ what, isHeld, afterMs, found: isHeld ? textOf([answer]) : reason });
  }

  #missed({ expect: what }: Expectation): void {
    this.#findings.push({ what, isHeld: false, afterMs: null, found: `the call was over: ${this.#outcome}` });
  }

  /** What is expected of the call as a whole. */
  #judge(): void {
    const { outcome, turn_within_ms: withinMs } = this.#scenario;
    if (outcome) {
      const isHeld = outcome.some((one) => one === this.#outcome);
      this.#findings.push({
        what: `it ends by ${outcome.join(' or ')}`,
        isHeld,
        afterMs: null,
        found: this.#outcome,
      });
    }
    if (withinMs === undefined) return;
    const slowest = Math.max(0, ...this.#turns.values());
    const found = `the slowest took ${Math.round(slowest)} ms`;
    this.#findings.push({
      what: `every turn is answered within ${withinMs} ms`,
      isHeld: slowest <= withinMs && this.#turns.size > 0,
      afterMs: null,
      found,
    });
  }

  #take(message: ToPhone): void {
    if (message.type === 'said') {
      const at = this.#lines.get(message.id)?.at ?? this.#deps.clock.now();
      this.#lines.set(message.id, { message, at });
    } else if (message.type === 'state') this.#state = message.state;
    else if (message.type === 'ended') this.#ended = message;
    else if (message.type === 'turn') this.#turn(message);
    this.#look();
  }

  #turn({ turn, latencyMs, stages }: MessageOf<'turn'>): void {
    const { speechEndAt, heardAt } = stages ?? {};
    const ms = speechEndAt !== undefined && heardAt !== undefined ? heardAt - speechEndAt : latencyMs;
    if (ms !== undefined) this.#turns.set(turn, ms);
  }

  #look(): void {
    for (const look of [...this.#looks]) look();
  }

  /** Resolves when it is so, or when the time is over. */
  #until(isSo: () => boolean, withinMs: number): Promise<void> {
    const { clock } = this.#deps;
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#looks.delete(look);
        resolve();
      };
      const look = (): void => {
        if (isSo()) done();
      };
      const cancel = clock.at(clock.now() + withinMs, done);
      this.#looks.add(look);
      look();
    });
  }
}

function textOf(lines: readonly Line[]): string {
  return lines.map(({ message }) => message.text).join(' ');
}

function lineOf({ speaker, text, heard }: MessageOf<'said'>): string {
  return `${speaker === 'bot' ? 'agent ' : 'caller'}  ${text}${heard === false ? ' [cut off]' : ''}`;
}
