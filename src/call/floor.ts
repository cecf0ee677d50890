// Floor: who may speak, on a call where the carrier speaks and listens for us. Every move of it is here.
import type { Call, End, Floor, Queued, Resting, Utterance } from './call.ts';
import {
  DRIVER_FILLER_MS,
  FIRST_FILLER_MS,
  MAX_SILENCES,
  NEXT_FILLER_MS,
  playedByMs,
  silenceMs,
} from './deadline.ts';
import { instructionFor, keyOf } from './instruction.ts';
import { phrasesFor } from './phrases.ts';
import { beginEnding, type Step, step, withDeadlines, withOutcome } from './step.ts';

const NO_FLOOR_DEADLINES = { played: null, silence: null, filler: null, reply: null, notifyHangup: null };

export interface Words {
  readonly text: string;
  readonly requestId: string | null;
  /** Set to press keys; `text` is then how the transcript shows them. */
  readonly digits?: string;
}

/** Keys as something to say. */
export function keys(digits: string, requestId: string | null): Words {
  return { text: `(keys: ${digits})`, requestId, digits };
}

/** The next turn of the caller to listen for. */
export function nextListening(call: Call, askId: string | null = null, silences = 0): Resting {
  return { kind: 'listening', turn: call.turn + 1, silences, askId };
}

/** Says `words` now, or after what is being said; then the floor goes to `then`. */
export function say(call: Call, words: Words, after: Resting, at: number): Step {
  const utterance: Utterance = { id: `u${call.said + 1}`, digits: null, ...words };
  const next: Call = {
    ...call,
    said: call.said + 1,
    turn: after.kind === 'listening' ? Math.max(call.turn, after.turn) : call.turn,
  };
  const item: Queued = { utterance, after };
  if (call.floor.kind === 'speaking') return step({ ...next, queue: [...next.queue, item] });
  return step(speak(next, item, at));
}

function speak(call: Call, { utterance, after }: Queued, at: number): Call {
  const cleared = withDeadlines(call, { ...NO_FLOOR_DEADLINES, reply: call.deadlines.reply ?? null });
  return {
    ...withDeadlines(cleared, { played: at + playedByMs(utterance, after.kind === 'listening') }),
    floor: { kind: 'speaking', utterance, after },
    transcript: [
      ...call.transcript,
      {
        at,
        speaker: 'agent',
        text: utterance.text,
        utteranceId: utterance.id,
        requestId: utterance.requestId,
        outcome: 'playing',
      },
    ],
  };
}

/** Where the floor will be when everything we still have to say is said. */
export function restingAfterAll(call: Call): Resting {
  const last = call.queue.at(-1);
  if (last) return last.after;
  return call.floor.kind === 'speaking' ? call.floor.after : call.floor;
}

/** What is being said is over: speak what waits, else rest, else leave. `heard` false: it was cut short. */
export function utteranceOver(call: Call, at: number, heard = true): Step {
  if (call.floor.kind !== 'speaking') return step(call);
  const { utterance, after } = call.floor;
  const reachedLine = call.line.told === keyOf(instructionFor(call));
  const outcome = reachedLine ? 'heard' : 'unheard';
  const settled = withOutcome(call, utterance.id, heard ? outcome : 'cut');
  const [next, ...queue] = settled.queue;
  if (next) return step(speak({ ...settled, queue }, next, at));
  return rest(settled, after, after.kind === 'listening' ? utterance : null, at);
}

/** Gives the floor to `resting`; a call that is leaving hangs up instead. */
export function rest(call: Call, resting: Resting, prompt: Utterance | null, at: number): Step {
  if (call.leaving && resting.kind !== 'thinking') return beginEnding(call, call.leaving, at);
  const floor: Floor = resting.kind === 'listening' ? { ...resting, prompt } : resting;
  const turn = resting.kind === 'listening' ? Math.max(call.turn, resting.turn) : call.turn;
  return step(withDeadlines({ ...call, floor, turn }, restDeadlines(call, resting, at)));
}

function restDeadlines(call: Call, resting: Resting, at: number): Parameters<typeof withDeadlines>[1] {
  switch (resting.kind) {
    case 'idle':
      return {
        ...NO_FLOOR_DEADLINES,
        notifyHangup: call.mode === 'notify' ? at + call.settings.notifyHangupDelayMs : null,
      };
    case 'listening':
      return { ...NO_FLOOR_DEADLINES, silence: at + silenceMs(call) };
    case 'thinking':
      return {
        ...NO_FLOOR_DEADLINES,
        filler: at + fillerMs(resting),
        reply: call.deadlines.reply ?? at + call.settings.responseTimeoutMs,
      };
  }
}

function fillerMs(thinking: Extract<Resting, { kind: 'thinking' }>): number {
  if (thinking.by === 'driver') return DRIVER_FILLER_MS;
  return thinking.fillers === 0 ? FIRST_FILLER_MS : NEXT_FILLER_MS;
}

/** The listening the caller may answer now, also while its prompt is still being said. */
export function openListening(call: Call): Extract<Resting, { kind: 'listening' }> | null {
  if (call.floor.kind === 'listening') return call.floor;
  if (call.floor.kind === 'speaking' && call.floor.after.kind === 'listening') return call.floor.after;
  return null;
}

