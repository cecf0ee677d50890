// Bench: the real app filled with two-way calls until it says that the machine carries no more, and what becomes of those
// who call then: all are told so, who talks notices nothing, and when half have hung up there is room again.
import type { TwinCall } from '../sim/twilio/call.ts';
import { Caller } from '../sim/twilio/caller.ts';
import { sign } from '../sim/twilio/signature.ts';
import { TwilioTwin } from '../sim/twilio/twin.ts';
import { phrasesFor } from '../src/call/phrases.ts';
import { systemClock } from '../src/lib/clock.ts';
import { Helper } from '../tools/helper.ts';
import {
  codeFor,
  HEAD,
  keep,
  machine,
  machineMs,
  option,
  pooled,
  print,
  printRow,
  rowOf,
  rowOfSpread,
  type Spread,
} from './figures.ts';
import type { FromClient, Seen, Target, ToClient } from './media-wire.ts';
import { ACCOUNT, type FromHouse, ORIGIN, OUR_NUMBER, PUBLIC_URL, type ToHouse } from './overload-wire.ts';

/** Some eight calls a second: the house sees within five seconds what they do to it. */
const BATCH = Number(option('batch') ?? 20);
const MOST = Number(option('most') ?? 1_200);
const STEP_MS = 2_500;
const LATE_CALLERS = 20;
const NEW_CALLERS = 5;
/** What the callers who are told hear takes about 5 s; they are gone soon after. */
const TOLD_MS = 12_000;
const GONE_WITHIN_MS = 20_000;
const ROOM_WITHIN_MS = 30_000;
/** Sound leaves 200 ms ahead: half of that is never heard, whatever else is on the way. */
const UNHEARD_MS = 100;
/** A caller waits no longer for a sign of life. */
const ANSWER_MS = 2_000;
const { busy: SENTENCE } = phrasesFor('en-US');

const twin = new TwilioTwin({ clock: systemClock, ...ACCOUNT });
await twin.listen();
const house = new Helper<ToHouse, FromHouse>(new URL('./overload-house.ts', import.meta.url), [
  twin.apiBaseUrl,
]);
const { port } = await house.next('ready');
twin.tunnel(ORIGIN, `http://127.0.0.1:${port}`);
/** The phone company of those who talk: every second call is of the one that hangs up later. */
const CLIENT = new URL('./media-client.ts', import.meta.url);
const clients = [0, 1].map(() => new Helper<ToClient, FromClient>(CLIENT, ['listening']));
const sids: string[][] = [[], []];

