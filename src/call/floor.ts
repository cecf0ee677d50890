// Floor: who may speak, on a call where the carrier speaks and listens for us: saying, resting, leaving.
import type { Call, End, Floor, Queued, Resting, Utterance } from './call.ts';
import { DRIVER_FILLER_MS, FIRST_FILLER_MS, NEXT_FILLER_MS, playedByMs, silenceMs } from './deadline.ts';
import { phrasesFor } from './phrases.ts';
import { beginEnding, reachedLine, type Step, step, withDeadlines, withOutcome } from './step.ts';

const NO_FLOOR_DEADLINES = { played: null, silence: null, filler: null, reply: null, notifyHangup: null };

type Listening = Extract<Resting, { kind: 'listening' }>;
type Thinking = Extract<Resting, { kind: 'thinking' }>;

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
export function nextListening(call: Call, askId: string | null = null, silences = 0): Listening {
  return { kind: 'listening', turn: call.turn + 1, silences, askId };
}

/** Says `words` now, or after what is being said; then the floor goes to `after`. */
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

export function speak(call: Call, { utterance, after }: Queued, at: number): Call {
  const cleared = withDeadlines(call, { ...NO_FLOOR_DEADLINES, reply: call.deadlines.reply ?? null });
  return {
    ...withDeadlines(cleared, { played: at + playedByMs(call, utterance, after.kind) }),
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

/** What is being said is over: speak what waits, else rest, else leave. `heard` false: it never reached the line. */
export function utteranceOver(call: Call, at: number, heard: boolean): Step {
  if (call.floor.kind !== 'speaking') return step(call);
  const { utterance, after } = call.floor;
  const settled = withOutcome(call, utterance.id, heard ? 'heard' : 'unheard');
  const [next, ...queue] = settled.queue;
  if (next) return step(speak({ ...settled, queue }, next, at));
  return rest(settled, after, utterance, at);
}

/** The carrier never told us that it is over. One that was to ask and did not is told, by request, once. */
export function playedOverdue(call: Call, at: number): Step {
  if (call.floor.kind !== 'speaking') return step(call);
  if (!(call.asks && call.line.told === 'wait')) return utteranceOver(call, at, reachedLine(call));
  return step(untold(call, at));
}

/** The same call, ready to tell the line once more what it should be doing. */
export function untold(call: Call, at: number): Call {
  const next: Call = { ...call, line: { ...call.line, told: null, accepted: false } };
  if (next.phase !== 'live' || next.floor.kind !== 'speaking') return next;
  const { utterance, after } = next.floor;
  return withDeadlines(next, { played: at + playedByMs(call, utterance, after.kind) });
}

/**
 * Gives the floor to `resting`; a call that is leaving hangs up instead, and a conversation never rests idle:
 * it listens. `said` is what we said just before; the carrier that said it may be listening already.
 */
export function rest(call: Call, resting: Resting, said: Utterance | null, at: number): Step {
  if (call.leaving && resting.kind !== 'thinking') return beginEnding(call, call.leaving, at);
  const prompt = resting.kind === 'listening' && call.stream === null ? said : null;
  const place = resting.kind === 'idle' && call.mode === 'conversation' ? nextListening(call) : resting;
  const floor: Floor = place.kind === 'listening' ? { ...place, prompt } : place;
  const turn = place.kind === 'listening' ? Math.max(call.turn, place.turn) : call.turn;
  return step(withDeadlines({ ...call, floor, turn }, restDeadlines(call, place, at)));
}

function restDeadlines(call: Call, resting: Resting, at: number): Parameters<typeof withDeadlines>[1] {
  switch (resting.kind) {
    case 'idle':
      return { ...NO_FLOOR_DEADLINES, notifyHangup: at + call.settings.notifyHangupDelayMs };
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

function fillerMs(thinking: Thinking): number {
  if (thinking.by === 'driver') return DRIVER_FILLER_MS;
  return thinking.fillers === 0 ? FIRST_FILLER_MS : NEXT_FILLER_MS;
}

/** The listening the caller may answer now, also while its prompt is still being said. */
export function openListening(call: Call): Listening | null {
  if (call.floor.kind === 'listening') return call.floor;
  if (call.floor.kind === 'speaking' && call.floor.after.kind === 'listening') return call.floor.after;
  return null;
}

/** The thinking that goes on, also while a filler is being said. */
export function openThinking(call: Call): Thinking | null {
  if (call.floor.kind === 'thinking') return call.floor;
  if (call.floor.kind === 'speaking' && call.floor.after.kind === 'thinking') return call.floor.after;
  return null;
}

/** Whether the agent is thinking about `turn`; what a driver thinks about is not the agent's to answer. */
export function agentThinksAbout(call: Call, turn: number): boolean {
  const thinking = openThinking(call);
  return thinking?.by === 'agent' && thinking.turn === turn;
}

/**
 * Whoever was thinking has answered, or need not: what is being said goes on, but leads nowhere by itself. The
 * caller of this says what comes next; if nothing does, the floor listens when all is said.
 */
export function thoughtOver(call: Call, at: number): Call {
  if (!openThinking(call)) return call;
  const idle = (place: Resting): Resting => (place.kind === 'thinking' ? { kind: 'idle' } : place);
  const { floor } = call;
  const last = call.turns.length - 1;
  return {
    ...withDeadlines(call, { reply: null, filler: null }),
    floor: floor.kind === 'speaking' ? { ...floor, after: idle(floor.after) } : floor,
    queue: call.queue.map((item) => ({ ...item, after: idle(item.after) })),
    turns: call.turns.map((turn, index) =>
      index === last && turn.repliedAt === null ? { ...turn, repliedAt: at } : turn,
    ),
  };
}

/** Hangs up once what is being said was heard, with a last sentence or without. What an agent thinks is dropped. */
export function leave(call: Call, end: End, farewell: string | null, at: number): Step {
  const thinking = openThinking(call);
  const leaving: Call = { ...call, leaving: call.leaving ?? end };
  if (farewell !== null) return say(leaving, { text: farewell, requestId: null }, { kind: 'idle' }, at);
  if (leaving.floor.kind !== 'speaking') return beginEnding(leaving, end, at);
  return thinking ? step(thoughtOver(leaving, at), { kind: 'dropAgent' }) : step(leaving);
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
  const answered = thoughtOver(call, at);
  if (text.trim() !== '') {
    return say(answered, { text, requestId: null }, nextListening(answered), at);
  }
  if (answered.floor.kind === 'speaking') return step(answered);
  return rest(answered, nextListening(answered), null, at);
}
