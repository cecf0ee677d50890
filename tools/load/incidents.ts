// Incidents: every silence that counts as a fault, told moment by moment, for whoever looks for its reason.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Step } from '../../src/record/journal.ts';
import { type Strike, strikes } from './story.ts';
import type { Gap } from './verdict.ts';
import { nameOf } from './wire.ts';

/** Writes what the person, the faults and our journal have of each call, in ms since the silence began. */
export function tellIncidents(
  gaps: readonly Gap[],
  all: readonly Strike[],
  steps: readonly (readonly Step[])[],
): void {
  if (gaps.length === 0) return;
  const incidents = gaps.map(({ story, from, ms, after, struckBy }, nth) => {
    const since = (at: number): number => Math.round(at - from);
    return {
      call: `${nameOf(story)} ${story.person}`,
      ms,
      after,
      struckBy,
      moments: [
        ...story.words.map((one) => [since(one.from), `they speak until ${since(one.to)}`]),
        ...story.sounds.map((one) => [
          since(one.from),
          `we are heard until ${since(one.to)}${one.isLast ? ', which ends it' : ''}`,
        ]),
        ...all
          .filter((strike) => strikes(strike, story))
          .map((strike) => [since(strike.from), `FAULT ${strike.kind} until ${since(strike.to)}`]),
        ...(steps[nth] ?? []).map(({ at, event }) => [since(at), JSON.stringify(event)]),
      ].sort(([a], [b]) => Number(a) - Number(b)),
    };
  });
  const path = join(tmpdir(), 'voice-call-load-incidents.json');
  writeFileSync(path, JSON.stringify(incidents, null, 1));
  console.log(`What happened around each silence: ${path}.`);
}