/** The thinking that goes on, also while a filler is being said. */
export function openThinking(call: Call): Extract<Resting, { kind: 'thinking' }> | null {
  if (call.floor.kind === 'thinking') return call.floor;
  if (call.floor.kind === 'speaking' && call.floor.after.kind === 'thinking') return call.floor.after;
  return null;
}

/** The caller said `text` in answer to the open listening: the agent thinks, or whoever asked is told. */
export function callerSaid(call: Call, text: string, at: number): Step {
  const listening = openListening(call);
  if (!listening) return step(call);
  const heard = call.floor.kind === 'speaking' ? withOutcome(call, call.floor.utterance.id, 'heard') : call;
  const asked = listening.askId !== null;
  const driven = asked || call.queue.some((item) => asks(item.after));
  const thinking: Resting = {
    kind: 'thinking',
    turn: listening.turn,
    by: driven ? 'driver' : 'agent',
    fillers: 0,
  };
  const told: Call = {
    ...withDeadlines(heard, { transcript: asked ? null : (call.deadlines.transcript ?? null), reply: null }),
    answer: listening.askId === null ? call.answer : { askId: listening.askId, text },
    transcript: [...heard.transcript, { at, speaker: 'caller', text, turn: listening.turn }],
    turns: [
      ...call.turns,
      { turn: listening.turn, listenedFromAt: listenedFrom(call, at), saidAt: at, repliedAt: null },
    ],
  };
  if (told.leaving) return beginEnding(told, told.leaving, at);
  const moved = afterWords(told, thinking, at);
  if (driven) return moved;
  return step(moved.call, { kind: 'askAgent', turn: listening.turn, words: text });
}

function asks(resting: Resting): boolean {
  return resting.kind === 'listening' && resting.askId !== null;
}

/** Things already queued are still said, then the floor goes to `thinking`; a queued question keeps its listening. */
function afterWords(call: Call, thinking: Resting, at: number): Step {
  const [next, ...queue] = call.queue.map((item) => (asks(item.after) ? item : { ...item, after: thinking }));
  const silent: Call = { ...call, floor: { kind: 'idle' }, queue };
  return next ? step(speak(silent, next, at)) : rest({ ...silent, queue: [] }, thinking, null, at);
}

function listenedFrom(call: Call, at: number): number {
  const spoken = call.transcript.at(-1);
  return spoken?.at ?? call.answeredAt ?? at;
}

/** Nobody spoke: ask again, at last say goodbye. Never an implicit hang-up. */
export function callerSilent(call: Call, at: number): Step {
  const listening = openListening(call);
  if (!listening) return step(call);
  const over = call.floor.kind === 'speaking' ? withOutcome(call, call.floor.utterance.id, 'heard') : call;
  const quiet: Call = { ...over, floor: { kind: 'idle' } };
  const [waiting, ...queue] = quiet.queue;
  if (waiting) return step(speak({ ...quiet, queue }, waiting, at));
  const phrases = phrasesFor(call.settings.language);
  const again = nextListening(quiet, listening.askId, listening.silences + 1);
  if (listening.silences >= MAX_SILENCES) {
    // Somebody waits for these words until their own deadline: go on listening, but do not nag.
    if (listening.askId !== null) return rest(quiet, again, null, at);
    return leave(quiet, { reason: 'completed', cause: 'the caller was silent' }, phrases.goodbyeSilent, at);
  }
  return say(quiet, { text: phrases.stillThere, requestId: null }, again, at);
}

/** Says a last sentence, cutting nothing that is already queued, then hangs up once it was heard. */
export function leave(call: Call, end: End, farewell: string | null, at: number): Step {
  const leaving: Call = { ...call, leaving: call.leaving ?? end };
  if (farewell !== null) return say(leaving, { text: farewell, requestId: null }, { kind: 'idle' }, at);
  if (leaving.floor.kind === 'speaking') return step(leaving);
  return beginEnding(leaving, end, at);
}

/** The agent thinks too long for silence: say so, then go on waiting for it. */
export function sayFiller(call: Call, at: number): Step {
  if (call.floor.kind !== 'thinking') return step(call);
  const phrases = phrasesFor(call.settings.language);
  const text = call.floor.fillers === 0 ? phrases.oneMoment : phrases.stillWorking;
  const after: Resting = { ...call.floor, fillers: call.floor.fillers + 1 };
  return say(call, { text, requestId: null }, after, at);
}

/** There is an answer for the turn being thought about: say it and listen; empty means just listen. */
export function replyArrived(call: Call, text: string, at: number): Step {
  const answered: Call = withDeadlines(
    {
      ...call,
      turns: call.turns.map((turn, index) =>
        index === call.turns.length - 1 && turn.repliedAt === null ? { ...turn, repliedAt: at } : turn,
      ),
    },
    { reply: null, filler: null },
  );
  const after = nextListening(answered);
  if (text !== '') return say(answered, { text, requestId: null }, after, at);
  if (answered.floor.kind !== 'speaking') return rest(answered, after, null, at);
  const queue = answered.queue.map((item) => ({ ...item, after }));
  return step({ ...answered, queue, floor: { ...answered.floor, after }, turn: answered.turn + 1 });
}
