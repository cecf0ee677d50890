// MediaRows: what the media bench measured as rows: each step of each subject, and its knee beside the bare echo's.
import { type Row, rowOf, rowOfSpread } from './figures.ts';
import { dearestPercent } from './media-knee.ts';
import type { StepResult, SubjectResult } from './media-run.ts';
import type { SubjectName } from './media-wire.ts';

/** Of the bare echo's calls we want to carry at least this share. */
const AIM_PERCENT = 70;
/** A frame of the caller to the transcription port, p95. */
const HEARING_MS = 2;
/** Cost grows linearly when a call nowhere costs more than this much of what it costs at 100 calls. */
const LINEAR_PERCENT = 125;

/** `nameOf` says who answers the frames, for people. */
export function rowsOf(
  results: readonly SubjectResult[],
  nameOf: (name: SubjectName) => string,
): readonly Row[] {
  const echo = results.find(({ name }) => name === 'echo');
  return [
    ...results.flatMap((result) => rowsOfSubject(result, nameOf(result.name))),
    ...shares(results, echo),
  ];
}

function rowsOfSubject(result: SubjectResult, subject: string): readonly Row[] {
  const { name, steps, knee } = result;
  const dearest = dearestPercent(result);
  const beside = (id: string): { beside?: string } => (name === 'echo' ? {} : { beside: `media.echo.${id}` });
  const hearing = steps.find((step) => step.hearing !== null)?.hearing;
  return [
    ...(hearing
      ? [
          rowOfSpread(
            {
              id: `media.${name}.hearing`,
              what: `1 call: frame -> transcription port, ${subject}`,
              limits: { p95: HEARING_MS },
            },
            hearing,
          ),
        ]
      : []),
    ...lastTries(steps).flatMap(({ calls, seen, cpuPerCallMinute, rssPerCallKb }) => [
      rowOfSpread(
        {
          id: `media.${name}.${calls}.beat`,
          what: `${callsOf(calls)}: frames off 20 ms by, ${subject}`,
          ...beside(`${calls}.beat`),
        },
        seen.offBeat,
      ),
      rowOf(
        {
          id: `media.${name}.${calls}.cpu`,
          what: `${callsOf(calls)}: processor for a minute of a call, ${subject}`,
          ...beside(`${calls}.cpu`),
        },
        [cpuPerCallMinute],
      ),
      rowOf(
        {
          id: `media.${name}.${calls}.rss`,
          what: `${callsOf(calls)}: memory of a call, ${subject}`,
          unit: 'KB',
          ...beside(`${calls}.rss`),
        },
        [rssPerCallKb],
      ),
    ]),
    ...(dearest === null
      ? []
      : [
          rowOf(
            {
              id: `media.${name}.linear`,
              what: `processor a call up to the knee, of that at 100 calls, ${subject}`,
              unit: '%',
              ...(name === 'line' ? { limits: { max: LINEAR_PERCENT } } : {}),
            },
            [dearest],
          ),
        ]),
    rowOf(
      {
        id: `media.${name}.knee`,
        what: `most calls with even frames, ${subject}`,
        unit: 'calls',
        isMoreBetter: true,
        ...beside('knee'),
      },
      [knee],
    ),
  ];
}

const callsOf = (calls: number): string => `${calls} call${calls === 1 ? '' : 's'}`;

/** An uneven step is tried again: the last try is its verdict. */
function lastTries(steps: readonly StepResult[]): readonly StepResult[] {
  return [...new Map(steps.map((step) => [step.calls, step])).values()].sort((a, b) => a.calls - b.calls);
}

function shares(results: readonly SubjectResult[], echo: SubjectResult | undefined): readonly Row[] {
  if (!echo || echo.knee === 0) return [];
  return results
    .filter(({ name }) => name === 'line')
    .map(({ name, knee }) =>
      rowOf(
        {
          id: `media.${name}.share`,
          what: "our most calls, of the bare echo's",
          unit: '%',
          isMoreBetter: true,
          limits: { p50: AIM_PERCENT },
        },
        [(knee * 100) / echo.knee],
      ),
    );
}
