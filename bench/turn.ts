// Bench: how much time of our own a turn takes on live audio, beside the ideal pipeline of the same providers.
import {
  codeFor,
  HEAD,
  keep,
  machine,
  machineMs,
  option,
  print,
  printRow,
  type Row,
  rowOf,
} from './media-figures.ts';
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
function show(what: string, values: readonly number[], limits: Row['limits'] = {}): Row {
  const row = rowOf(what, values, limits);
  rows.push(row);
  printRow(row);
  return row;
}

/** Own time is what is left when the providers' own times, as they took them, are taken off. */
function showTurns(name: string, live: Session, limits: Row['limits']): Row {
  const turns = heard(live);
  const misses = live.lines.reduce((sum, line) => sum + line.misses, 0);
  const own = show(
    `${name}: own time of a turn`,
    turns.map(
      (t) => t.frameAt - t.finalSentAt - (t.proofSentAt - t.questionCameAt) - (t.soundSentAt - t.textCameAt),
    ),
    limits,
  );
  show(
    '    final words sent by the transcriber -> agent asked',
    turns.map((t) => t.askedAt - t.finalSentAt),
  );
  show(
    '    agent asked -> question at the model',
    turns.map((t) => t.questionCameAt - t.askedAt),
  );
  show(
    '    token that ends the first clause sent -> synthesizer asked',
    turns.map((t) => t.spokenAt - t.proofSentAt),
  );
  show(
    '    synthesizer asked -> text at the service',
    turns.map((t) => t.textCameAt - t.spokenAt),
  );
  show(
    '    first byte of sound sent -> first frame on the socket',
    turns.map((t) => t.frameAt - t.soundSentAt),
  );
  if (misses > 0) print(`    ${misses} times a caller waited in vain`);
  return own;
}

function showLine(name: string, { lines, clears }: Session, limit: number | null): void {
  show(`${name}: decision -> clear`, clears, limit === null ? {} : { p99: limit });
  show(
    `${name}: gap between frames off 20 ms by`,
    lines.flatMap(({ offBeat }) => offBeat),
  );
  const dry = lines.flatMap((line) => line.dry);
  if (dry.length > 0) show(`${name}: nothing to hear in mid-answer, ms`, dry);
}

function hearing({ lines }: Session): number[] {
  return lines.flatMap(({ to, sent }) => {
    const heardAt = house.heardAt.get(to) ?? [];
    return heardAt.map((at, index) => at - (sent[index] ?? Number.NaN));
  });
}

print(`One turn on live audio, all of it on this machine; ms. ${machine()}`);
print(
  `Providers: silence ${PACE.endpointMs} until final words, first token ${PACE.firstTokenMs}, a token every ${PACE.tokenMs},`,
);
print(
  `first sound ${PACE.firstSoundMs}, then ${PACE.speed} times as fast as it sounds. Threads: ours, the line, the providers, the carrier.`,
);
print(HEAD);

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
  'media start -> first frame of the greeting, made while it rang',
  greeted.flatMap(({ startedAt, greetedAt }) => (greetedAt === null ? [] : [greetedAt - startedAt])),
  { p99: 100 },
);

// The ten come first: a Gateway has been up for a while when somebody calls.
const ten = await session(10, 30);
showTurns('10 calls', ten, { p95: 25 });
showLine('10 calls', ten, 5);
show("10 calls: caller's frame -> transcription port", hearing(ten));

const one = await session(1, 75);
const live = showTurns('1 call', one, { p50: 3, p95: 10 });
showLine('1 call', one, 5);
show("1 call: caller's frame -> transcription port", hearing(one), { p95: 2 });

const blocking = setInterval(() => {
  const until = performance.now() + 200;
  while (performance.now() < until);
}, 900);
const blocked = await session(10, 25);
clearInterval(blocking);
showTurns('10 calls, our thread busy 200 of every 900 ms', blocked, {});
showLine('10 calls, busy', blocked, 5);

const quick = heard(await session(5, 10, { ...PACE, endpointMs: 260 }));
show(
  'words final after 260 ms already: final -> agent asked (we wait 120)',
  quick.map((t) => t.askedAt - t.finalSentAt),
);

house.standIns.isBatch = true;
const batchSession = await session(5, 20);
house.standIns.isBatch = false;
const batch = show(
  'batch: final words -> first frame of the answer',
  batchSession.turns.flatMap((turn) => {
    const line = batchSession.lines.find(({ to }) => to === house.toOf(turn.callId));
    const frameAt = line?.answers.find((at) => at > turn.finalSentAt);
    return frameAt === undefined ? [] : [frameAt - turn.finalSentAt];
  }),
);
const streamed = show(
  'streamed: final words -> first frame of the answer',
  heard(one).map((t) => t.frameAt - t.finalSentAt),
);
const ratio = batch.spread.p50 / streamed.spread.p50;
print(`  The same reply the batch way takes ${ratio.toFixed(1)} times as long until it is heard.`);
print('  The existing plugin, from the issue: 4.6 s from transcript to first audio, 4.1 s more than ideal;');
print('  1.9 s more with instant synthesis; greeting 322 ms.');

await house.close();
const faults = house.log.lines.filter(({ level }) => level === 'error' || level === 'warn');
for (const { level, text } of faults.slice(0, 10)) print(`  our log, ${level}: ${text}`);
print(`  ${machine()}`);
print(`  figures: ${keep('turn', { rows, ratio, live: live.spread, at: machineMs() })}`);
process.exitCode = codeFor(rows.map(({ isKept }) => isKept));
