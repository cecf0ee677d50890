// RealtimeVerdict: whether calls with a voice model were as they must be: by the caller's ear, the model, our records.
import assert from 'node:assert/strict';
import { believed } from '../../sim/media/voice-model-script.ts';
import type { VoiceModelSession } from '../../sim/media/voice-model-session.ts';
import { keysIn } from '../story/dialled-tones.ts';
import type { View } from './home.ts';
import {
  agentAnswer,
  answerTo,
  GREETING,
  goodbye,
  interrupts,
  networkLostIn,
  providerLostIn,
  question,
  sorry,
  waiting,
} from './realtime-talk.ts';
import { heardAfter, heardOf, heardTwice } from './streaming-ear.ts';
import type { TwinCall } from './streaming-lines.ts';
import { wordsOf } from './streaming-talk.ts';

/** Who asks something hears within this that somebody looks, and then again and again. */
const FIRST_WORD_MS = 3_500;
const NEXT_WORD_MS = 6_000;
/** The frame that was on its way when the carrier was told to clear. */
const ON_ITS_WAY_MS = 40;
/** The carrier confirms that the goodbye was heard, and hangs up. */
const HANG_UP_MS = 3_000;
/** Where we went on after the network broke the last words may be heard again. */
const MOST_TWICE = 2;

export interface CallAndView {
  readonly call: TwinCall;
  readonly view: View;
}

/** Greeting and turns, one of them interrupted. Each verdict returns what it measured. */
export function judgeTalk({ call, view }: CallAndView, session: VoiceModelSession): string {
  heardOnce(call, [GREETING, ...['one', 'two', 'four'].map(answerTo)]);
  const clearedMs = judgeInterruption(call, session);
  assert.deepEqual(saidBy(view, 'user'), ['One', 'Two', 'Three', interrupts]);
  const ours = saidBy(view, 'bot');
  assert.deepEqual(ours.slice(0, 3), [GREETING, answerTo('one'), answerTo('two')]);
  assert.ok(answerTo('three').startsWith(ours[3] ?? '-'), `on record of the answer that was cut: ${ours[3]}`);
  assert.deepEqual(ours.slice(4), [answerTo('four')]);
  assert.equal(call.streams.length, 1);
  const waits = call.said.map(
    ({ to }) => (call.ear.stretches.find(({ from }) => from > to)?.from ?? NaN) - to,
  );
  return `from the last sound to the first of ours, ms: ${waits.join(' ')}; cleared after ${clearedMs}`;
}

/** Greeting, a question for the agent, and a goodbye that is heard before we hang up. */
export function judgeQuestion({ call, view }: CallAndView): string {
  heardOnce(call, [GREETING, agentAnswer, goodbye]);
  const pauses = judgeWaiting(call);
  const end = call.ear.words.at(-1)?.to ?? 0;
  const over = call.ear.frames.at(-1)?.at ?? 0;
  assert.ok(over - end < HANG_UP_MS, `hung up ${over - end} ms after the goodbye`);
  assert.equal(view['endReason'], 'hangup-bot');
  assert.deepEqual(saidBy(view, 'user'), [question, 'That is all']);
  const ours = saidBy(view, 'bot').filter((text) => text !== waiting);
  assert.deepEqual(ours, [GREETING, agentAnswer, goodbye]);
  assert.equal(call.streams.length, 1);
  return `while the agent thinks something is heard after, ms: ${pauses.join(' ')}; hung up ${over - end} after the goodbye`;
}

function judgeInterruption(call: TwinCall, session: VoiceModelSession): number {
  const answer = answerTo('three');
  const heard = heardOf(call, answer);
  const wanted = wordsOf(answer);
  assert.deepEqual(heard, wanted.slice(0, heard.length), 'in order');
  assert.ok(heard.length >= 3 && heard.length < wanted.length, `nobody interrupted: ${heard.join(' ')}`);
  const words = call.said.find(({ text }) => text === interrupts);
  const clearedAt = call.streams.flatMap(({ clears }) => clears).find((at) => at >= (words?.from ?? 0));
  assert.ok(words && clearedAt !== undefined && clearedAt <= words.to, 'the interruption cleared nothing');
  assert.deepEqual(heardAfter(call, answer, clearedAt + ON_ITS_WAY_MS), [], 'after the clear');
  const said = session.said.find(({ text }) => text === answer) ?? assert.fail('it never said it');
  const apart = Math.abs(wordsOf(believed(said)).length - heard.length);
  assert.ok(apart <= 1, `the model believes "${believed(said)}", heard was "${heard.join(' ')}"`);
  return clearedAt - words.from;
}

