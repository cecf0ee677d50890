// Lane: one of the processes that try points side by side; it is told the points one by one.
import { reasonOf } from '../../src/lib/errors.ts';
import type { CarrierName } from '../../test/conformance/exchanges.ts';
import type { Sin } from './orders.ts';
import { SCENARIOS } from './scenarios.ts';
import { type Outcome, trial } from './trial.ts';

/** A point to be tried; `dieAt` null counts the points instead. */
export interface Job {
  readonly scenario: string;
  readonly carrier: CarrierName;
  readonly dieAt: number | null;
  readonly downMs: number | null;
  readonly sin: Sin | null;
  readonly program: string;
}

async function outcomeOf({ scenario: name, ...job }: Job): Promise<Outcome> {
  const scenario = SCENARIOS.find((one) => one.name === name);
  try {
    if (!scenario) throw new Error(`there is no scenario "${name}"`);
    return await trial({ ...job, scenario });
  } catch (error) {
    return { points: [], hasDied: true, checked: {}, violations: [`the trial failed: ${reasonOf(error)}`] };
  }
}

process.on('message', (job: Job) => {
  void outcomeOf(job).then((outcome) => process.send?.(outcome));
});
