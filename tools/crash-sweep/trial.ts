// Trial: one scenario with one death in it, and what must be true afterwards by the carrier's own ledger.
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Letter, TheirCall } from '../../test/conformance/exchange.ts';
import type { CarrierName } from '../../test/conformance/exchanges.ts';
import type { Sin } from './orders.ts';
import type { Scenario } from './scenarios.ts';
import { type Books, Died, MAX_DURATION_MS, Stage } from './stage.ts';

/** The invariants, by their numbers in the table. */
export const INVARIANTS = {
  I1: 'no call is dialled twice, or before it is on record',
  I2: 'a restart never dials again',
  I3: 'every call at the carrier is over, or ours with a deadline, within 60 s; in the end all are over, on both sides',
  I4: 'a webhook that comes again changes nothing, and is answered as before',
  I6: 'a caller who is refused is hung up',
  I7: 'nobody hears the answer to an earlier question',
  I10: 'when we never come back, the carrier ends the call',
} as const;
export type Invariant = keyof typeof INVARIANTS;

export interface TrialOptions {
  readonly scenario: Scenario;
  readonly carrier: CarrierName;
  /** Null: nobody dies, the points are counted. */
  readonly dieAt: number | null;
  /** How long nobody is there; null: for ever. */
  readonly downMs: number | null;
  readonly sin: Sin | null;
  readonly program: string;
}

export interface Outcome {
  readonly points: readonly string[];
  readonly hasDied: boolean;
  readonly checked: Readonly<Partial<Record<Invariant, number>>>;
  readonly violations: readonly string[];
}

const OWNED_WITHIN_MS = 60_000;
/** The longest call, its goodbye, and all that is tried to hang it up. */
const ALL_OVER_MS = MAX_DURATION_MS + 90_000;
/** A carrier's limit counts from the answer; before that it rings. */
const CARRIER_ENDS_MS = MAX_DURATION_MS + 90_000;
/** Telnyx has no limit of ours for calls that come in; Twilio and Plivo ask, and hang up when nobody answers. */
const hasLimit = ({ carrier, scenario }: TrialOptions): boolean =>
  carrier !== 'telnyx' || scenario.orders > 0;

export async function trial(options: TrialOptions): Promise<Outcome> {
  const { scenario, carrier, dieAt, downMs, sin, program } = options;
  const { settings, streams } = scenario;
  const stage = new Stage({ carrier, settings, streams, sin, program });
  const check = new Checks(stage, options);
  try {
    await stage.exchange.listen();
    const hasDied = await dies(stage, scenario, dieAt);
    if (hasDied && downMs === null) await check.leftAlone();
    else if (hasDied) await comesBack(stage, check, downMs ?? 0);
    else check.finished();
    return { points: hasDied ? [] : stage.victim.points, hasDied, ...check };
  } finally {
    await stage.close();
  }
}

async function dies(stage: Stage, scenario: Scenario, dieAt: number | null): Promise<boolean> {
  try {
    await stage.start(dieAt);
    await scenario.play(stage);
    return false;
  } catch (error) {
    if (!(error instanceof Died)) throw error;
    await stage.bury();
    return true;
  }
}

async function comesBack(stage: Stage, check: Checks, downMs: number): Promise<void> {
  await stage.until(downMs);
  check.note();
  await stage.start(null);
  await check.repeats();
  await stage.until(OWNED_WITHIN_MS);
  check.owned();
  await stage.until(ALL_OVER_MS - OWNED_WITHIN_MS);
  await check.repeats();
  check.finished();
}

/** What makes a line speak or listen, in the documents and commands of all carriers. */
const SPEECH = /<(?:Say|Speak|Gather|GetInput|Connect|Stream)\b|"payload"/;

class Checks {
  readonly checked: Partial<Record<Invariant, number>> = {};
  readonly violations: string[] = [];
  readonly #stage: Stage;
  readonly #options: TrialOptions;
  #dialledBefore: number | null = null;

  constructor(stage: Stage, options: TrialOptions) {
    this.#stage = stage;
    this.#options = options;
  }

  /** What stood at the carrier before we came back. */
  note(): void {
    this.#dialledBefore = this.#dialled;
  }

