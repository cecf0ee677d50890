// Transition: the table of what may happen to a call in each phase, and what it leads to.
//
//   dialing --> ringing --> live --> ending --> ended          (outbound starts in dialing, inbound in ringing)
//      '-----------'---------'-----------------^               (whoever ends it first, decides how it ended)
//
// Rules. Time is an argument. An event a phase does not name changes nothing: duplicates and late reports are
// harmless. Nothing leaves `ended`. The first end reason wins. Every open call has a deadline.
import type { Call, DeadlineName, End, Phase, Resting } from './call.ts';
import { GOODBYE_MS, HANGUP_CONFIRM_MS, MAX_HANGUPS, RETELL_MS, SHORT_CALL_MS } from './deadline.ts';
import type { CallEvent, EventKind, EventOf } from './event.ts';
import {
  callerSaid,
  callerSilent,
  keys,
  leave,
  nextListening,
  openListening,
  openThinking,
  replyArrived,
  rest,
  restingAfterAll,
  say,
  sayFiller,
  utteranceOver,
} from './floor.ts';
import { instructionFor, keyOf } from './instruction.ts';
import { phrasesFor } from './phrases.ts';
import { beginEnding, finish, type Step, step, withDeadlines, withOutcome } from './step.ts';

/** One row: what the event does in that phase, in words, where it may lead, and the move itself. */
export interface Row<K extends EventKind> {
  readonly does: string;
  readonly to: readonly Phase[];
  readonly move: (call: Call, event: EventOf<K>) => Step;
}
type Rows = { readonly [K in EventKind]?: Row<K> };

/** What `event` makes of `call`. Never throws; the same call comes back when nothing changes. */
export function transition(call: Call, event: CallEvent): Step {
  const row = table[call.phase][event.kind] as Row<EventKind> | undefined;
  if (!row) return step(call);
  if (event.kind !== 'deadlinePassed') return row.move(call, event);
  // A deadline that was cleared meanwhile is late; one that passed is spent.
  if (call.deadlines[event.name] === undefined) return step(call);
  return row.move(withDeadlines(call, { [event.name]: null }), event);
}

const carrierEnded: Row<'carrierEnded'> = {
  does: 'the call is over',
  to: ['ended'],
  move: (call, event) => finish(call, { reason: event.reason, cause: event.cause }, event.at),
};

const tellAccepted: Row<'tellAccepted'> = {
  does: 'the carrier agreed to the instruction',
  to: ['dialing', 'ringing', 'live'],
  move: (call, event) =>
    step(
      call.line.told === event.key ? { ...call, line: { ...call.line, accepted: true, attempts: 0 } } : call,
    ),
};

const answered: Row<'answered'> = {
  does: 'say the greeting or the message, or just listen',
  to: ['live'],
  move: (call, event) => {
    const { maxDurationMs, greeting } = call.settings;
    const lastsMs = maxDurationMs >= SHORT_CALL_MS ? maxDurationMs - GOODBYE_MS : maxDurationMs;
    const live: Call = withDeadlines(
      { ...call, phase: 'live', answeredAt: event.at },
      { answer: null, maxDuration: event.at + lastsMs },
    );
    const after: Resting = call.mode === 'notify' ? { kind: 'idle' } : nextListening(live);
    const { dtmfSequence } = call.settings;
    const pressed = dtmfSequence === null ? step(live) : say(live, keys(dtmfSequence, null), after, event.at);
    if (greeting !== null) return say(pressed.call, { text: greeting, requestId: null }, after, event.at);
    return dtmfSequence === null ? rest(live, after, null, event.at) : pressed;
  },
};

const beforeAnswer = {
  carrierEnded,
  tellAccepted,
  endRequested: {
    does: 'hang up before anybody answers',
    to: ['ending'],
    move: (call, event) => beginEnding(call, event.end, event.at),
  },
  restored: {
    does: 'go on waiting; a call whose dialling was never confirmed is closed, never dialled again',
    to: ['dialing', 'ringing', 'ended'],
    move: (call, event) =>
      call.carrierCallId === null
        ? finish(call, { reason: 'error', cause: 'we were restarted while dialling' }, event.at)
        : step(call),
  },
} satisfies Rows;

const unanswered = (call: Call, event: EventOf<'deadlinePassed'>): Step =>
  event.name === 'answer'
    ? beginEnding(call, { reason: 'no-answer', cause: 'nobody answered in time' }, event.at)
    : retell(call, event);

