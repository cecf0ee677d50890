// RealtimeCalls: the calls of the end-to-end test with a voice model, each from its begin to our verdict.
import assert from 'node:assert/strict';
import { systemClock, wait } from '../../src/lib/clock.ts';
import type { Home, View } from './home.ts';
import type { ModelName, RealtimeModels } from './realtime-models.ts';
import { asks, isPatient, networkLostAt, providerLostAt, talks } from './realtime-talk.ts';
import {
  type CallAndView,
  judgeLosses,
  judgeMeeting,
  judgeQuestion,
  judgeTalk,
  storyOf,
} from './realtime-verdict.ts';
import type { CarrierLine, Script, TwinCall } from './streaming-lines.ts';

export interface Stage {
  readonly home: Home;
  readonly line: CarrierLine;
  readonly models: RealtimeModels;
  readonly model: ModelName;
  /** For whoever has to find out what went wrong. */
  readonly tell: (text: string) => void;
}

const CALL_MS = 60_000;
const [TALKER, ASKER, PATIENT] = ['+15550002222', '+15550003333', '+15550004444'];
/** Nobody is called twice at a carrier. */
const MEETINGS: Readonly<Record<ModelName, string>> = { openai: '+15550001111', google: '+15550001112' };
const INTRODUCTION = 'Hello team.';
/** So long after a meeting was called it is told who joins. */
const INTRODUCED_AFTER_MS = 5_000;
const PIN = '4711#';
/** Meetings ask for it after a while: "w" is half a second. */
const WAITS = 'w'.repeat(24);

/** Turns, and an interruption. */
export async function talk(stage: Stage): Promise<void> {
  const held = await holds(stage, TALKER, talks);
  const { models, model } = stage;
  const session = models.thatHeard(model, 'One') ?? assert.fail('no model heard the caller');
  judge(stage, held, () => judgeTalk(held, session));
}

/** A question for the agent; then the model hangs up. */
export async function ask(stage: Stage): Promise<void> {
  const held = await holds(stage, ASKER, asks);
  judge(stage, held, () => judgeQuestion(held));
}

/** The provider is lost in the middle of an answer, and the network in the middle of another. */
export async function lose(stage: Stage): Promise<void> {
  const { models, model } = stage;
  const held = await holds(stage, PATIENT, isPatient, (call) => {
    const heard = new Set<string>();
    call.ear.listen({
      wordHeard: ({ text }) => {
        if (heard.has(text)) return;
        heard.add(text);
        if (text === providerLostAt) models.thatHeard(model, 'Six')?.drop();
        if (text === networkLostAt) setImmediate(() => call.stream?.drop());
      },
    });
  });
  judge(stage, held, () => judgeLosses(held));
}

/** As a meeting plugin does it: the keys, and five seconds later the introduction. */
export async function meet(stage: Stage): Promise<void> {
  const { home, line, model } = stage;
  const to = MEETINGS[model];
  const joined = line.expect(to, (person) => person.answersAfter(500));
  const { callId } = await home.rpc<View>('voicecall.start', {
    to,
    mode: 'conversation',
    dtmfSequence: `${WAITS}${PIN}`,
  });
  await wait(systemClock, INTRODUCED_AFTER_MS);
  const introduction = { callId, message: INTRODUCTION, allowTwimlFallback: false };
  const spoken = await home.rpc<{ readonly success?: boolean }>('voicecall.speak', introduction, CALL_MS);
  assert.equal(spoken.success, true);
  const call = joined();
  await until(() => call.ear.text.includes(INTRODUCTION), CALL_MS);
  await home.rpc('voicecall.end', { callId });
  await until(() => !call.isAlive, CALL_MS);
  const held = { call, view: await viewOf(home, to) };
  judge(stage, held, () => judgeMeeting(call, PIN, INTRODUCTION));
}

async function holds(
  { home, line, tell }: Stage,
  from: string,
  script: Script,
  begun: (call: TwinCall) => void = () => undefined,
): Promise<CallAndView> {
  const call = line.dialIn(from, script);
  begun(call);
  try {
    await until(() => !call.isAlive, CALL_MS);
  } catch (error) {
    tell(storyOf({ call, view: await viewOf(home, from) }));
    throw error;
  }
  return { call, view: await viewOf(home, from) };
}

/** Our record of the latest call with somebody. */
async function viewOf(home: Home, party: string): Promise<View> {
  const { calls } = await home.rpc<{ calls: View[] }>('voicecall.status', { limit: 10 });
  const found = calls.find((call) => call['from'] === party || call['to'] === party);
  const { call } = await home.rpc<{ call: View }>('voicecall.status', { callId: found?.callId });
  return call;
}

function judge({ tell }: Stage, held: CallAndView, verdict: () => string): void {
  try {
    tell(verdict());
  } catch (error) {
    tell(`${String(error)}\n${storyOf(held)}`);
    throw error;
  }
}

async function until(isSo: () => boolean, withinMs: number): Promise<void> {
  const end = systemClock.now() + withinMs;
  while (!isSo()) {
    if (systemClock.now() > end) throw new Error('it did not come about in time');
    await wait(systemClock, 100);
  }
}
