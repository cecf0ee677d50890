// Callers: one carrier and the people on its lines, in a process of their own: always so many calls, and faults by chance.
import { systemClock, wait } from '../../src/lib/clock.ts';
import { Random } from '../random.ts';
import { type Manner, openExchange } from './exchange.ts';
import { type CallersSample, NOBODY, type Strike, type StrikeKind } from './story.ts';
import { type Leg, Talker } from './talker.ts';
import {
  type CarrierName,
  type FromCallers,
  LINES,
  type Line,
  nameOf,
  type ToCallers,
  theirNumber,
} from './wire.ts';

const carrier = (process.argv[2] ?? '') as CarrierName;
const random = new Random(Number(process.argv[3]));
const exchange = openExchange(carrier, random);
const lines = LINES.filter((line) => line.carrier === carrier);

const TICK_MS = 100;
/** Of all calls so many are placed by us: one in. */
const OUTBOUND_PER = 3;
const BUSY_PER = 25;
/** A call we were asked to place has begun by then, or never will. */
const DIALLED_WITHIN_MS = 12_000;
/** New calls come one after the other, not all at once. */
const MOST_AT_ONCE = 2;
/** A call is struck once in so many ticks. */
const DROP_PER = 90_000 / TICK_MS;
const END_PER = 240_000 / TICK_MS;
/** Something between the carrier and us. */
const SPOIL_EVERY_MS = 2_500;
const OFFLINE_EVERY_MS = 120_000;
const OFFLINE_MS = 1_500;
/** A dropped socket may be away so long: our patience with it, the carrier's way back, and saying it again. */
const DROP_AFTERMATH_MS = 4_000;
/** What is late or refused is told again by then. */
const AFTERMATH_MS = 3_000;
/** Where it was the receipt of a sentence, we wait for the slowest voice before the next one. */
const WEBHOOK_AFTERMATH_MS = 8_000;

let wanted: Readonly<Record<string, number>> = {};
let hasFaults = false;
let seen = 0;
let number = 0;
/** Legs that are not over. */
const live = new Map<Leg, Talker>();
/** Who is to be called: by number, and until when. */
const awaited = new Map<string, { readonly talker: Talker; readonly until: number }>();
const personOf = new Map<string, string>();
let lateMs = 0;
let dueAt = systemClock.now() + TICK_MS;

function tell(message: FromCallers): void {
  process.send?.(message);
}

function struck(kind: StrikeKind, forMs: number, person?: string): void {
  const from = systemClock.now();
  const whom: Partial<Strike> = person === undefined ? {} : { person };
  tell({ kind: 'struck', strike: { kind, from, to: from + forMs, carrier, ...whom } });
}

function begin(line: Line): void {
  number += 1;
  const person = theirNumber(carrier, number);
  const talker = new Talker(line, random);
  const isInbound = !random.once(OUTBOUND_PER);
  const manner: Manner = {
    answersAfterMs: random.between(200, 2_000),
    isBusy: !isInbound && random.once(BUSY_PER),
    reply: () => talker.reply(),
  };
  if (isInbound) {
    join(exchange.dialIn(line, person, manner), talker);
    return;
  }
  exchange.expect(person, manner);
  awaited.set(person, { talker, until: systemClock.now() + DIALLED_WITHIN_MS });
  tell({ kind: 'place', line, to: person });
}

function join(leg: Leg, talker: Talker): void {
  live.set(leg, talker);
  personOf.set(leg.id, leg.person);
  talker.on(leg);
}

/** Calls that we placed. A second one to the same person is a story of its own: the verdict finds it. */
function welcome(): void {
  const fresh = exchange.legs(seen);
  seen += fresh.length;
  for (const leg of fresh) {
    const known = leg.isInbound ? undefined : awaited.get(leg.person);
    if (known) join(leg, known.talker.leg ? new Talker(known.talker.line, random) : known.talker);
  }
}