const dialing: Rows = {
  ...beforeAnswer,
  placed: {
    does: "remember the carrier's id",
    to: ['dialing'],
    move: (call, event) =>
      call.carrierCallId === null || call.carrierCallId === event.replaces
        ? step({ ...call, carrierCallId: event.carrierCallId })
        : step(call),
  },
  dialFailed: {
    does: 'the carrier refused to dial',
    to: ['ended'],
    move: (call, event) => finish(call, { reason: 'failed', cause: event.cause }, event.at),
  },
  rang: { does: 'it rings', to: ['ringing'], move: (call) => step({ ...call, phase: 'ringing' }) },
  answered,
  deadlinePassed: { does: '`answer`: give up and hang up', to: ['ending', 'dialing'], move: unanswered },
};

const ringing: Rows = {
  ...beforeAnswer,
  placed: dialing.placed as Row<'placed'>,
  answered,
  deadlinePassed: { does: '`answer`: give up and hang up', to: ['ending', 'ringing'], move: unanswered },
  tellFailed: {
    does: 'a call we cannot pick up is over; a busy carrier is told again',
    to: ['ringing', 'ended'],
    move: (call, event) => tellFailed(call, event),
  },
};

const live: Rows = {
  carrierEnded,
  tellAccepted,
  placed: dialing.placed as Row<'placed'>,
  callerSaid: {
    does: 'note the words; the agent thinks, or whoever asked is told',
    to: ['live', 'ending'],
    move: (call, event) => wordsHeard(call, event.text, event),
  },
  digitsReceived: {
    does: 'the same as words: the keys are told to the agent',
    to: ['live', 'ending'],
    move: (call, event) => wordsHeard(call, `(pressed on the keypad: ${event.digits})`, event),
  },
  callerSilent: {
    does: 'ask again, at last say goodbye',
    to: ['live', 'ending'],
    move: (call, event) => (isOpenTurn(call, event.turn) ? callerSilent(call, event.at) : step(call)),
  },
  utterancePlayed: {
    does: 'it was heard: say what waits, listen, think on, or leave',
    to: ['live', 'ending'],
    move: (call, event) =>
      call.floor.kind === 'speaking' &&
      (event.utteranceId === null || event.utteranceId === call.floor.utterance.id)
        ? utteranceOver(call, event.at)
        : step(call),
  },
  agentReplied: {
    does: 'say the answer to the current turn, then listen; a late one is dropped',
    to: ['live', 'ending'],
    move: (call, event) =>
      openThinking(call)?.turn === event.turn ? replyArrived(call, event.text, event.at) : step(call),
  },
  agentFailed: {
    does: 'apologise, then listen',
    to: ['live', 'ending'],
    move: (call, event) => (openThinking(call)?.turn === event.turn ? apologise(call, event.at) : step(call)),
  },
  speakRequested: {
    does: 'say it after what is being said; the floor goes back to where it was',
    to: ['live'],
    move: (call, event) => {
      const resting = restingAfterAll(call);
      const after = resting.kind === 'thinking' ? resting : nextListening(call, askOf(resting));
      return say(call, { text: event.text, requestId: event.requestId }, after, event.at);
    },
  },
  digitsRequested: {
    does: 'press the keys after what is being said; the floor goes back to where it was',
    to: ['live'],
    move: (call, event) => {
      const resting = restingAfterAll(call);
      const after = resting.kind === 'thinking' ? resting : nextListening(call, askOf(resting));
      return say(call, keys(event.digits, event.requestId), after, event.at);
    },
  },
  askRequested: {
    does: 'say it, listen, and keep the answer for whoever asked',
    to: ['live'],
    move: (call, event) => {
      const spoken = say(
        withDeadlines(call, { reply: null, transcript: event.at + call.settings.transcriptTimeoutMs }),
        { text: event.text, requestId: event.askId },
        nextListening(call, event.askId),
        event.at,
      );
      return { call: spoken.call, effects: [{ kind: 'dropAgent' }, ...spoken.effects] };
    },
  },
  endRequested: {
    does: 'hang up once what we are saying was heard',
    to: ['live', 'ending'],
    move: (call, event) => {
      if (event.afterReply && openThinking(call))
        return step({ ...call, leaving: call.leaving ?? event.end });
      return leave(call, event.end, null, event.at);
    },
  },
  tellFailed: {
    does: 'a call that is gone is over; a busy carrier is told again, at last the call is ended',
    to: ['live', 'ending', 'ended'],
    move: (call, event) => tellFailed(call, event),
  },
  deadlinePassed: {
    does: 'see the table of deadlines',
    to: ['live', 'ending'],
    move: (call, event) => liveDeadlines[event.name]?.(call, event) ?? step(call),
  },
  restored: {
    does: 'tell the line again what to do; an answer that was being thought about is lost, so apologise',
    to: ['live'],
    move: (call, event) => {
      const untold: Call = { ...call, line: { ...call.line, told: null, accepted: false, attempts: 0 } };
      if (openThinking(untold)) return apologise({ ...untold, floor: { kind: 'idle' } }, event.at);
      if (untold.floor.kind !== 'listening') return step(untold);
      return rest(untold, nextListening(untold, untold.floor.askId), null, event.at);
    },
  },
};

