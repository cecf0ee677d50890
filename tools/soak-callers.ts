// SoakCallers: the people and the carrier of a soak, in a process of their own: a twin of Twilio with N calls at a time.
import { clip } from '../sim/media/clips.ts';
import type { TwinCall } from '../sim/twilio/call.ts';
import { Caller } from '../sim/twilio/caller.ts';
import { TwilioTwin } from '../sim/twilio/twin.ts';
import { systemClock } from '../src/lib/clock.ts';

export interface CallersReport {
  readonly calls: number;
  readonly live: number;
  readonly turns: number;
  readonly bargeIns: number;
  readonly drops: number;
  /** Turns that were owed an answer for over five seconds. */
  readonly unanswered: number;
  /** Times up to 200 ms in the middle of our speech in which the carrier had nothing to play. */
  readonly gaps: number;
  /** Ms of them. */
  readonly gapMs: number;
  /** Ms from the last sound of the caller to our first. */
  readonly answers: readonly number[];
  /** How late the twin's own frames were: what this machine, not the app, is to blame for. */
  readonly lateMs: number;
  readonly rssMb: number;
  readonly problems: Readonly<Record<string, number>>;
}

export type ToCallers =
  | { readonly kind: 'begin'; readonly port: number; readonly calls: number }
  | { readonly kind: 'finish' }
  | { readonly kind: 'sample' }
  | { readonly kind: 'stop' };
export type FromCallers =
  | { readonly kind: 'ready'; readonly apiBaseUrl: string }
  | { readonly kind: 'place'; readonly to: string }
  | { readonly kind: 'end'; readonly id: string }
  | { readonly kind: 'quiet' }
  | { readonly kind: 'sample'; readonly report: CallersReport };

const PUBLIC = 'https://voice.example.test';
const WEBHOOK = `${PUBLIC}/voice/webhook`;
const YES = clip('yes').mulaw;
const STOP = clip('stop').mulaw;
const GRUNT = YES.subarray(0, 350 * 8);
const OWED_MS = 5_000;
const STUMBLE_MS = 200;
/** Around a dropped stream nobody is blamed. */
const AROUND_DROP_MS = 2_500;
const TICK_MS = 100;
/** What was being said when the caller stopped is not their answer yet. */
const REACTION_MS = 400;
const INTERRUPTION = 'an interruption';
const GRUNT_TEXT = 'a grunt';

const twin = new TwilioTwin({
  clock: systemClock,
  accountSid: `AC${'0'.repeat(32)}`,
  authToken: 'auth-token-of-a-soak',
});
const totals = { calls: 0, turns: 0, bargeIns: 0, drops: 0, unanswered: 0, gaps: 0, gapMs: 0, lateMs: 0 };
const answers: number[] = [];
const dropsOf = new WeakMap<TwinCall, number[]>();
const judged = new WeakSet<TwinCall>();
let seed = 1;
let wanted = 0;
let number = 0;
let dialling = 0;

/** From 0 to 1, the same in every soak. */
function random(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
}

function between(from: number, to: number): number {
  return from + random() * (to - from);
}

function somebody(): Caller {
  const person = new Caller().answersAfter(between(200, 2_000));
  const turns = Math.round(between(3, 9));
  for (let turn = 0; turn < turns; turn++) {
    const dice = random();
    person.says('a question', { sound: YES, afterMs: between(200, 1_500) });
    if (dice < 0.25) person.says(INTERRUPTION, { sound: STOP, over: true, afterMs: between(2_500, 5_000) });
    else if (dice < 0.4)
      person.says(GRUNT_TEXT, { sound: GRUNT, over: true, afterMs: between(2_500, 5_000) });
  }
  return person.hangsUp({ afterMs: between(0, 6_000) });
}

function begin(): void {
  number += 1;
  const phone = `+1555${String(1_000_000 + number)}`;
  const person = somebody();
  if (random() < 0.3) {
    dialling += 1;
    twin.expect(phone, person);
    tell({ kind: 'place', to: phone });
    setTimeout(() => {
      dialling -= 1;
    }, 3_000);
  } else twin.dialIn({ from: phone, to: '+15550000001', voiceUrl: WEBHOOK, statusCallback: WEBHOOK, person });
}