  get #dialled(): number {
    return this.#stage.exchange.asked.filter(({ action }) => action === 'create').length;
  }

  /** The webhooks that were answered before come again, byte for byte. */
  async repeats(): Promise<void> {
    const { exchange, victim } = this.#stage;
    const before = this.#stage.books();
    const asked = exchange.asked.length;
    for (const letter of exchange.letters.filter(wasAnswered)) {
      const { status, body } = await this.#stage.settled(sendAgain(victim.port, letter));
      const same = status < 300 && (bodyOf(letter) ?? body) === body;
      this.#hold('I4', same, `a repeated webhook was answered ${status} ${body.slice(0, 80)}`);
    }
    const after = this.#stage.books();
    const same = after.steps === before.steps && exchange.asked.length === asked;
    this.#hold(
      'I4',
      same,
      `repeated webhooks made ${after.steps - before.steps} steps, ${exchange.asked.length - asked} requests`,
    );
  }

  owned(): void {
    const books = this.#stage.books();
    for (const call of this.#stage.exchange.calls) {
      const isFine = !call.isAlive || isOwned(call, books);
      this.#hold('I3', isFine, `after 60 s a call at the carrier is alive and nobody's`);
    }
  }

  finished(): void {
    const { exchange } = this.#stage;
    const { calls } = this.#stage.books();
    const { scenario } = this.#options;
    const ours = calls.filter(({ direction }) => direction === 'outbound').length;
    const dialled = this.#dialled;
    this.#hold('I1', dialled <= scenario.orders, `dialled ${dialled} times for ${scenario.orders} orders`);
    this.#hold('I1', ours >= dialled, `dialled ${dialled} times, ${ours} calls on record`);
    const again = dialled - (this.#dialledBefore ?? dialled);
    this.#hold('I2', again === 0, `dialled ${again} times after the restart`);
    const alive = exchange.calls.filter(({ isAlive }) => isAlive).length;
    this.#hold('I3', alive === 0, `${alive} calls are alive at the carrier when all is over`);
    const open = calls.filter(({ phase }) => phase !== 'ended');
    this.#hold('I3', open.length === 0, `still open here: ${open.map(({ phase }) => phase).join(', ')}`);
    for (const call of exchange.calls) this.#heardRight(call);
    for (const fault of this.#stage.victim.faults) this.violations.push(`an error in the log: ${fault}`);
    if (scenario.isRefused) {
      // A carrier that finds nobody to ask may pick up to say so itself; we had nothing to say.
      const isSpokenTo = exchange.spoken.some((text) => SPEECH.test(text));
      for (const { isAlive, answeredAt } of exchange.calls) {
        const isOut = !isAlive && (answeredAt === undefined || !isSpokenTo);
        this.#hold('I6', isOut, 'a refused caller was let in, or not hung up');
      }
    }
  }

  /** Nobody ever comes back. */
  async leftAlone(): Promise<void> {
    if (!hasLimit(this.#options)) return;
    await this.#stage.until(CARRIER_ENDS_MS);
    for (const { isAlive } of this.#stage.exchange.calls) {
      this.#hold('I10', !isAlive, 'the call outlives its limit, and us');
    }
  }

  /** Our agent repeats the words it answers. */
  #heardRight({ heard, said }: TheirCall): void {
    for (const { text, from } of heard) {
      const [, words] = /^You said: (.+)$/.exec(text) ?? [];
      if (words === undefined) continue;
      const latest = said.findLast((one) => one.kind === 'speech' && one.caught && one.to <= from);
      // What was cut ends in an ellipsis.
      const isRight = latest?.text.startsWith(words.replace(/…$/, '')) ?? false;
      this.#hold('I7', isRight, `heard "${text}" after saying "${latest?.text}"`);
    }
  }

  #hold(invariant: Invariant, isTrue: boolean, otherwise: string): void {
    this.checked[invariant] = (this.checked[invariant] ?? 0) + 1;
    if (!isTrue) this.violations.push(`${invariant}: ${otherwise}`);
  }
}

function isOwned(call: TheirCall, { calls }: Books): boolean {
  const id = carrierIdOf(call);
  return calls.some(
    ({ carrierCallId, phase, deadlines }) =>
      carrierCallId === id && phase !== 'ended' && Object.keys(deadlines).length > 0,
  );
}

function carrierIdOf(call: TheirCall): unknown {
  if ('sid' in call) return call.sid;
  if ('uuid' in call) return call.uuid;
  return 'id' in call ? call.id : null;
}

function sendAgain(port: number, { url, headers, body }: Letter): Promise<{ status: number; body: string }> {
  const { pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const options = { port, path: `${pathname}${search}`, method: 'POST', headers, agent: false };
    const sending = request({ ...options, host: '127.0.0.1' }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
    });
    sending.on('error', () => resolve({ status: 0, body: '' })).end(body);
  });
}

/** Each twin notes it in its own way. */
function wasAnswered(letter: Letter): boolean {
  if ('answer' in letter) return letter.answer !== undefined;
  return 'status' in letter && letter.status !== undefined;
}

function bodyOf(letter: Letter): string | null {
  if (!('answer' in letter)) return null;
  const { answer } = letter;
  const isAnswer = typeof answer === 'object' && answer !== null && 'body' in answer;
  return isAnswer ? String(answer.body) : null;
}