const ending: Rows = {
  placed: dialing.placed as Row<'placed'>,
  dialFailed: dialing.dialFailed as Row<'dialFailed'>,
  carrierEnded,
  tellAccepted: {
    does: 'the carrier hung up',
    to: ['ending', 'ended'],
    move: (call, event) =>
      event.key === 'hangup' || event.key === 'reject'
        ? finish(call, { reason: 'completed', cause: 'hung up' }, event.at)
        : step(call),
  },
  tellFailed: {
    does: 'a call that is gone is over; otherwise the `hangup` deadline repeats it',
    to: ['ending', 'ended'],
    move: (call, event) =>
      event.failure.kind === 'gone'
        ? finish(call, { reason: 'completed', cause: event.failure.why }, event.at)
        : step(call),
  },
  deadlinePassed: {
    does: '`hangup`: repeat it; after the last repetition close the call on our side',
    to: ['ending', 'ended'],
    move: (call, event) => (event.name === 'hangup' ? hangUpAgain(call, event.at) : step(call)),
  },
  restored: {
    does: 'say the hang-up again',
    to: ['ending'],
    move: (call) => step({ ...call, line: { ...call.line, told: null, accepted: false, attempts: 1 } }),
  },
};

/** Every phase and what can happen in it; `ended` is the end. */
export const table: Readonly<Record<Phase, Rows>> = { dialing, ringing, live, ending, ended: {} };

const liveDeadlines: Partial<Record<DeadlineName, (call: Call, event: EventOf<'deadlinePassed'>) => Step>> = {
  played: (call, { at }) => utteranceOver(call, at),
  silence: (call, { at }) => callerSilent(call, at),
  filler: (call, { at }) => sayFiller(call, at),
  reply: (call, { at }) => replyOverdue(call, at),
  transcript: (call) => askOverdue(call),
  notifyHangup: (call, { at }) => beginEnding(call, { reason: 'hangup-bot', cause: 'message delivered' }, at),
  maxDuration: (call, { at }) => timeIsUp(call, at),
  retell: (call, event) => retell(call, event),
};

function isOpenTurn(call: Call, turn: number | null): boolean {
  const listening = openListening(call);
  return listening !== null && (turn === null || turn === listening.turn);
}

/** Words for the open turn are taken; more words while we think about the last ones start the turn anew. */
function wordsHeard(call: Call, text: string, event: { at: number; turn: number | null }): Step {
  if (text.trim() === '') return step(call);
  if (isOpenTurn(call, event.turn)) return callerSaid(call, text.trim(), event.at);
  return moreWords(call, text.trim(), event);
}

/** The caller goes on speaking while we think: the agent starts again with all they said in this turn. */
function moreWords(call: Call, text: string, { at, turn }: { at: number; turn: number | null }): Step {
  const thinking = openThinking(call);
  if (!thinking || thinking.by === 'driver' || (turn !== null && turn !== thinking.turn)) return step(call);
  const before = call.transcript.filter(
    (entry) => entry.speaker === 'caller' && entry.turn === thinking.turn,
  );
  if (before.some((entry) => entry.text === text)) return step(call);
  const words = [...before.map((entry) => entry.text), text].join(' ');
  const said = { at, speaker: 'caller', text, turn: thinking.turn } as const;
  const next: Call = { ...call, transcript: [...call.transcript, said] };
  return step(next, { kind: 'dropAgent' }, { kind: 'askAgent', turn: thinking.turn, words });
}

