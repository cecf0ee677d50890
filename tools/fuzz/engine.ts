// Engine: gives inputs to one target, and says what became of them. A fault is told with the smallest input that has it.
import { Random } from '../random.ts';
import { smallest } from './shrink.ts';
import { Broken, type Input, type Outcome, type Subject } from './target.ts';

/** No answer takes longer to compute, on any machine; what does, lets a stranger hold us up. */
const SLOW_MS = 500;
/** Every so many inputs are given twice, and must be answered alike. */
const TWICE_EVERY = 8;
/** Of one rule more than one input says nothing new. */
const MOST_FAULTS = 5;

export interface Fault {
  readonly target: string;
  readonly rule: string;
  readonly detail: string;
  readonly seed: number;
  /** Which input of this target; null: one of the corpus. */
  readonly at: number | null;
  readonly input: Input;
}

export interface Run {
  readonly name: string;
  readonly seed: number;
  /** The first, and how many. */
  readonly from: number;
  readonly count: number;
  /** Told before each input, for whoever watches that none hangs. */
  readonly begins?: (at: number) => void;
}

export interface Result {
  readonly inputs: number;
  /** How many inputs ended how, by the words of the target. */
  readonly kinds: ReadonlyMap<string, number>;
  readonly faults: readonly Fault[];
}

/** What went wrong with one input; null: nothing. */
interface Wrong {
  readonly rule: string;
  readonly detail: string;
}

/** Inputs made from the seed. */
export async function fuzzed(subject: Subject, run: Run): Promise<Result> {
  const kinds = new Map<string, number>();
  const faults: Fault[] = [];
  const known = new Set<string>();
  let inputs = 0;
  for (let at = run.from; at < run.from + run.count && faults.length < MOST_FAULTS; at += 1) {
    run.begins?.(at);
    const input = subject.make(Random.of(run.seed, run.name, at));
    const [wrong, outcome] = await tried(subject, input, at % TWICE_EVERY === 0);
    inputs += 1;
    const kind = wrong ? 'FAULT' : (outcome?.kind ?? '');
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    if (!wrong || known.has(wrong.rule)) continue;
    known.add(wrong.rule);
    faults.push(await told(subject, run, at, input));
  }
  return { inputs, kinds, faults };
}

/** Inputs that were kept. */
export async function replayed(
  subject: Subject,
  name: string,
  inputs: readonly Input[],
): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  for (const input of inputs) {
    const [wrong] = await tried(subject, input, true);
    if (wrong) faults.push({ target: name, ...wrong, seed: 0, at: null, input });
  }
  return faults;
}

async function told(subject: Subject, { name, seed }: Run, at: number, input: Input): Promise<Fault> {
  const [first] = await tried(subject, input, true);
  const small = await smallest(input, async (candidate) => {
    const [wrong] = await tried(subject, candidate, true);
    return wrong !== null && wrong.rule === first?.rule;
  });
  const [wrong] = await tried(subject, small, true);
  const seen = wrong ?? first ?? { rule: 'an input is not judged alike twice', detail: '' };
  return { target: name, ...seen, seed, at, input: small };
}

async function tried(
  subject: Subject,
  input: Input,
  twice: boolean,
): Promise<readonly [Wrong | null, Outcome | null]> {
  try {
    const startedAt = performance.now();
    const outcome = await subject.check(input);
    if (performance.now() - startedAt > SLOW_MS) await judgeSpeed(subject, input);
    if (twice && outcome.answer !== undefined) {
      const [one, other] = [outcome, await subject.check(input)].map(({ kind, answer }) =>
        JSON.stringify([kind, answer]),
      );
      if (one !== other) throw new Broken('the same input is answered in two ways', `${one} and ${other}`);
    }
    return [null, outcome];
  } catch (error) {
    return [wrongOf(error), null];
  }
}

/** A busy machine is no fault of ours: what is slow is slow again, in time of our own. */
async function judgeSpeed(subject: Subject, input: Input): Promise<void> {
  let best = Number.POSITIVE_INFINITY;
  for (let times = 0; times < 3; times += 1) {
    const before = process.threadCpuUsage();
    await subject.check(input);
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / 1_000);
  }
  if (best > SLOW_MS) throw new Broken(`an answer takes more than ${SLOW_MS} ms`, `${Math.round(best)} ms`);
}

function wrongOf(error: unknown): Wrong {
  if (error instanceof Broken) return { rule: error.rule, detail: error.message };
  if (!(error instanceof Error)) return { rule: 'it throws what is no error', detail: String(error) };
  // The place tells two crashes with the same words apart, and the same crash with other words together.
  const place =
    /\(?([^\s(]*\/(?:src|tools|sim)\/[^)\s]+)\)?/.exec(error.stack ?? '')?.[1] ?? 'an unknown place';
  const where = place.replace(/^.*\/(?=(?:src|tools|sim)\/)/, '').replace(/:\d+$/, '');
  return { rule: `it throws ${error.name} at ${where}`, detail: error.message.slice(0, 300) };
}
