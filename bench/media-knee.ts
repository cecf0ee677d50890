// MediaKnee: what the steps of the media bench say in words: where the knee is and which part was at its limit there.
import type { StepResult, SubjectResult } from './media-run.ts';

/** A thread or process that takes this much of a core has no time left to be punctual in. */
const FULL = 0.85;
/** Of all cores together: what is left is too little for whoever wakes up. */
const MACHINE_FULL = 0.9;
/** Of one core: what others take beside us is worth a word. */
const WORTH_A_WORD = 0.1;
/** With fewer calls what a turn of the loop costs by itself is shared by few. */
const LINEAR_FROM = 100;

/** At the knee, a try that was even; where all were uneven, the last. */
function atKnee({ steps, knee }: SubjectResult): StepResult | null {
  return steps.findLast(({ calls, isEven }) => isEven && calls === knee) ?? null;
}

/** The first uneven step above the knee, or the last step of all when none was. */
function pastKnee({ steps, knee }: SubjectResult): StepResult | null {
  const above = steps.filter(({ calls, isEven }) => !isEven && calls > knee);
  const [first] = above.toSorted((a, b) => a.calls - b.calls);
  return first ?? steps.at(-1) ?? null;
}

/**
 * The processor a call costs, in percent of what it costs at 100 calls: the dearest step from there to the knee. Null
 * when there is nothing to compare.
 */
export function dearestPercent({ steps, knee }: SubjectResult): number | null {
  const even = steps.filter(({ calls, isEven }) => isEven && calls >= LINEAR_FROM && calls <= knee);
  const first = even.find(({ calls }) => calls === LINEAR_FROM);
  if (!first || even.length < 2) return null;
  return Math.max(...even.map((step) => (step.cpuPerCallMinute * 100) / first.cpuPerCallMinute));
}

const percent = (load: number): string => `${(load * 100).toFixed(0)} %`;

/** Why it was not even there, by the loads: all of them are of one core. */
export function limitAt(step: StepResult, cores: number): string {
  const { threadLoad, mainLoad, machineLoad, seen } = step;
  const { clientLoad } = seen;
  const others = Math.max(0, machineLoad - step.processLoad - clientLoad);
  const loads =
    `thread ${percent(threadLoad)}, main thread ${percent(mainLoad)}, client ${percent(clientLoad)}` +
    `${others >= WORTH_A_WORD ? `, other programs ${percent(others)}` : ''} of a core`;
  if (threadLoad >= FULL) return `the thread itself is at its limit (${loads})`;
  if (clientLoad >= FULL) return `the client is at its limit, the thread would carry more (${loads})`;
  if (machineLoad >= MACHINE_FULL * cores)
    return `the machine is full: ${cores} cores for all of it (${loads})`;
  if (others >= WORTH_A_WORD) return `other programs take turns with ours (${loads})`;
  return `nothing is full, but what wakes up waits for its turn on ${cores} cores (${loads})`;
}

/** Sentences for people: the knee, its reason, what a call costs there, and what costs most. */
export function notesOf(result: SubjectResult, subject: string, cores: number): readonly string[] {
  const { knee, isFound, hot } = result;
  const at = atKnee(result);
  const past = isFound ? pastKnee(result) : null;
  const costs = hot.map(({ name, percent: of }) => `${name} ${of.toFixed(1)} %`);
  return [
    isFound
      ? `knee of ${subject}: ${knee} calls`
      : `no knee of ${subject} within the steps: ${knee} calls are even`,
    ...(past ? [`why not ${past.calls}: ${limitAt(past, cores)}`] : []),
    ...(at
      ? [
          `at ${knee} calls: ${(at.cpuPerCallMinute / 1_000).toFixed(3)} s of a core for a minute of a call, ` +
            `${at.rssPerCallKb.toFixed(0)} KB a call`,
        ]
      : []),
    ...(costs.length > 0
      ? [`own time of the thread at the knee, first by part, then by function: ${costs.join(', ')}`]
      : []),
  ];
}
