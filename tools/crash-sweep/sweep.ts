// Sweep: counts the points of every scenario, then tries each of them, several at a time.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import type { CarrierName } from '../../test/conformance/exchanges.ts';
import type { Job } from './lane.ts';
import type { Sin } from './orders.ts';
import { victimProgram } from './program.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Outcome } from './trial.ts';

/** How long nobody is there after a death; null: nobody ever comes back. */
const DOWN_MS: readonly (number | null)[] = [1_000, 20_000, null];
const LANE = path.join(import.meta.dirname, 'lane.ts');

export interface SweepOptions {
  /** One point of so many is tried, spread evenly over all scenarios; 1: all of them. */
  readonly step: number;
  /** How long nobody is there after a death: all lengths when absent. */
  readonly downMs?: readonly (number | null)[];
  /** Scenarios with this in `carrier: name` only. */
  readonly only: string;
  readonly sin: Sin | null;
  /** Told after every trial. */
  readonly onTrial?: (done: number, of: number) => void;
}

export interface Row {
  readonly scenario: string;
  readonly carrier: CarrierName;
  /** How many points there are. */
  readonly points: number;
  readonly trials: readonly Trial[];
}

export interface Trial extends Outcome {
  readonly point: string;
  readonly downMs: number | null;
}

export async function sweep(options: SweepOptions): Promise<readonly Row[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'voice-call-sweep-'));
  const lanes = Array.from({ length: availableParallelism() + 1 }, () => new Lane());
  try {
    const program = await victimProgram(folder);
    const counting = SCENARIOS.flatMap(({ name: scenario, carriers }) =>
      carriers
        .filter((carrier) => `${carrier}: ${scenario}`.includes(options.only))
        .map((carrier): Job => ({ scenario, carrier, dieAt: null, downMs: null, sin: options.sin, program })),
    );
    const counted = await shared(lanes, counting, () => undefined);
    const rows = counted.map(({ job, outcome }, index) => ({
      job,
      outcome,
      plans: plansFor(outcome, index, options),
    }));
    const jobs = rows.flatMap(({ job, plans }) => plans.map((plan): Job => ({ ...job, ...plan })));
    const tried = await shared(lanes, jobs, (done) => options.onTrial?.(done, jobs.length));
    return rows.map(({ job: { scenario, carrier }, outcome }) => ({
      scenario,
      carrier,
      points: outcome.points.length,
      trials: [
        { ...outcome, point: 'none', downMs: 0 },
        ...tried
          .filter(({ job }) => job.scenario === scenario && job.carrier === carrier)
          .map(({ job, outcome: found }) => ({
            ...found,
            point: `${job.dieAt} ${outcome.points[(job.dieAt ?? 0) - 1]}`,
            downMs: job.downMs,
          })),
      ],
    }));
  } finally {
    for (const lane of lanes) lane.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Plan = Pick<Job, 'dieAt' | 'downMs'>;

/** For each way to come back other points. */
function plansFor(
  { points }: Outcome,
  offset: number,
  { step, downMs: ways = DOWN_MS }: SweepOptions,
): readonly Plan[] {
  return ways.flatMap((downMs, way) =>
    points
      .map((_, index) => ({ dieAt: index + 1, downMs }))
      .filter(({ dieAt }) => (dieAt + offset + Math.floor((way * step) / ways.length)) % step === 0),
  );
}

interface Done {
  readonly job: Job;
  readonly outcome: Outcome;
}

/** Has the lanes do all jobs; the outcomes in the order of the jobs. */
async function shared(
  lanes: readonly Lane[],
  jobs: readonly Job[],
  onDone: (done: number) => void,
): Promise<readonly Done[]> {
  const outcomes: Done[] = [];
  let next = 0;
  let done = 0;
  const work = async (lane: Lane): Promise<void> => {
    for (let index = next++; index < jobs.length; index = next++) {
      const job = jobs[index];
      if (!job) return;
      outcomes[index] = { job, outcome: await lane.try(job) };
      done += 1;
      onDone(done);
    }
  };
  await Promise.all(lanes.map(work));
  return outcomes;
}

class Lane {
  readonly #child: ChildProcess = fork(LANE, { serialization: 'advanced', stdio: 'inherit' });
  readonly #gone: Promise<unknown> = once(this.#child, 'exit');

  async try(job: Job): Promise<Outcome> {
    const answered = new Promise((resolve) => this.#child.once('message', resolve));
    this.#child.send(job);
    const outcome = await Promise.race([answered, this.#gone.then(() => null)]);
    if (outcome === null) throw new Error('a lane of the sweep ended');
    return outcome as Outcome;
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