function askOf(resting: Resting): string | null {
  return resting.kind === 'listening' ? resting.askId : null;
}

function apologise(call: Call, at: number): Step {
  if (call.leaving) return beginEnding(call, call.leaving, at);
  return replyArrived(call, phrasesFor(call.settings.language).apology, at);
}

/** The agent took too long, or the person driving the call did: in any case listen again. */
function replyOverdue(call: Call, at: number): Step {
  const thinking = openThinking(call);
  if (!thinking) return step(call);
  const next = thinking.by === 'agent' ? apologise(call, at) : replyArrived(call, '', at);
  return { call: next.call, effects: [{ kind: 'dropAgent' }, ...next.effects] };
}

/** Nobody answered a `continue`: whoever waits learns it, the call goes on listening. */
function askOverdue(call: Call): Step {
  const askId = askOf(call.floor.kind === 'speaking' ? call.floor.after : call.floor);
  const rested = withDeadlines(call, { transcript: null });
  if (askId === null) return step(rested);
  const answer = { askId, text: null };
  if (rested.floor.kind === 'speaking' && rested.floor.after.kind === 'listening') {
    return step({
      ...rested,
      answer,
      floor: { ...rested.floor, after: { ...rested.floor.after, askId: null } },
    });
  }
  if (rested.floor.kind !== 'listening') return step(rested);
  return step({ ...rested, answer, floor: { ...rested.floor, askId: null } });
}

/** The one case where we talk over ourselves: the carrier will cut the line in a few seconds. */
function timeIsUp(call: Call, at: number): Step {
  const end: End = { reason: 'timeout', cause: 'maximum duration reached' };
  if (call.settings.maxDurationMs < SHORT_CALL_MS) return beginEnding(call, end, at);
  const cut = call.floor.kind === 'speaking' ? withOutcome(call, call.floor.utterance.id, 'cut') : call;
  const quiet: Call = withDeadlines(
    { ...cut, floor: { kind: 'idle' }, queue: [] },
    { maxDuration: at + GOODBYE_MS },
  );
  if (call.leaving) return beginEnding(quiet, call.leaving, at);
  const farewell = leave(quiet, end, phrasesFor(call.settings.language).timeIsUp, at);
  return { call: farewell.call, effects: [{ kind: 'dropAgent' }, ...farewell.effects] };
}

function tellFailed(call: Call, { key, failure, at }: EventOf<'tellFailed'>): Step {
  if (call.line.told !== key) return step(call);
  if (failure.kind === 'gone') return finish(call, { reason: 'completed', cause: failure.why }, at);
  const pauseMs = failure.kind === 'retry' ? RETELL_MS[call.line.attempts] : undefined;
  if (pauseMs === undefined) return giveUpTelling(call, failure.why, at);
  const line = { ...call.line, accepted: false, attempts: call.line.attempts + 1 };
  return step(withDeadlines({ ...call, line }, { retell: at + pauseMs }));
}

/** The carrier will not do what we say: a call nobody can steer is ended rather than left silent. */
function giveUpTelling(call: Call, why: string, at: number): Step {
  const unsaid =
    call.floor.kind === 'speaking' ? withOutcome(call, call.floor.utterance.id, 'unheard') : call;
  return beginEnding(unsaid, { reason: 'error', cause: `the carrier refused: ${why}` }, at);
}

function retell(call: Call, event: EventOf<'deadlinePassed'>): Step {
  if (event.name !== 'retell') return step(call);
  const forgotten = { ...call.line, told: call.line.accepted ? call.line.told : null };
  return step(withDeadlines({ ...call, line: forgotten }, { retell: null }));
}

function hangUpAgain(call: Call, at: number): Step {
  const attempts = call.line.attempts + 1;
  if (attempts > MAX_HANGUPS) {
    return finish(call, { reason: 'error', cause: 'the carrier never confirmed the hang-up' }, at);
  }
  const line = { ...call.line, told: null, accepted: false, attempts };
  return step(withDeadlines({ ...call, line }, { hangup: at + HANGUP_CONFIRM_MS * 2 ** attempts }));
}

/** The instruction `call` would get if it were answered at `at`: what may be given along when dialling. */
export function openingInstruction(call: Call, at: number): { key: string; call: Call } {
  const opened = transition(call, { kind: 'answered', at }).call;
  return { key: keyOf(instructionFor(opened)), call: opened };
}
