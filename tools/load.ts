// Load: `npm run load -- --calls 200 --minutes 10 --seed 1`: many calls of all kinds while everything around them fails.
import { parseArgs } from 'node:util';
import { systemClock, wait } from '../src/lib/clock.ts';
import { Helper } from './helper.ts';
import type { AppSample, Evidence, Placed } from './load/evidence.ts';
import { tellIncidents } from './load/incidents.ts';
import { type Machine, type Progress, printProgress, report } from './load/report.ts';
import type { CallersSample, Story, Strike } from './load/story.ts';
import { faultsOf, gapsOf } from './load/verdict.ts';
import {
  CARRIERS,
  type CarrierAt,
  type CarrierName,
  type FromCallers,
  type FromHouse,
  type FromServices,
  LINES,
  type Line,
  nameOf,
  type ToCallers,
  type ToHouse,
  type ToServices,
} from './load/wire.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
const calls = Number(values.calls);
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(calls >= 1 && minutes > 0 && Number.isInteger(seed)))
  throw new Error('usage: npm run load -- --calls 200 --minutes 10 --seed 1');

const SAMPLE_MS = 10_000;
/** Calls that warm everything up, so that what is loaded once is no growth. */
const WARM_CALLS = LINES.length * 2;
const WARM_MS = 20_000;
/** The first calls come one after another, as people do; the minutes are counted from when all are there. */
const FILLING = 30;
const FILLING_STEP_MS = 1_000;
/** Until the last call has ended: what is said is heard to its end first. */
const QUIET_WITHIN_MS = 120_000;
/** Streams, keep-alive connections and deadlines of the last calls are gone by then. */
const SETTLED_MS = 20_000;
/** All calls are on, and what so many need at once has been taken from the system: memory is watched from then on. */
const FILLED_MS = Math.max(20_000, minutes * 12_000);

const at = (name: string): URL => new URL(`./load/${name}.ts`, import.meta.url);
const services = new Helper<ToServices, FromServices>(at('services'), [String(seed)]);
const carriers = new Map(
  CARRIERS.map((carrier, nth): [CarrierName, Helper<ToCallers, FromCallers>] => [
    carrier,
    new Helper(at('callers'), [carrier, String(seed + nth + 1)]),
  ]),
);
const stories: Story[] = [];
const placed: Placed[] = [];
const all: Strike[] = [];

/** Which telephone was asked to call a number. */
const asked = new Map<string, Line>();

async function opened(): Promise<Helper<ToHouse, FromHouse>> {
  const waiting = [...carriers].map(
    async ([carrier, helper]): Promise<[CarrierName, CarrierAt]> => [carrier, await helper.next('ready')],
  );
  const [ready, there] = await Promise.all([services.next('ready'), Promise.all(waiting)]);
  const start = { services: ready.services, carriers: Object.fromEntries(there) };
  return new Helper<ToHouse, FromHouse>(at('house'), [JSON.stringify(start)]);
}

function follow(house: Helper<ToHouse, FromHouse>): void {
  services.listen((message) => {
    if (message.kind === 'struck') all.push(message.strike);
  });
  house.listen((message) => {
    if (message.kind !== 'placed') return;
    const line = asked.get(message.to);
    if (line) placed.push({ ...line, at: systemClock.now(), to: message.to, why: message.why });
  });
  for (const helper of carriers.values()) {
    helper.listen((message) => {
      if (message.kind === 'over') stories.push(message.story);
      else if (message.kind === 'struck') all.push(message.strike);
      else if (message.kind === 'end') house.tell(message);
      else if (message.kind === 'place') {
        asked.set(message.to, message.line);
        house.tell(message);
      }
    });
  }
}

