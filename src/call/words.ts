// Words: what the caller says, and what it means when they say nothing.
import { pendingAsk, settleAsk } from './ask.ts';
import { type Call, carrierGathers, isHosted, type Resting } from './call.ts';
import { FIRST_FILLER_MS, MAX_SILENCES, silenceMs } from './deadline.ts';
import type { EventOf } from './event.ts';
import {
  leave,
  nextListening,
  openListening,
  openThinking,
  rest,
  say,
  speak,
  utteranceOver,
} from './floor.ts';
import { isInterruptible } from './instruction.ts';
import { phrasesFor } from './phrases.ts';
import { type Step, step, withDeadlines, withOutcome } from './step.ts';
import { forgetQueue } from './stream.ts';

interface Heard {
  readonly at: number;
  readonly turn: number | null;
  /** They are certainly new, even if they equal what was said before. */
  readonly areNew?: boolean;
}

/** Words for the open turn are taken; more words while we think about the last ones are thought about too. */
export function wordsHeard(call: Call, text: string, heard: Heard): Step {
  const words = text.trim();
  const isOpen = isOpenTurn(call, heard.turn);
  // A carrier that asks has stopped listening when it comes back with nothing.
  if (words === '') return isOpen && carrierGathers(call) ? callerSilent(call, heard.at) : step(call);
  if (call.leaving) return wordsWhileLeaving(call, words, heard);
  return isOpen ? callerSaid(call, words, heard.at) : moreWords(call, words, heard);
}

export function isOpenTurn(call: Call, turn: number | null): boolean {
  const listening = openListening(call);
  return listening !== null && (turn === null || turn === listening.turn);
}

/** The voice model has heard these words; they are the answer to a question somebody asked, or its own affair. */
export function modelHeard(call: Call, text: string, at: number): Step {
  const words = text.trim();
  if (words === '') return step(call);
  return hosted(answered(call, words), words, at);
}

/** Whoever asked has their answer; what the model makes of it is its own affair. */
function answered(call: Call, text: string): Call {
  const listening = openListening(call);
  return listening === null || listening.askId === null ? call : settleAsk(call, text);
}

/** Noted, and for the voice model to answer: we go on listening. */
function hosted(call: Call, text: string, at: number): Step {
  const noted = note(call, text, call.turn, at);
  if (noted.floor.kind !== 'listening') return step(noted);
  const listening: Call = { ...noted, floor: { ...noted.floor, silences: 0 } };
  return step(withDeadlines(listening, { silence: at + silenceMs(call) }));
}

/** What the voice model said by itself is on record; the caller is not silent while it speaks. */
export function modelSaid(call: Call, { text, isCut, at }: EventOf<'modelSaid'>): Step {
  const entry = {
    at,
    speaker: 'agent',
    text,
    utteranceId: `u${call.said + 1}`,
    requestId: null,
    outcome: isCut ? 'cut' : 'heard',
  } as const;
  const said: Call = { ...call, said: call.said + 1, transcript: [...call.transcript, entry] };
  return call.deadlines.silence === undefined
    ? step(said)
    : step(withDeadlines(said, { silence: at + silenceMs(call) }));
}

/** The caller answers the open listening: the agent thinks, or whoever asked is told. */
function callerSaid(call: Call, text: string, at: number): Step {
  const listening = openListening(call);
  if (!listening) return step(call);
  if (isHosted(call)) {
    const moved = hosted(answered(call, text), text, at);
    // What was asked of the caller by somebody else is not the model's to answer.
    if (listening.askId !== null) return moved;
    return { call: moved.call, effects: [...moved.effects, { kind: 'tellModel', words: text }] };
  }
  const over = spokenOver(call);
  const free = listening.askId === null ? over : settleAsk(over, text);
  // Somebody who asks, or is about to, takes the answer; then the agent stays out of it.
  const driven = listening.askId !== null || call.queue.some((item) => asks(item.after));
  const { turn } = listening;
  const heard: Call = {
    ...withDeadlines(note(free, text, turn, at), { reply: at + call.settings.responseTimeoutMs }),
    turns: [...call.turns, { turn, listenedFromAt: listenedFrom(call, at), saidAt: at, repliedAt: null }],
  };
  const moved = afterWords(
    heard,
    { kind: 'thinking', turn, by: driven ? 'driver' : 'agent', fillers: 0 },
    at,
  );
  return driven ? moved : step(moved.call, { kind: 'askAgent', turn, words: text });
}

/** They answer what is being said: heard where the carrier plays prompts to their end, cut on our own stream. */
function spokenOver(call: Call): Call {
  if (call.floor.kind !== 'speaking' || isSaidToItsEnd(call)) return call;
  return withOutcome(call, call.floor.utterance.id, call.stream === null ? 'heard' : 'cut');
}

/** On our own stream what cannot be interrupted is said on; whoever spoke over it is answered after it. */
function isSaidToItsEnd(call: Call): boolean {
  const { floor, stream } = call;
  return stream !== null && floor.kind === 'speaking' && !isInterruptible(call, floor.utterance);
}

function asks(place: Resting): boolean {
  return place.kind === 'listening' && place.askId !== null;
}

