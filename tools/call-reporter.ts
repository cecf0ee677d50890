// CallReporter: tells a call as it happens, from one status to the next: what is new, and when it was.
import type { PublicCall, PublicEntry } from '../src/call/public-view.ts';
import { seconds, type Terminal, wrap } from './terminal.ts';

/** Where the words begin: time, gap, speaker, gap. */
const TIME_WIDTH = 8;
const WHO_WIDTH = 8;

const endings: Readonly<Record<string, string>> = {
  completed: 'the call is over',
  'hangup-user': 'they hung up',
  'hangup-bot': 'the agent hung up',
  'no-answer': 'nobody answered',
  busy: 'the line was busy',
  voicemail: 'a machine answered',
  timeout: 'the time was up',
  failed: 'the call failed',
  error: 'the call broke off',
};

export class CallReporter {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #turnTo: () => void;
  readonly #told = new Set<string>();
  #entries = 0;
  #timedTurns = 0;

  /** `turnTo` is called before each line: others may have been told since the one before. */
  constructor(terminal: Terminal, now: () => number, turnTo: () => void = () => undefined) {
    this.#terminal = terminal;
    this.#now = now;
    this.#turnTo = turnTo;
  }

  /** Prints what `call` has that the status before had not. */
  update(call: PublicCall): void {
    const sinceStart = (at: number): number => at - call.startedAt;
    const isOurs = call.direction === 'outbound';
    this.#once(isOurs ? 'dialling' : 'calling', 0, isOurs ? call.to : `from ${call.from}`);
    if (call.state === 'ringing') this.#once('ringing', sinceStart(this.#now()), 'it rings');
    if (call.answeredAt !== undefined) {
      this.#once('answered', sinceStart(call.answeredAt), `${isOurs ? 'they pick' : 'the agent picks'} up`);
    }
    const latencies = call.metadata.turns.flatMap(({ latencyMs }) => latencyMs ?? []);
    const fresh = call.transcript.slice(this.#entries);
    const reply = fresh.findLastIndex(({ speaker }) => speaker === 'bot');
    const newLatency = latencies.slice(this.#timedTurns).at(-1);
    for (const [index, entry] of fresh.entries()) {
      this.#say(entry, sinceStart(entry.timestamp), index === reply ? newLatency : undefined);
    }
    if (reply >= 0) this.#timedTurns = latencies.length;
    this.#entries = call.transcript.length;
    if (call.endReason !== undefined) this.#end(call, call.endReason);
  }

  #once(who: string, at: number, text: string): void {
    if (this.#told.has(who)) return;
    this.#told.add(who);
    this.#print(at, this.#terminal.dim(who.padEnd(WHO_WIDTH)), [text]);
  }

  #say({ speaker, text }: PublicEntry, at: number, latencyMs?: number): void {
    const isAgent = speaker === 'bot';
    const who = this.#terminal.style(
      isAgent ? 'cyan' : 'magenta',
      (isAgent ? 'agent' : 'person').padEnd(WHO_WIDTH),
    );
    const lines = wrap(text, this.#terminal.width - TIME_WIDTH - WHO_WIDTH - 6);
    this.#print(at, who, lines);
    if (latencyMs === undefined) return;
    this.#terminal.line(
      `${' '.repeat(TIME_WIDTH + WHO_WIDTH + 6)}${this.#terminal.dim(`answered in ${seconds2(latencyMs)}`)}`,
    );
  }

  #end(call: PublicCall, reason: string): void {
    if (this.#told.has('ended')) return;
    this.#told.add('ended');
    const { cause } = call.metadata;
    const why = `${endings[reason] ?? reason} ${this.#terminal.dim(`(${reason}${cause ? `: ${cause}` : ''})`)}`;
    this.#print(
      (call.endedAt ?? this.#now()) - call.startedAt,
      this.#terminal.dim('ended'.padEnd(WHO_WIDTH)),
      [why],
    );
    this.#terminal.line();
    this.#terminal.line(`  ${summaryOf(call)}`);
  }

  #print(atMs: number, who: string, [first = '', ...rest]: readonly string[]): void {
    this.#turnTo();
    const time = this.#terminal.dim(seconds(Math.max(0, atMs)).padStart(TIME_WIDTH));
    this.#terminal.line(`  ${time}  ${who}  ${first}`);
    for (const line of rest) this.#terminal.line(`${' '.repeat(TIME_WIDTH + WHO_WIDTH + 6)}${line}`);
  }
}

/** How many turns were taken, and how long the agent took to answer them. */
export function summaryOf({ metadata }: PublicCall): string {
  const latencies = metadata.turns.flatMap(({ latencyMs }) => latencyMs ?? []).toSorted((a, b) => a - b);
  const turns = `${latencies.length} ${latencies.length === 1 ? 'turn' : 'turns'} answered`;
  if (latencies.length === 0) return turns;
  const median = latencies[Math.floor((latencies.length - 1) / 2)] ?? 0;
  return `${turns}: the median took ${seconds2(median)}, the slowest ${seconds2(latencies.at(-1) ?? 0)}`;
}

/** True when the call went as it should: somebody answered, every turn got an answer, nothing broke. */
export function wentWell(call: PublicCall, turns: number): boolean {
  const isGoodEnd = call.endReason === 'completed' || call.endReason === 'hangup-user';
  const answered = call.metadata.turns.filter(({ latencyMs }) => latencyMs !== undefined);
  return isGoodEnd && call.answeredAt !== undefined && answered.length >= turns;
}

function seconds2(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
