// Untried: what a load test must have done to prove anything: calls on every line, all at once, and every fault. Pure.
import { type Evidence, isFull } from './evidence.ts';
import { answersOf } from './owed.ts';
import { NOBODY, STRIKES } from './story.ts';
import { CARRIERS, LINES, nameOf } from './wire.ts';

/** Of all calls that are to be on at a time so many are, mostly: some are just being dialled. */
const MOST_OF_THEM = 0.8;
/** A request that failed because the carrier was away is given up so long after it is back, ms. */
const GIVEN_UP_MS = 15_000;

/** What was not put to the test though it was asked for, in sentences. */
export function untried(evidence: Evidence): readonly string[] {
  return [...silentLines(evidence), ...fewCalls(evidence), ...spared(evidence), ...refused(evidence)];
}

function silentLines({ wish, stories }: Evidence): readonly string[] {
  if (wish.calls < LINES.length) return [];
  return LINES.map(nameOf)
    .filter((line) => !stories.some((story) => nameOf(story) === line && answersOf(story).length > 0))
    .map((line) => `nobody had an answer on ${line}`);
}

function fewCalls({ wish, samples }: Evidence): readonly string[] {
  const open = samples.map(({ openCalls }) => openCalls).sort((a, b) => a - b);
  const middle = open[open.length >> 1] ?? 0;
  return samples.length > 0 && middle < wish.calls * MOST_OF_THEM
    ? [`${middle} calls were on at a time, not ${wish.calls}`]
    : [];
}

function spared({ wish, strikes }: Evidence): readonly string[] {
  if (!isFull(wish)) return [];
  return STRIKES.filter((kind) => !strikes.some((strike) => strike.kind === kind)).map(
    (kind) => `never injected: ${kind}`,
  );
}

/** Calls of ours are refused by a carrier that fails just then, each time once, and by nobody else. */
function refused({ placed, strikes }: Evidence): readonly string[] {
  return CARRIERS.flatMap((carrier) => {
    const struck = strikes.filter((one) => one.carrier === carrier && one.kind.startsWith('carrier API'));
    const away = struck.filter(({ kind }) => kind === 'carrier API down');
    const times = struck.filter(({ person }) => person === NOBODY).length;
    const some = placed.filter(
      (one) =>
        one.carrier === carrier &&
        one.why !== null &&
        !away.some(({ from, to }) => one.at >= from && one.at <= to + GIVEN_UP_MS),
    );
    const whys = [...new Set(some.map(({ why }) => why))].join('; ');
    return some.length > times
      ? [`${some.length} calls were refused, though ${carrier} failed ${times} times: ${whys}`]
      : [];
  });
}
