// Bench: how much time of our own a turn takes on live audio, beside the ideal pipeline of the same providers.
import { echoTrips } from './bare-echo.ts';
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
} from './figures.ts';
import { TurnHouse } from './turn-house.ts';
import type { Stages } from './turn-stand-ins.ts';
import type { LineReport, Pace } from './turn-wire.ts';

/** 1: three minutes and a half. */
const SCALE = Number(option('scale') ?? 1);
const PACE: Pace = { endpointMs: 640, firstTokenMs: 200, tokenMs: 20, firstSoundMs: 150, speed: 10 };
const RING_MS = 300;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Session {
  readonly turns: readonly Stages[];
  readonly lines: readonly LineReport[];
  readonly clears: readonly number[];
}

const house = new TurnHouse();
await house.open();

/** `seconds`, or more where a small scale would leave no time for a whole turn. */
const atLeast = (seconds: number, least: number): number => Math.max(seconds, least / SCALE);

/** Holds `calls` conversations for `seconds`. */
async function session(calls: number, seconds: number, pace: Pace = PACE): Promise<Session> {
  house.standIns.pace(pace);
  house.standIns.turns.length = 0;
  house.decisions.length = 0;
  house.people(RING_MS, true);
  for (let call = 0; call < calls; call++) {
    await house.call((number) => `Hi ${number}.`);
    await sleep(37);
  }
  await sleep(seconds * SCALE * 1_000);
  const lines = await house.hangUp(calls);
  const clears = lines.flatMap((line) => clearsOf(line));
  return { turns: [...house.standIns.turns], lines, clears };
}

/** From the decision of the engine that this is an interruption to the `clear` on the carrier's socket. */
function clearsOf({ to, clears }: LineReport): number[] {
  const decided = house.decisions.filter((one) => one.to === to).map(({ at }) => at);
  return clears.flatMap((at) => {
    const decidedAt = decided.findLast((one) => one <= at);
    return decidedAt === undefined ? [] : [at - decidedAt];
  });
}

/** Each turn with the first frame of its answer on the carrier's socket. */
function heard({ turns, lines }: Session): readonly (Required<Stages> & { readonly frameAt: number })[] {
  return turns.flatMap((turn) => {
    const line = lines.find(({ to }) => to === house.toOf(turn.callId));
    const frameAt = line?.answers.find((at) => at > turn.finalSentAt);
    const next = turns.find((other) => other.callId === turn.callId && other.askedAt > turn.askedAt);
    if (frameAt === undefined || (next && next.askedAt < frameAt) || !isWhole(turn)) return [];
    return [{ ...turn, frameAt }];
  });
}

function isWhole(turn: Stages): turn is Required<Stages> {
  const { questionCameAt, proofSentAt, spokenAt, textCameAt, soundSentAt } = turn;
  return [questionCameAt, proofSentAt, spokenAt, textCameAt, soundSentAt].every((at) => at !== undefined);
}

const rows: Row[] = [];
const notes: string[] = [];
function note(text: string): void {
  notes.push(text);
  print(`    ${text}`);
}

function show(measured: Measured, values: readonly number[]): void {
  const row = rowOf({ ...measured, id: `turn.${measured.id}` }, values);
  rows.push(row);
  printRow(row);
}

/** What the providers themselves took: no pipeline can be quicker. */
function ideal(t: Required<Stages>): number {
  return t.proofSentAt - t.questionCameAt + t.soundSentAt - t.textCameAt;
}

/** `name` for people, `id` in result files, `limits` for our own time: what is left without the providers'. */
function showTurns(name: string, id: string, live: Session, limits: Limits): void {
  const turns = heard(live);
  const misses = live.lines.reduce((sum, line) => sum + line.misses, 0);
  show({ id: `ideal.${id}`, what: `${name}: final words -> answer, the ideal pipeline` }, turns.map(ideal));
  show(
    {
      id: `answer.${id}`,
      what: `${name}: final words -> first frame of the answer`,
      beside: `turn.ideal.${id}`,
    },
    turns.map((t) => t.frameAt - t.finalSentAt),
  );
  show(
    { id: `own.${id}`, what: `${name}: own time of a turn`, limits },
    turns.map((t) => t.frameAt - t.finalSentAt - ideal(t)),
  );
  const stages: readonly (readonly [string, string, (t: (typeof turns)[number]) => number])[] = [
    ['asked', 'final words sent by the transcriber -> agent asked', (t) => t.askedAt - t.finalSentAt],
    ['question', 'agent asked -> question at the model', (t) => t.questionCameAt - t.askedAt],
    ['clause', 'token that ends the first clause -> synthesizer asked', (t) => t.spokenAt - t.proofSentAt],
    ['text', 'synthesizer asked -> text at the service', (t) => t.textCameAt - t.spokenAt],
    ['frame', 'first byte of sound sent -> first frame on the socket', (t) => t.frameAt - t.soundSentAt],
  ];
  for (const [stage, what, of] of stages)
    show({ id: `own.${id}.${stage}`, what: `${name}: of it, ${what}` }, turns.map(of));
  // What is not there is in no quantile: it must be said.
  if (misses > 0) note(`${name}: ${misses} times a caller waited in vain`);
  if (turns.length < live.turns.length)
    note(
      `${name}: ${live.turns.length - turns.length} of ${live.turns.length} turns came to no answer that was timed`,
    );
}

