// Bench: what we add to a frame between the carrier's socket and a voice model, each way, beside a bare `ws` relay.
import { Helper } from '../tools/helper.ts';
import {
  codeFor,
  HEAD,
  keep,
  type Limits,
  type Measured,
  machine,
  option,
  print,
  printRow,
  type Row,
  rowOf,
  rowOfSpread,
  type Spread,
} from './figures.ts';
import { nothingYet, RealtimeCarrier } from './realtime-carrier.ts';
import type { FromHouse, ToHouse } from './realtime-wire.ts';

const MOST = Number(option('most') ?? 200);
const MEASURE_MS = Number(option('ms') ?? 8_000);
const STEPS = [1, 10, 50, 100, 200].filter((calls) => calls <= MOST);
const WARM_MS = 1_500;
/** A frame, either way, with one call. */
const FRAME_LIMITS: Limits = { p50: 1, p99: 10 };
const GREETING_LIMITS: Limits = { p99: 100 };

/** Who stands between the carrier and the model. */
interface Subject {
  readonly id: 'bare' | 'ours';
  readonly name: string;
  readonly file: string;
}
const SUBJECTS: readonly Subject[] = [
  { id: 'bare', name: 'a bare ws relay', file: './realtime-bare.ts' },
  { id: 'ours', name: 'ours', file: './realtime-house.ts' },
];

const rows: Row[] = [];
const notes: string[] = [];

print(
  `A voice model on a media stream: socket -> line thread -> main thread -> model, and back; ms. ${machine()}`,
);
print('The model answers at once and speaks at the pace of speech: only what stands between is measured.');
print(HEAD);
for (const subject of SUBJECTS) await climb(subject);
print(`  ${machine()}`);
print(`  figures: ${keep('realtime', rows, { notes })}`);
process.exit(codeFor(rows));

async function climb(subject: Subject): Promise<void> {
  const house = new Helper<ToHouse, FromHouse>(new URL(subject.file, import.meta.url));
  await house.next('ready');
  const carrier = new RealtimeCarrier();
  let calls = 0;
  for (const step of STEPS) {
    await carrier.join((await house.ask({ kind: 'more', count: step - calls }, 'targets')).targets);
    calls = step;
    await new Promise((resolve) => setTimeout(resolve, WARM_MS));
    carrier.arrived = nothingYet();
    const { heard, mainLoad } = await house.ask({ kind: 'measure', ms: MEASURE_MS }, 'heard');
    if (carrier.lost > 0) {
      notes.push(
        `${calls} calls, ${subject.name}: the machine could not carry them, ${carrier.lost} streams were lost`,
      );
      print(`    ${notes.at(-1)}`);
      break;
    }
    showStep(subject, calls, { heard, ...carrier.arrived });
    print(`    ${subject.name}: main thread ${(mainLoad * 100).toFixed(0)} % busy`);
  }
  show(
    subject,
    { id: 'greeting', what: 'media start -> first frame of the greeting', limits: GREETING_LIMITS },
    carrier.greeted,
  );
  carrier.leave();
  await house.leave({ kind: 'leave' });
}

/** All that was measured with so many calls, in one go. */
function showStep(
  subject: Subject,
  calls: number,
  seen: { heard: Spread; first: readonly number[]; later: readonly number[]; late: readonly number[] },
): void {
  const limits = calls === 1 ? FRAME_LIMITS : {};
  const name = `${calls} call${calls === 1 ? '' : 's'}`;
  show(subject, { id: `${calls}.heard`, what: `${name}: caller's frame -> voice model`, limits }, seen.heard);
  show(
    subject,
    { id: `${calls}.first`, what: `${name}: first sound of a reply -> frame on the socket`, limits },
    seen.first,
  );
  show(subject, { id: `${calls}.later`, what: `${name}: the frames after it` }, seen.later);
  const late = rowOf(
    { id: `realtime.${subject.id}.${calls}.late`, what: `${name}: the carrier's own sending is late by` },
    seen.late,
  );
  printRow(late);
}

/** What is ours has limits, and stands beside what is bare. */
function show(subject: Subject, measured: Measured, figures: Spread | readonly number[]): void {
  const { id, what, limits = {} } = measured;
  const told =
    subject.id === 'ours'
      ? { id: `realtime.ours.${id}`, what: `${what}, ours`, limits, beside: `realtime.bare.${id}` }
      : { id: `realtime.bare.${id}`, what: `${what}, ${subject.name}` };
  const row = 'p50' in figures ? rowOfSpread(told, figures) : rowOf(told, figures);
  rows.push(row);
  printRow(row);
}