/** What happens at random to the calls that are on. */
function chance(call: TwinCall): void {
  const dice = random();
  if (dice < TICK_MS / 60_000 && call.stream?.isOpen) {
    totals.drops += 1;
    dropsOf.set(call, [...(dropsOf.get(call) ?? []), systemClock.now()]);
    call.stream.drop();
  } else if (dice > 1 - TICK_MS / 120_000) tell({ kind: 'end', id: call.sid });
}

let dueAt = systemClock.now() + TICK_MS;
function tick(): void {
  const now = systemClock.now();
  totals.lateMs = Math.max(totals.lateMs, now - dueAt);
  dueAt = now + TICK_MS;
  for (const call of twin.calls) {
    if (call.isAlive) chance(call);
    else if (!judged.has(call)) judge(call);
  }
  const missing = wanted - twin.liveCalls().length - dialling;
  if (missing > 0 && random() < 0.7) begin();
  if (wanted === 0 && twin.liveCalls().length === 0) tell({ kind: 'quiet' });
}

function judge(call: TwinCall): void {
  judged.add(call);
  totals.calls += 1;
  const drops = dropsOf.get(call) ?? [];
  const isNearDrop = (at: number): boolean => drops.some((drop) => Math.abs(at - drop) < AROUND_DROP_MS);
  judgeAnswers(call, isNearDrop);
  for (const { from, to } of call.ear.gaps(STUMBLE_MS)) {
    if (isNearDrop(from)) continue;
    totals.gaps += 1;
    totals.gapMs += to - from;
  }
  letGo(call);
}

function judgeAnswers({ said, ear, end }: TwinCall, isNearDrop: (at: number) => boolean): void {
  const endedAt = end?.at ?? systemClock.now();
  for (const [index, { text, to }] of said.entries()) {
    if (text === INTERRUPTION) totals.bargeIns += 1;
    if (text === GRUNT_TEXT || isNearDrop(to)) continue;
    totals.turns += 1;
    const at = ear.firstVoiceAfter(to + REACTION_MS) ?? endedAt;
    const until = Math.min(said[index + 1]?.from ?? endedAt, endedAt);
    if (at < until) answers.push(at - to);
    if (Math.min(at, until) - to > OWED_MS) totals.unanswered += 1;
  }
}

/** What was judged is not kept: a soak is long. */
function letGo({ ear, streams }: TwinCall): void {
  ear.frames.length = 0;
  ear.words.length = 0;
  ear.stretches.length = 0;
  for (const stream of streams) {
    stream.received.length = 0;
    stream.marks.length = 0;
  }
}

function report(): CallersReport {
  const problems: Record<string, number> = {};
  for (const { code } of twin.problems) problems[code] = (problems[code] ?? 0) + 1;
  const { rss } = process.memoryUsage();
  const taken = {
    ...totals,
    live: twin.liveCalls().length,
    answers: [...answers],
    rssMb: rss / 2 ** 20,
    problems,
  };
  totals.lateMs = 0;
  return taken;
}

function tell(message: FromCallers): void {
  process.send?.(message);
}

await twin.listen();
const ticking = setInterval(tick, TICK_MS);
process.on('message', (message: ToCallers) => {
  switch (message.kind) {
    case 'begin':
      twin.tunnel(PUBLIC, `http://127.0.0.1:${message.port}`);
      wanted = message.calls;
      break;
    case 'finish':
      wanted = 0;
      for (const call of twin.liveCalls()) tell({ kind: 'end', id: call.sid });
      break;
    case 'sample':
      tell({ kind: 'sample', report: report() });
      break;
    case 'stop':
      clearInterval(ticking);
      void twin.close().then(() => process.disconnect());
  }
});
tell({ kind: 'ready', apiBaseUrl: twin.apiBaseUrl });