function showLine(name: string, id: string, { lines, clears }: Session): void {
  show(
    { id: `clear.${id}`, what: `${name}: decision -> clear`, limits: { p99: 5 }, beside: 'turn.echo' },
    clears,
  );
  show(
    { id: `beat.${id}`, what: `${name}: gap between frames off 20 ms by` },
    lines.flatMap(({ offBeat }) => offBeat),
  );
  const dry = lines.flatMap((line) => line.dry);
  if (dry.length > 0)
    note(
      `${name}: ${dry.length} times nothing to hear in mid-answer, ${Math.max(...dry).toFixed(0)} ms at most`,
    );
}

function showHearing(name: string, id: string, { lines }: Session, limits: Limits): void {
  show(
    {
      id: `hearing.${id}`,
      what: `${name}: caller's frame -> transcription port`,
      limits,
      beside: 'turn.echo',
    },
    lines.flatMap(({ to, sent }) => {
      const heardAt = house.heardAt.get(to) ?? [];
      return heardAt.map((at, index) => at - (sent[index] ?? Number.NaN));
    }),
  );
}

print(`One turn on live audio, all of it on this machine; ms. ${machine()}`);
print(
  `Providers: silence ${PACE.endpointMs} until final words, first token ${PACE.firstTokenMs}, a token every ${PACE.tokenMs},`,
);
print(
  `first sound ${PACE.firstSoundMs}, then ${PACE.speed} times as fast as it sounds. Threads: ours, the line, the providers, the carrier.`,
);
print(HEAD);

show({ id: 'echo', what: 'a bare ws echo: a frame there and back' }, await echoTrips(Math.ceil(200 * SCALE)));

house.people(RING_MS, false);
const greetings = Math.ceil(40 * SCALE);
house.standIns.pace(PACE);
for (let call = 0; call < greetings; call++) {
  await house.call((number) => `Good morning, this is greeting ${number}.`);
  await sleep(120);
}
await sleep(1_500);
const greeted = await house.hangUp(greetings);
show(
  {
    id: 'greeting',
    what: 'media start -> first frame of the greeting, made while it rang',
    limits: { p99: 100 },
    beside: 'turn.echo',
  },
  greeted.flatMap(({ startedAt, greetedAt }) => (greetedAt === null ? [] : [greetedAt - startedAt])),
);

// The ten come first: a Gateway has been up for a while when somebody calls.
const ten = await session(10, 30);
showTurns('10 calls', '10', ten, { p95: 25 });
showLine('10 calls', '10', ten);
showHearing('10 calls', '10', ten, {});

const one = await session(1, 75);
showTurns('1 call', '1', one, { p50: 3, p95: 10 });
showLine('1 call', '1', one);
showHearing('1 call', '1', one, { p95: 2 });

const blocking = setInterval(() => {
  const until = performance.now() + 200;
  while (performance.now() < until);
}, 900);
const blocked = await session(10, 25);
clearInterval(blocking);
showTurns('10 calls, our thread busy 200 of every 900 ms', 'busy', blocked, {});
showLine('10 calls, busy', 'busy', blocked);

const quick = heard(await session(5, atLeast(10, 6), { ...PACE, endpointMs: 260 }));
show(
  { id: 'early', what: 'words final after 260 ms already: final -> agent asked (we wait 120)' },
  quick.map((t) => t.askedAt - t.finalSentAt),
);

house.standIns.isBatch = true;
const batchSession = await session(5, atLeast(20, 14));
house.standIns.isBatch = false;
show(
  { id: 'batch', what: 'batch: final words -> first frame of the answer', beside: 'turn.answer.1' },
  batchSession.turns.flatMap((turn) => {
    const line = batchSession.lines.find(({ to }) => to === house.toOf(turn.callId));
    const frameAt = line?.answers.find((at) => at > turn.finalSentAt);
    return frameAt === undefined ? [] : [frameAt - turn.finalSentAt];
  }),
);
print('  The existing plugin, from the issue: 4.6 s from transcript to first audio, 4.1 s more than ideal;');
print('  1.9 s more with instant synthesis; greeting 322 ms.');

await house.close();
const faults = house.log.lines.filter(({ level }) => level === 'error' || level === 'warn');
for (const { level, text } of faults.slice(0, 10)) print(`  our log, ${level}: ${text}`);
print(`  ${machine()}`);
print(`  figures: ${keep('turn', rows, { notes })}`);
process.exitCode = codeFor(rows);