/** Why the house takes no more calls; null: it does. */
async function fullBecause(): Promise<string | null> {
  return (await house.ask({ kind: 'look' }, 'looked')).full;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function webhook(callSid: string, status: 'ringing' | 'completed'): Promise<string> {
  const fields = {
    AccountSid: ACCOUNT.accountSid,
    CallSid: callSid,
    CallStatus: status,
    Direction: 'inbound',
    From: '+15550001234',
    To: OUR_NUMBER,
  };
  const signature = sign(ACCOUNT.authToken, PUBLIC_URL, Object.entries(fields));
  const response = await fetch(`http://127.0.0.1:${port}/voice/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature },
    body: new URLSearchParams(fields),
  });
  if (response.status !== 200) throw new Error(`a webhook was answered ${response.status}`);
  return response.text();
}

/** Null: turned away. */
async function target(callSid: string): Promise<Target | null> {
  const twiml = await webhook(callSid, 'ringing');
  const url = /<Stream[^>]* url="([^"]+)"/.exec(twiml)?.[1];
  const token = /name="token" value="([^"]+)"/.exec(twiml)?.[1];
  return url && token ? { port, path: new URL(url).pathname, callSid, token } : null;
}

/** So many more people call, and all of them listen to a long story. */
async function more(count: number): Promise<void> {
  for (const [half, client] of clients.entries()) {
    const targets: Target[] = [];
    for (let caller = 0; caller < count / 2; caller++) {
      const callSid = `CA${half}${String(sids[half]?.length ?? 0).padStart(31, '0')}`;
      const found = await target(callSid);
      if (!found) break;
      sids[half]?.push(callSid);
      targets.push(found);
    }
    if (targets.length === 0) continue;
    client.tell({ kind: 'connect', targets });
    await client.next('connected');
  }
}

/** The cadence of all who talk, for so long. */
async function seen(
  ms: number,
): Promise<{ readonly offBeat: Spread; readonly lost: number; readonly rate: number }> {
  const views = await Promise.all(
    clients.map(async (client): Promise<Seen> => {
      client.tell({ kind: 'measure', ms });
      return (await client.next('seen')).seen;
    }),
  );
  return {
    offBeat: pooled(views.map(({ offBeat }) => offBeat)),
    lost: views.reduce((sum, { lost }) => sum + lost, 0),
    rate: Math.min(...views.map(({ rate }) => rate)),
  };
}

function dialIn(caller: number): TwinCall {
  return twin.dialIn({
    from: `+1555${String(2_000_000 + caller)}`,
    to: OUR_NUMBER,
    voiceUrl: PUBLIC_URL,
    statusCallback: PUBLIC_URL,
    person: new Caller().hangsUp({ afterMs: 60_000 }),
  });
}

const wasTold = ({ heard, end }: TwinCall): boolean =>
  heard.length === 1 && heard[0]?.text === SENTENCE && heard[0].cut === false && end?.by === 'plugin';

/** Ms until the carrier had its answer, of each of these. */
function answerTimes(calls: readonly TwinCall[]): readonly number[] {
  return twin.ledger.hooks
    .filter(({ kind, callSid }) => kind === 'voice' && calls.some(({ sid }) => sid === callSid))
    .map(({ at, answer }) => (answer?.at ?? Number.NaN) - at);
}

print(`The real app on Twilio's wire, filled with two-way calls. ${machine()}`);
await more(BATCH);
let before = await seen(STEP_MS);
let why = await fullBecause();
let calls = sids.flat().length;
while (why === null && calls < MOST) {
  await more(BATCH);
  calls = sids.flat().length;
  const now = await seen(STEP_MS);
  why = await fullBecause();
  const { p99 } = now.offBeat;
  print(
    `  ${String(calls).padStart(5)} calls: off 20 ms p99 ${p99.toFixed(1)} ms, ${now.rate.toFixed(1)} frames a second`,
  );
  if (why === null) before = now;
}
const isFilled = why !== null;
if (isFilled) print(`  full with ${calls} calls: ${why}`);
else print(`  ${calls} calls did not fill it: nothing more to see`);

const during = seen(TOLD_MS);
const late = Array.from({ length: isFilled ? LATE_CALLERS : 0 }, (_, caller) => dialIn(caller));
const whileFull = await during;
const goneBy = machineMs() + GONE_WITHIN_MS;
while (late.some(({ isAlive }) => isAlive) && machineMs() < goneBy) await pause(100);
const told = late.filter(wasTold);
for (const { heard, end } of late.filter((one) => !wasTold(one)))
  print(
    `  not told: heard ${JSON.stringify(heard.map(({ text }) => text))}, ended by ${end?.by ?? 'nobody'}`,
  );

const hungUpAt = machineMs();
const [leaving] = clients;
await leaving?.leave({ kind: 'leave' });
await Promise.all((sids[0] ?? []).map((sid) => webhook(sid, 'completed')));
let hasRoom = false;
while (!hasRoom && machineMs() - hungUpAt < ROOM_WITHIN_MS) {
  hasRoom = (await fullBecause()) === null;
  if (!hasRoom) await pause(100);
}
const roomMs = machineMs() - hungUpAt;
const next = Array.from({ length: NEW_CALLERS }, (_, caller) => dialIn(100 + caller));
await pause(4_000);
const taken = next.filter(({ streams }) =>
  streams.some(({ isOpen, received }) => isOpen && received.length > 0),
);

const rows = [
  rowOf(
    { id: 'overload.calls', what: 'two-way calls when the house is full', unit: 'calls', isMoreBetter: true },
    [calls],
  ),
  rowOfSpread(
    { id: 'overload.before', what: 'cadence error of running calls, the step before' },
    before.offBeat,
  ),
  rowOfSpread(
    {
      id: 'overload.full',
      what: `the same while ${LATE_CALLERS} more call`,
      limits: { p99: UNHEARD_MS },
      beside: 'overload.before',
    },
    whileFull.offBeat,
  ),
  rowOf(
    {
      id: 'overload.told',
      what: `of ${LATE_CALLERS} more, told the sentence and hung up`,
      unit: 'calls',
      isMoreBetter: true,
      limits: { p50: LATE_CALLERS },
    },
    [told.length],
  ),
  rowOf(
    { id: 'overload.answer', what: 'their webhook -> the sentence', limits: { p99: ANSWER_MS } },
    answerTimes(late),
  ),
  rowOf(
    { id: 'overload.room', what: 'half hang up -> room again', limits: { max: 20_000 } },
    hasRoom ? [roomMs] : [],
  ),
  rowOf(
    {
      id: 'overload.taken',
      what: `of ${NEW_CALLERS} more then, greeted`,
      unit: 'calls',
      isMoreBetter: true,
      limits: { p50: NEW_CALLERS },
    },
    [taken.length],
  ),
];
print();
print(HEAD);
for (const row of rows) printRow(row);
print(`  ${whileFull.lost} streams lost, ${whileFull.rate.toFixed(1)} frames a second for each who talks`);
print(`  ${machine()}`);
print(`  figures: ${keep('overload', rows)}`);
process.exitCode = isFilled ? codeFor(rows) : 0;

for (const call of twin.liveCalls()) call.streams.at(-1)?.drop();
await clients[1]?.leave({ kind: 'leave' });
await house.leave({ kind: 'leave' });
await twin.close();