/** Things already queued are still said, then the floor goes to `thinking`; a queued question keeps its listening. */
function afterWords(call: Call, thinking: Resting, at: number): Step {
  const [next, ...queue] = call.queue.map((item) => (asks(item.after) ? item : { ...item, after: thinking }));
  if (call.floor.kind === 'speaking' && isSaidToItsEnd(call)) {
    return step({ ...call, queue: next ? [next, ...queue] : [], floor: { ...call.floor, after: thinking } });
  }
  const silent: Call = { ...call, floor: { kind: 'idle' }, queue };
  return next ? step(speak(silent, next, at)) : rest(silent, thinking, null, at);
}

function note(call: Call, text: string, turn: number, at: number): Call {
  return { ...call, transcript: [...call.transcript, { at, speaker: 'caller', text, turn }] };
}

function listenedFrom(call: Call, at: number): number {
  const spoken = call.transcript.at(-1);
  return spoken?.at ?? call.answeredAt ?? at;
}

/** The caller goes on speaking while nobody listens for a turn. */
function moreWords(call: Call, text: string, { at, turn, areNew = false }: Heard): Step {
  const thinking = openThinking(call);
  if (!thinking) return turn === null ? interjection(call, text, at) : step(call);
  if (turn !== null && turn !== thinking.turn) return step(call);
  const before = call.transcript.filter(
    (entry) => entry.speaker === 'caller' && entry.turn === thinking.turn,
  );
  if (!areNew && before.some((entry) => entry.text === text)) return step(call);
  const noted = note(interrupted(call, thinking, at), text, thinking.turn, at);
  if (thinking.by === 'driver') return step(noted);
  const { filler } = noted.deadlines;
  const patient = withDeadlines(
    noted,
    filler === undefined ? {} : { filler: Math.max(filler, at + FIRST_FILLER_MS) },
  );
  // The agent starts again with all that was said in this turn.
  const words = [...before.map((entry) => entry.text), text].join(' ');
  return step(patient, { kind: 'dropAgent' }, { kind: 'askAgent', turn: thinking.turn, words });
}

/** On a media stream, words over an answer stop it: it answers less than was said. */
function interrupted(call: Call, thinking: Resting, at: number): Call {
  if (call.stream === null || call.floor.kind !== 'speaking' || isSaidToItsEnd(call)) return call;
  const cut = forgetQueue(withOutcome(call, call.floor.utterance.id, 'cut'), at);
  const free = withDeadlines(
    { ...cut, floor: { kind: 'idle' } },
    { reply: at + call.settings.responseTimeoutMs },
  );
  return rest(free, thinking, null, at).call;
}

/** Words while an answer is about to be said after something else: said all the same, but a new turn begins. */
function interjection(call: Call, text: string, at: number): Step {
  if (call.mode === 'notify' || call.floor.kind !== 'speaking') return step(call);
  // A question is about to be asked: its answer is a turn of its own.
  if (call.queue.some((item) => asks(item.after))) return step(note(call, text, call.turn, at));
  const said = withOutcome(call, call.floor.utterance.id, 'cut');
  // On our own stream what was to follow is not said either.
  const cut = call.stream === null ? said : forgetQueue(said, at);
  const listening = nextListening(call);
  return callerSaid({ ...cut, floor: { ...listening, prompt: null }, turn: listening.turn }, text, at);
}

/** We are about to hang up: the words are kept, nobody answers them, and a goodbye is still said to its end. */
function wordsWhileLeaving(call: Call, text: string, { at, turn }: Heard): Step {
  const known = openListening(call)?.turn ?? openThinking(call)?.turn ?? call.turn;
  if (call.mode === 'notify' || (turn !== null && turn !== known)) return step(call);
  const repeated = call.transcript.some((entry) => entry.speaker === 'caller' && entry.turn === known);
  if (turn !== null && repeated) return step(call);
  const noted = note(call, text, known, at);
  // A carrier that asks speaks no more once it has words for us.
  return carrierGathers(call) && isOpenTurn(call, turn) ? utteranceOver(noted, at, true) : step(noted);
}

/** Nobody spoke: ask again, at last say goodbye. Never an implicit hang-up. */
export function callerSilent(call: Call, at: number): Step {
  const listening = openListening(call);
  if (!listening) return step(call);
  if (call.leaving) return carrierGathers(call) ? utteranceOver(call, at, true) : step(call);
  const over = call.floor.kind === 'speaking' ? withOutcome(call, call.floor.utterance.id, 'heard') : call;
  const quiet: Call = { ...over, floor: { kind: 'idle' } };
  const [waiting, ...queue] = quiet.queue;
  if (waiting) return step(speak({ ...quiet, queue }, waiting, at));
  const phrases = phrasesFor(call.settings.language);
  const again = nextListening(quiet, listening.askId, listening.silences + 1);
  if (listening.silences >= MAX_SILENCES) {
    // Somebody waits for these words until their own deadline: go on listening, but do not nag.
    if (pendingAsk(call) !== null) return rest(quiet, again, null, at);
    return leave(quiet, { reason: 'completed', cause: 'the caller was silent' }, phrases.goodbyeSilent, at);
  }
  return say(quiet, { text: phrases.stillThere, requestId: null }, again, at);
}