/** So many calls at a time, shared out among all lines. */
function keep(total: number, faults: boolean): void {
  const shares = LINES.map((line, nth): [string, number] => [
    nameOf(line),
    Math.floor(total / LINES.length) + (nth < total % LINES.length ? 1 : 0),
  ]);
  services.tell({ kind: 'faults', on: faults });
  for (const helper of carriers.values())
    helper.tell({ kind: 'keep', calls: total === 0 ? {} : Object.fromEntries(shares), faults });
}

/** No calls any more, and time for everything of them to go. */
async function quiet(): Promise<void> {
  const over = [...carriers.values()].map((helper) => helper.next('quiet', QUIET_WITHIN_MS));
  keep(0, false);
  await Promise.all(over);
  await wait(systemClock, SETTLED_MS);
}

async function sampled(house: Helper<ToHouse, FromHouse>): Promise<AppSample> {
  return (await house.ask({ kind: 'sample' }, 'sample')).sample;
}

function callersSamples(): Promise<readonly CallersSample[]> {
  return Promise.all(
    [...carriers.values()].map(async (helper) => (await helper.ask({ kind: 'sample' }, 'sample')).sample),
  );
}

async function progress(house: Helper<ToHouse, FromHouse>): Promise<Progress> {
  const [app, callers, { cpuMs }] = await Promise.all([
    sampled(house),
    callersSamples(),
    services.ask({ kind: 'sample' }, 'sample'),
  ]);
  return { app, callers, servicesCpuMs: cpuMs };
}

/** Warms up, loads, lets go; what was seen. */
async function load(
  house: Helper<ToHouse, FromHouse>,
): Promise<{ readonly evidence: Evidence; readonly machine: Machine }> {
  keep(Math.min(WARM_CALLS, calls), false);
  await wait(systemClock, WARM_MS);
  await quiet();
  const before = await sampled(house);
  for (let begun = 1; begun <= FILLING; begun++) {
    keep(Math.round((calls * begun) / FILLING), true);
    await wait(systemClock, FILLING_STEP_MS);
  }
  const startedAt = systemClock.now();
  const samples: AppSample[] = [];
  let seen = await progress(house);
  let latestMs = 0;
  while (systemClock.now() - startedAt < minutes * 60_000) {
    await wait(systemClock, SAMPLE_MS);
    const next = await progress(house);
    printProgress(next, seen, { startedAt, stories, strikes: all });
    latestMs = Math.max(latestMs, ...next.callers.map(({ lateMs }) => lateMs));
    if (next.app.at - startedAt >= FILLED_MS) samples.push(next.app);
    seen = next;
  }
  await quiet();
  const after = await sampled(house);
  const { records } = await house.ask({ kind: 'records' }, 'records');
  const answered = new Set(placed.map(({ to }) => to));
  const unanswered = [...asked.keys()].filter((to) => !answered.has(to));
  const wish = { calls, minutes, seed };
  return {
    evidence: { wish, stories, records, placed, unanswered, strikes: all, before, samples, after },
    machine: { latestMs, problems: (await callersSamples()).flatMap(problems) },
  };
}

function problems({ carrier, problems: found }: CallersSample): readonly string[] {
  return Object.entries(found).map(([text, count]) => `${carrier}: ${text} (${count})`);
}

const house = await opened();
const helpers = [services, house, ...carriers.values()];
try {
  const { ports } = await house.next('ready');
  for (const helper of carriers.values()) helper.tell({ kind: 'ports', ports });
  follow(house);
  const { evidence, machine } = await Promise.race([load(house), ...helpers.map((helper) => helper.lost)]);
  const faults = faultsOf(evidence);
  report(evidence, machine, faults);
  const gaps = gapsOf(evidence);
  const of = gaps.map(({ story: { carrier, mode, id } }) => ({ carrier, mode, id }));
  const { steps } = await house.ask({ kind: 'steps', of }, 'steps');
  tellIncidents(gaps, all, steps);
  await Promise.all(helpers.map((helper) => helper.leave({ kind: 'stop' })));
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  for (const helper of helpers) helper.end();
}
