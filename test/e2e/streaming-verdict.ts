// StreamingVerdict: whether one conversation of ten turns was as it must be: by the caller's ear, and by our records.
import assert from 'node:assert/strict';
import type { DemoModel } from '../../demo/model.ts';
import type { TurnStages } from '../../src/call/call.ts';
import type { View } from './home.ts';
import { heardAfter, heardAt, heardOf, heardTwice, longestSilence } from './streaming-ear.ts';
import type { TwinCall } from './streaming-lines.ts';
import type { Stalls } from './streaming-stalls.ts';
import {
  answerTo,
  brokenIn,
  disturbedIn,
  grunt,
  interrupted,
  turns,
  voiceless,
  wordsOf,
} from './streaming-talk.ts';

/** Half of all turns are answered within this. */
const USUAL_SILENCE_MS = 2_000;
/** Nobody waits longer: the filler is due at 1.8 s and has to be made; on a busy machine that takes its time. */
const LONGEST_SILENCE_MS = 3_000;
/** The voice is out of order, is tried twice, and another one is found. */
const SILENCE_WITHOUT_VOICE_MS = 4_500;
/** The frame that was on its way when the carrier was told to clear. */
const ON_ITS_WAY_MS = 40;
/** Where we went on after a disturbance the last words may be heard again. */
const MOST_TWICE = 2;
const STAGES = [
  'speechEndAt',
  'transcriptAt',
  'modelAskedAt',
  'firstTokenAt',
  'firstSentenceAt',
  'firstAudioAt',
  'firstFrameAt',
  'heardAt',
] as const satisfies readonly (keyof TurnStages)[];

export interface Evidence {
  readonly call: TwinCall;
  readonly view: View;
  readonly model: DemoModel;
  readonly pace: { readonly firstTokenMs: number; readonly tokenMs: number };
  readonly stalls: Stalls;
}

export interface TurnReport {
  readonly turn: string;
  /** The longest silence once we had the caller's words, ms. */
  readonly silenceMs: number;
  /** From the caller's last sound to our first, ms. */
  readonly waitMs: number;
  /** How long before the model had written all of it the answer began to sound, ms. */
  readonly aheadMs: number;
}

/** Throws what is wrong; returns what was measured of each turn. */
export function judged(evidence: Evidence): readonly TurnReport[] {
  const report = turns.map((turn, index) => judgedTurn(evidence, turn, index));
  const silences = report.map(({ silenceMs }) => silenceMs).toSorted((a, b) => a - b);
  assert.ok((silences[turns.length / 2] ?? 0) <= USUAL_SILENCE_MS, `silences: ${silences.join(' ')}`);
  return report;
}

function judgedTurn({ call, view, model, pace, stalls }: Evidence, turn: string, index: number): TurnReport {
  const said = call.said.filter(({ text }) => text !== grunt);
  const [one, next] = [said[index], said[index + 1]];
  const answer = answerTo(turn);
  const takenAt = takenAtOf(view, turn);
  assert.ok(one && takenAt !== undefined, `turn ${turn} was never taken`);
  const silence = longestSilence(call, [takenAt, next?.from ?? Number.POSITIVE_INFINITY], stalls);
  const mostMs = voiceless.includes(turn) ? SILENCE_WITHOUT_VOICE_MS : LONGEST_SILENCE_MS;
  assert.ok(silence.ms <= mostMs, `${silence.ms} ms of silence in turn ${turn}`);
  judgeWords(call, turn);
  const at = heardAt(call, answer) ?? Number.NaN;
  const asked = model.requests.find((request) => request.at >= takenAt && request.answer === answer)?.at;
  const writtenAt = (asked ?? Number.NaN) + pace.firstTokenMs + (wordsOf(answer).length - 1) * pace.tokenMs;
  const { to } = one;
  return { turn, silenceMs: silence.ms, waitMs: at - to, aheadMs: writtenAt - at };
}

function takenAtOf({ transcript }: View, turn: string): number | undefined {
  const entry = transcript.find(({ speaker, text }) => speaker === 'user' && wordsOf(text).at(-1) === turn);
  return (entry as { readonly timestamp?: number } | undefined)?.timestamp;
}

function judgeWords(call: TwinCall, turn: string): void {
  const answer = answerTo(turn);
  const wanted = wordsOf(answer);
  const heard = heardOf(call, answer);
  const twice = heardTwice(heard);
  const mayRepeat = turn === disturbedIn || turn === brokenIn;
  assert.ok(twice.length <= (mayRepeat ? MOST_TWICE : 0), `heard twice in turn ${turn}: ${twice.join(' ')}`);
  const by = interrupted[turn];
  const once = [...new Set(heard)];
  if (by === undefined) {
    assert.deepEqual(once, wanted, `turn ${turn} was not heard whole`);
    return;
  }
  assert.deepEqual(once, wanted.slice(0, once.length), `turn ${turn}`);
  assert.ok(once.length < wanted.length, `nobody interrupted turn ${turn}`);
  const words = call.said.find(({ text }) => wordsOf(text).at(-1) === by);
  assert.ok(words, `turn ${by} was never said`);
  const clears = call.streams.flatMap((stream) => stream.clears);
  const clearedAt = clears.find((at) => at >= words.from && at <= words.to);
  assert.ok(clearedAt !== undefined, `the interruption of turn ${turn} cleared nothing`);
  assert.deepEqual(
    heardAfter(call, answer, clearedAt + ON_ITS_WAY_MS),
    [],
    `after the clear in turn ${turn}`,
  );
}

/** Every stage of the turn was reached, one after the other. */
export function judgeStages(stages: TurnStages | undefined): void {
  assert.ok(stages, 'the turn has no stages');
  const times = STAGES.map((name) => stages[name] ?? assert.fail(`${name} is missing`));
  assert.deepEqual(
    times.toSorted((a, b) => a - b),
    times,
    JSON.stringify(stages),
  );
}

/** What was said, heard and measured, for whoever has to find out what went wrong. */
export function storyOf({ call, view }: Pick<Evidence, 'call' | 'view'>): string {
  const since = (at: number): number => Math.round(at - call.createdAt);
  const said = call.said.map(({ from, to, text }) => `${since(from)}-${since(to)} ${text}`);
  const heard = call.ear.words.map(({ from, text }) => `${since(from)} ${text}`);
  const { turns: times } = view['metadata'] as { readonly turns: readonly unknown[] };
  return [
    `said: ${said.join(' | ')}`,
    `heard: ${heard.join(' | ')}`,
    `cleared: ${call.streams.map(({ clears }) => clears.map(since).join(' ')).join(' / ')}`,
    `record: ${view.transcript.map(({ speaker, text }) => `${speaker}: ${text}`).join(' | ')}`,
    `turns: ${JSON.stringify(times)}`,
  ].join('\n');
}