/** What happens by chance to a call that is on. */
function chance({ call, id, person }: Leg, talker: Talker): void {
  if (call.answeredAt === undefined) return;
  if (hasFaults && call.stream?.isOpen && random.once(DROP_PER)) {
    struck('media socket dropped', DROP_AFTERMATH_MS, person);
    call.stream.drop();
  }
  if (talker.endAskedAt === null && random.once(END_PER)) end(talker, id);
}

function end(talker: Talker, id: string): void {
  talker.endAskedAt = systemClock.now();
  tell({ kind: 'end', line: talker.line, id });
}

function tick(): void {
  const now = systemClock.now();
  lateMs = Math.max(lateMs, now - dueAt);
  dueAt = now + TICK_MS;
  welcome();
  for (const [leg, talker] of live) {
    const { end: over } = leg.call;
    if (!over) {
      chance(leg, talker);
      continue;
    }
    live.delete(leg);
    tell({ kind: 'over', story: talker.story(leg, over) });
  }
  for (const [person, { talker, until }] of awaited)
    if (talker.leg !== null || now > until) forgetLater(person, until);
  fill();
  if (Object.values(wanted).every((calls) => calls === 0) && live.size === 0) tell({ kind: 'quiet' });
}

/** A second dialling would still be noticed for a while. */
function forgetLater(person: string, until: number): void {
  if (systemClock.now() > until) awaited.delete(person);
}

function fill(): void {
  let left = MOST_AT_ONCE;
  for (const line of lines) {
    const name = nameOf(line);
    const ofLine = ({ line: one }: Talker): boolean => nameOf(one) === name;
    const dialling = [...awaited.values()].filter(({ talker }) => talker.leg === null && ofLine(talker));
    const on = [...live.values()].filter(ofLine).length + dialling.length;
    const missing = (wanted[name] ?? 0) - on;
    for (let more = 0; more < missing && left > 0; more++, left--) begin(line);
  }
}

async function offline(): Promise<void> {
  if (!hasFaults) return;
  struck('carrier API down', OFFLINE_MS + AFTERMATH_MS);
  await exchange.twin.goOffline();
  await wait(systemClock, OFFLINE_MS);
  await exchange.twin.goOnline();
}

function finish(): void {
  for (const [{ id }, talker] of live) if (talker.endAskedAt === null) end(talker, id);
}

function sample(): CallersSample {
  const problems: Record<string, number> = {};
  for (const { code, text } of exchange.twin.problems) {
    const key = `${code} ${text.slice(0, 60)}`;
    problems[key] = (problems[key] ?? 0) + 1;
  }
  const { user, system } = process.cpuUsage();
  const taken = { carrier, live: live.size, lateMs, cpuMs: (user + system) / 1_000, problems };
  lateMs = 0;
  return taken;
}

exchange.onStruck((kind, ms, callId) => {
  const person = callId === undefined ? undefined : personOf.get(callId);
  // A call that is not there yet keeps nobody waiting.
  const aftermathMs = kind.startsWith('webhook') ? WEBHOOK_AFTERMATH_MS : AFTERMATH_MS;
  struck(kind, ms + aftermathMs, person ?? NOBODY);
});
await exchange.twin.listen();
const ticking = setInterval(tick, TICK_MS);
const timers = [
  setInterval(() => hasFaults && exchange.spoil(), SPOIL_EVERY_MS),
  setInterval(() => {
    offline().catch((error: unknown) => {
      throw error;
    });
  }, OFFLINE_EVERY_MS),
];

process.on('message', (message: ToCallers) => {
  switch (message.kind) {
    case 'ports':
      for (const line of lines) exchange.tunnel(line, message.ports[nameOf(line)] ?? 0);
      break;
    case 'keep':
      wanted = message.calls;
      hasFaults = message.faults;
      if (Object.keys(wanted).length === 0) finish();
      break;
    case 'sample':
      tell({ kind: 'sample', sample: sample() });
      break;
    case 'stop':
      for (const timer of [ticking, ...timers]) clearInterval(timer);
      void exchange.twin.close().then(() => process.disconnect());
  }
});
process.on('disconnect', () => process.exit());
tell({ kind: 'ready', apiBaseUrl: exchange.twin.apiBaseUrl, publicKey: exchange.publicKey });