/** Something is heard soon after the question, and again and again until the answer. */
function judgeWaiting(call: TwinCall): readonly number[] {
  const asked = call.said.find(({ text }) => text === question) ?? assert.fail();
  const [first = ''] = wordsOf(agentAnswer);
  const answered = call.ear.words.find(({ text }) => wordsOf(text)[0] === first) ?? assert.fail();
  const begins = call.ear.stretches.map(({ from }) => from).filter((at) => at > asked.to);
  const heard = [asked.to, ...begins.filter((at) => at < answered.from), answered.from];
  const pauses = heard.slice(1).map((at, index) => at - (heard[index] ?? 0));
  const [acknowledged = 0, ...more] = pauses;
  assert.ok(acknowledged < FIRST_WORD_MS, `nothing was heard for ${acknowledged} ms`);
  assert.ok(more.length > 1, 'no progress was heard');
  assert.ok(Math.max(...more) < NEXT_WORD_MS, `pauses: ${pauses.join(' ')}`);
  return pauses;
}

/** The caller heard the greeting and these answers, the provider and the network were lost, and nobody started over. */
export function judgeLosses({ call, view }: CallAndView): string {
  heardOnce(call, [GREETING, answerTo('six')]);
  const lost = heardOf(call, answerTo(providerLostIn));
  const wanted = wordsOf(answerTo(providerLostIn));
  assert.deepEqual(
    lost,
    wanted.slice(0, lost.length),
    'what was heard of the answer whose provider was lost',
  );
  assert.deepEqual(heardOf(call, sorry), wordsOf(sorry), 'the model went on');
  const broken = heardOf(call, answerTo(networkLostIn));
  assert.deepEqual([...new Set(broken)], wordsOf(answerTo(networkLostIn)), 'the answer whose stream broke');
  assert.ok(heardTwice(broken).length <= MOST_TWICE, `heard twice: ${heardTwice(broken).join(' ')}`);
  assert.equal(call.streams.length, 2, 'the network broke once');
  assert.deepEqual(saidBy(view, 'user'), ['Six', 'Seven', 'Eight']);
  const [greeting, six, part, ...rest] = saidBy(view, 'bot');
  assert.deepEqual([greeting, six, ...rest], [GREETING, answerTo('six'), sorry, answerTo(networkLostIn)]);
  assert.ok(answerTo(providerLostIn).startsWith(part ?? '-'), `on record of what broke off: ${part}`);
  return `the model was back in voice ${firstAt(call, sorry) - lastAt(call, answerTo(providerLostIn))} ms after its answer broke off`;
}

/** The keys first, without a word over them; then what the meeting was to be told. */
export function judgeMeeting(call: TwinCall, keys: string, message: string): string {
  const [first] = call.ear.words;
  assert.equal(keysIn(call.ear.sound(0, first?.from)), keys, 'the keys come first');
  assert.equal(keysIn(call.ear.sound()), keys);
  heardOnce(call, [message]);
  assert.equal(call.streams.length, 1);
  return `introduced ${Math.round((first?.from ?? 0) - call.createdAt)} ms after dialling`;
}

/** When the first word of a text began. */
function firstAt({ ear }: TwinCall, text: string): number {
  return ear.words.find((word) => wordsOf(word.text)[0] === wordsOf(text)[0])?.from ?? Number.NaN;
}

/** When the last word of a text that was heard ended. */
function lastAt({ ear }: TwinCall, text: string): number {
  return ear.words.findLast((word) => wordsOf(text).includes(wordsOf(word.text)[0] ?? ''))?.to ?? Number.NaN;
}

/** Whole, in order and never again. */
function heardOnce(call: TwinCall, texts: readonly string[]): void {
  for (const text of texts) assert.deepEqual(heardOf(call, text), wordsOf(text), text);
}

function saidBy({ transcript }: View, who: string): readonly string[] {
  return transcript.filter(({ speaker }) => speaker === who).map(({ text }) => text);
}

/** What was said, heard and recorded, for whoever has to find out what went wrong. */
export function storyOf({ call, view }: CallAndView): string {
  const since = (at: number): number => Math.round(at - call.createdAt);
  const said = call.said.map(({ from, to, text }) => `${since(from)}-${since(to)} ${text}`);
  const heard = call.ear.stretches.map(({ from, to, text }) => `${since(from)}-${since(to)} ${text}`);
  return [
    `said: ${said.join(' | ')}`,
    `heard: ${heard.join(' | ')}`,
    `cleared: ${call.streams.map(({ clears }) => clears.map(since).join(' ')).join(' / ')}`,
    `record: ${view.transcript.map(({ speaker, text }) => `${speaker}: ${text}`).join(' | ')}`,
    `ended: ${String(view['endReason'])}`,
  ].join('\n');
}
